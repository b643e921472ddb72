"""Variables, assignments and states with named fields in `tff.utils` of 0.7."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import attr
import tensorflow as tf
import tensorflow_federated as tff


@attr.s
class State(object):
  weights = attr.ib()
  num_rounds = attr.ib()


Pair = collections.namedtuple('Pair', 'a b')


def error_of(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return None
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


with tf.Graph().as_default() as graph:
  one = tff.utils.get_variables('one', tf.float32, initializer=tf.zeros_initializer())
  several = tff.utils.get_variables(
      'several', [('a', tf.int32), ('b', [('c', (tf.float32, [2]))]), tf.bool],
      initializer=tf.zeros_initializer(),
      trainable=False)
  taken = error_of(tff.utils.get_variables, 'one', tf.float32)
  with tf.variable_scope('', reuse=True):
    again = tff.utils.get_variables('one', tf.float32)
  names = [one.name, several.a.name, several.b.c.name, several[2].name]
  assign_struct = tff.utils.assign(
      several.b, tff.utils.identity(several.b))
  assign_list = tff.utils.assign([one, several.a], [tf.constant(2.5), 7])
  with tf.control_dependencies([assign_struct, assign_list]):
    read = tff.utils.identity(
        collections.OrderedDict([('one', one), ('a', several.a)]))
  trainable = [v.name for v in tf.trainable_variables()]
  with tf.Session(graph=graph) as session:
    session.run(tf.global_variables_initializer())
    values = session.run(read)


@tff.tf_computation(tf.int32, tf.int32)
def add(x, y):
  return tff.utils.identity({'sum': tf.add(x, y)})


mapping = {'a': 1, 'b': 2}
state = tff.utils.update_state(State([1, 2], 0), num_rounds=1)
print(json.dumps({
    'names': names,
    'taken': taken,
    'again': again is one,
    'type of structures': type(several).__name__,
    'trainable': trainable,
    'values': [float(values['one']), int(values['a'])],
    'add': [str(add.type_signature), type(add(1, 2)).__name__],
    'update_state': {
        'attrs': [type(state).__name__, state.weights, state.num_rounds],
        'named tuple': list(tff.utils.update_state(Pair(1, 2), b=5)),
        'mapping': [tff.utils.update_state(mapping, a=7) is mapping, mapping],
        'errors': [
            error_of(tff.utils.update_state, [1], a=2),
            error_of(tff.utils.update_state, {'a': 1}, b=2),
            error_of(tff.utils.update_state, Pair(1, 2), c=2),
        ],
    },
    'errors': [
        error_of(tff.utils.get_variables, 1, tf.int32),
        error_of(tff.utils.get_variables, 'v', tff.SequenceType(tf.int32)),
        error_of(tff.utils.identity, 'text'),
    ],
}))
