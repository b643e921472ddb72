"""Building blocks of 0.16.0, tests of types, mapped structures and the model for MNIST."""
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_federated.python.common_libs import anonymous_tuple

framework = tff.framework


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def total(x):
  return tff.federated_sum(tff.federated_map(add_one, x))


def block_of(computation):
  return framework.ComputationBuildingBlock.from_proto(
      computation._computation_proto)  # pylint: disable=protected-access


def describe(block):
  kind = 'tuple' if isinstance(block, tff.framework.Tuple) else type(block).__name__
  return [kind, str(block), str(block.type_signature)]


def error(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return 'none'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


AT_CLIENTS = tff.FederatedType(tf.int32, tff.CLIENTS)
compiled = block_of(add_one)
named = framework.CompiledComputation(compiled.proto, name='add')
typed = framework.CompiledComputation(compiled.proto, 'add', compiled.type_signature)
x = framework.Reference('x', tf.int32)
call = framework.Call(named, x)
pair = framework.Tuple([('a', call), x])
plain = framework.Tuple([x, x], container_type=tuple)
function = framework.Lambda('x', tf.int32, framework.Tuple([('a', call), ('b', x)]))
broadcast = framework.Intrinsic('federated_broadcast', tff.FunctionType(
    tff.FederatedType(tf.int32, tff.SERVER), tff.FederatedType(tf.int32, tff.CLIENTS, True)))
called = framework.building_block_to_computation(function)(4)

contains = framework.type_contains
nested = tff.StructType([('a', tf.int32), ('b', tff.StructType([tf.bool, (tf.float32, [2])]))])
AT = anonymous_tuple.AnonymousTuple
first = AT([('a', 1), (None, AT([('b', 2), ('c', 3)]))])
second = AT([('a', 10), (None, AT([('b', 20), ('c', 30)]))])

model = tff.simulation.models.mnist.create_keras_model(compile_model=True)
images = np.ones([2, 784], np.float32)
print(json.dumps({
    'blocks': [describe(each) for each in (
        named, typed, call, pair, plain, function, broadcast, framework.Placement(tff.SERVER),
        framework.Selection(pair, index=1), framework.Selection(pair, name='a'),
        framework.Block([('y', call)], framework.Reference('y', tf.int32)))],
    'reprs': [repr(each).split('(')[0] for each in (pair, broadcast, x, call)],
    'contained': [
        isinstance(pair, framework.ComputationBuildingBlock), len(pair), dir(pair),
        [str(each) for each in pair]],
    'called': [int(called.a), int(called[1])],
    'reducible': [
        error(framework.check_contains_only_reducible_intrinsics, each)
        for each in (block_of(total), broadcast, function)],
    'types': [
        contains(nested, lambda t: t.is_tensor() and t.dtype == tf.float32),
        contains(nested, lambda t: t.is_federated()),
        contains(AT_CLIENTS, lambda t: t.is_federated()),
        contains(tff.SequenceType(nested), lambda t: t.is_tensor() and t.dtype == tf.string),
        contains(total.type_signature, lambda t: t == AT_CLIENTS)],
    'mapped': [
        str(anonymous_tuple.map_structure(lambda v: v + 1, first)),
        str(anonymous_tuple.map_structure(lambda a, b: a * b, first, second)),
        error(anonymous_tuple.map_structure, lambda v: v),
        error(anonymous_tuple.map_structure, lambda v: v, [1]),
        error(anonymous_tuple.map_structure, lambda a, b: a, first, AT([('a', 1)])),
        error(anonymous_tuple.map_structure, 'text', first)],
    'model': [
        [type(layer).__name__ for layer in model.layers],
        [w.shape.as_list() for w in model.trainable_variables],
        [w.numpy().ravel()[:3].tolist() for w in model.trainable_variables],
        model.predict(images).tolist(), model.loss.name,
        float(model.evaluate(images, np.array([1, 2]), verbose=0))],
    'errors': [
        error(framework.CompiledComputation, 'text'), error(framework.Tuple, 3),
        error(framework.Tuple, [3]), error(framework.Intrinsic, 'x', 3)],
}))
