"""The classes in which results come: of the interpreting executor, and of a local one."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import attr
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

Point = collections.namedtuple("Point", ["x", "y"])


@attr.s
class Parts(object):
    first = attr.ib()
    rest = attr.ib()


@tff.tf_computation(tf.float32)
def parts(x):
    return Parts(x / 3.0, collections.OrderedDict([("twice", [x, x])]))


@tff.tf_computation(tf.float32)
def plain(x):
    return {"b": x > 1.5, "a": Point(x, (tf.strings.as_string(x),))}


@tff.tf_computation(tf.float32)
def text(x):
    return tf.strings.as_string(x)


@tff.tf_computation(tf.float32)
def rows(x):
    return tf.data.Dataset.from_tensors(collections.OrderedDict([("x", x), ("y", (x, x))])).repeat(
        2
    )


def at_clients(fn):
    @tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
    def apply(values):
        return tff.federated_map(fn, values)

    return apply


def at_server(fn):
    @tff.federated_computation(tff.FederatedType(tf.float32, tff.SERVER, True))
    def apply(value):
        return tff.federated_apply(fn, value)

    return apply


def collected(fn):
    @tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
    def collect(values):
        return tff.federated_collect(tff.federated_map(fn, values))

    return collect


@tff.federated_computation
def constants():
    return ("word", [1, 0.5])


@tff.federated_computation(
    tff.FederatedType(tf.float32, tff.CLIENTS), tff.FederatedType(tf.float32, tff.SERVER, True)
)
def broadcast(values, value):
    del values
    return tff.federated_broadcast(tff.federated_apply(parts, value))


def kind(value):
    if isinstance(value, tf.Tensor):
        return "tensor of {}".format(value.dtype.name)
    if isinstance(value, tf.data.Dataset):
        return ["dataset"] + [kind(each) for each in value]
    if isinstance(value, dict):
        return [type(value).__name__] + [[k, kind(v)] for k, v in value.items()]
    if isinstance(value, Parts):
        return ["Parts", kind(value.first), kind(value.rest)]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__] + [kind(each) for each in value]
    if type(value).__name__ == "AnonymousTuple":
        return ["AnonymousTuple"] + [kind(each) for each in value] + [dir(value)]
    return type(value).__name__


COMPUTATIONS = [parts, plain, text, rows]


def kinds():
    found = collections.OrderedDict()
    for fn in COMPUTATIONS:
        name = fn.type_signature.result
        found["tensorflow {}".format(name)] = kind(fn(1.0))
        found["clients {}".format(name)] = kind(at_clients(fn)([1.0, 2.0]))
        found["server {}".format(name)] = kind(at_server(fn)(1.0))
    found["collected parts"] = kind(collected(parts)([1.0, 2.0]))
    found["broadcast"] = kind(broadcast([1.0, 2.0], 3.0))
    found["constants"] = kind(constants())
    return found


interpreted = kinds()
interpreted["collected text"] = collected(text)([1.0, 2.0])
printed = str(at_clients(parts)([1.0])[0]), repr(at_clients(parts)([1.0])[0])
tff.framework.set_default_executor(tff.framework.create_local_executor(2))
executed = kinds()
tff.framework.set_default_executor()
print(
    json.dumps(
        {
            "interpreted": interpreted,
            "executed": executed,
            "again": kind(at_clients(text)([1.0, 2.0])),
            "printed": printed,
        }
    )
)
