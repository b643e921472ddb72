"""Literals, the only release with these blocks in public, and TensorFlow code of 0.75."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

framework = tff.framework
Literal = framework.Literal


@tff.tf_computation(np.int32)
def add_one(x):
  return x + 1


@tff.tf_computation
def polymorphic(x, y):
  return collections.OrderedDict(sum=x + y)


@tff.tf_computation(tff.SequenceType(np.int32))
def total(values):
  return values.reduce(np.int32(0), lambda x, y: x + y)


@tff.tf_computation()
def three():
  return tf.constant(3)


wrapped = tff.tf_computation(lambda x: x * 2.0, tff.TensorType(np.float32, [2]))


def error(function, *args):
  try:
    function(*args)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


INT = tff.TensorType(np.int32)
number = Literal(3, INT)
array = Literal(np.array([1.5, 2.0], np.float32), tff.TensorType(np.float32, [2]))
text = Literal('a', tff.TensorType(np.str_))
again = Literal(3, INT)
call = framework.Call(add_one.to_compiled_building_block(), number)
block = framework.Block([('x', number)], framework.Reference('x', INT))
made = framework.ConcreteComputation.from_building_block(
    framework.Lambda('y', INT, framework.Struct([('n', framework.Selection(
        framework.Struct([('a', framework.Reference('y', INT)), number]), name='a'))])))
intrinsic = framework.Intrinsic('federated_sum', tff.FunctionType(
    tff.FederatedType(np.int32, tff.CLIENTS), tff.FederatedType(np.int32, tff.SERVER)))
print(json.dumps({
    'literals': [[str(each), str(each.type_signature), type(each).__name__]
                 for each in (number, array, text)],
    'values': [number.value, array.value.tolist(), text.value.decode()],
    'equal': [number == again, hash(number) == hash(again), number == Literal(4, INT)],
    'blocks': [str(each.type_signature) for each in (call,)] + [str(each) for each in (block, intrinsic, framework.Placement(tff.SERVER))],
    'made': str(made.type_signature),
    'checks': [error(number.check_block), error(block.check_block)],
    'errors': [error(Literal, 1.5, INT), error(Literal, [1, 2], INT),
               error(Literal, np.array([1, 2]), tff.TensorType(np.int64, [3]))],
    'types': [str(each.type_signature) for each in (add_one, total, three, wrapped)],
    'results': [int(add_one(2)), float(polymorphic(1.5, 2.0)['sum']), int(polymorphic(1, 2)['sum']),
                int(total([1, 2, 3])), int(three()), np.asarray(wrapped([1.0, 2.0])).tolist()],
}))
