"""The classes in which results come: of executors, and in the reference context."""
import collections
import json

import attr
import tensorflow as tf
import tensorflow_federated as tff

Point = collections.namedtuple('Point', ['x', 'y'])


@attr.s
class Parts:
  first = attr.ib()
  rest = attr.ib()


@tff.tf_computation(tf.float32)
def parts(x):
  return Parts(x / 3.0, collections.OrderedDict(twice=[x, x]))


@tff.tf_computation(tf.float32)
def plain(x):
  return {'b': x > 1.5, 'a': Point(x, (tf.strings.as_string(x),))}


@tff.tf_computation(tf.float32)
def text(x):
  return tf.strings.as_string(x)


@tff.tf_computation(tf.float32)
def rows(x):
  return tf.data.Dataset.from_tensors(
      collections.OrderedDict(x=x, y=(x, x))).repeat(2)


def at_clients(fn):
  @tff.federated_computation(tff.type_at_clients(tf.float32))
  def apply(values):
    return tff.federated_map(fn, values)
  return apply


def at_server(fn):
  @tff.federated_computation(tff.type_at_server(tf.float32))
  def apply(value):
    return tff.federated_map(fn, value)
  return apply


def collected(fn):
  @tff.federated_computation(tff.type_at_clients(tf.float32))
  def collect(values):
    return tff.federated_collect(tff.federated_map(fn, values))
  return collect


@tff.federated_computation
def constants():
  return {'word': 'word', 'numbers': [1, 0.5]}


@tff.federated_computation(
    tff.type_at_clients(tf.float32), tff.type_at_server(tf.float32))
def several(values, value):
  return collections.OrderedDict(
      mapped=[tff.federated_map(parts, values)],
      total=tff.federated_sum(values),
      sent=tff.federated_broadcast(tff.federated_map(parts, value)))


@tff.tf_computation
def guessed(x):
  return [x, {'half': x / 2}]


def kind(value):
  if isinstance(value, tf.Tensor):
    return 'tensor of {}'.format(value.dtype.name)
  if isinstance(value, tf.data.Dataset):
    return ['dataset'] + [kind(each) for each in value]
  if isinstance(value, dict):
    return [type(value).__name__] + [[k, kind(v)] for k, v in value.items()]
  if isinstance(value, Parts):
    return ['Parts', kind(value.first), kind(value.rest)]
  if isinstance(value, (list, tuple)):
    return [type(value).__name__] + [kind(each) for each in value]
  return type(value).__name__


def kinds():
  found = collections.OrderedDict()
  for fn in [parts, plain, text, rows]:
    name = fn.type_signature.result
    found['tensorflow {}'.format(name)] = kind(fn(1.0))
    found['clients {}'.format(name)] = kind(at_clients(fn)([1.0, 2.0]))
    found['server {}'.format(name)] = kind(at_server(fn)(1.0))
  found['collected'] = kind(collected(plain)([1.0, 2.0]))
  found['several'] = kind(several([1.0, 2.0], 3.0))
  found['constants'] = kind(constants())
  found['guessed'] = kind(guessed(2.0))
  return found


executed = kinds()
words = [each.numpy().decode() for each in at_clients(text)([1.0, 2.0])]
tff.backends.reference.set_reference_context()
print(json.dumps({
    'executed': executed,
    'words': words,
    'interpreted': kinds(),
}))
