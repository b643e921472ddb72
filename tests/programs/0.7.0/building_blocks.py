"""Blocks and steps of the compiler in 0.7, and an executor for another machine."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import json

import grpc
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

framework = tff.framework


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def mean(x):
  return tff.federated_mean(x)


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def total(x):
  return tff.federated_sum(x)


def block_of(computation):
  return framework.ComputationBuildingBlock.from_proto(
      computation._computation_proto)  # pylint: disable=protected-access


def uris(block):
  found = []

  def visit(each):
    if isinstance(each, framework.Intrinsic):
      found.append(each.uri)
    return each, False

  framework.transform_postorder(block, visit)
  return found


def error(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


replaced = framework.replace_intrinsics_with_bodies(block_of(total))
mean_replaced = framework.replace_intrinsics_with_bodies(block_of(mean))
run = framework.building_block_to_computation(replaced)

x = framework.Reference('x', tf.int32)
y = framework.Reference('y', tf.float32)
pair = framework.Tuple([('a', x), y])
outer = framework.Tuple([framework.Selection(pair, name='a'), framework.Selection(pair, index=1)])
selected, was_selected = framework.replace_selection_from_tuple_with_element(outer)
same, was_same = framework.replace_selection_from_tuple_with_element(
    framework.Selection(framework.Reference('p', [tf.int32, tf.bool]), index=1))

compiled = framework.CompiledComputation(block_of(add_one).proto)
named = framework.CompiledComputation(compiled.proto, name='add')
channel = grpc.insecure_channel('localhost:1')
print(json.dumps({
    'before': [uris(block_of(total)), uris(block_of(mean))],
    'replaced': [type(replaced).__name__, str(replaced.type_signature), sorted(set(uris(replaced)))],
    'mean replaced': str(mean_replaced.type_signature),
    'run': int(run([1, 2, 3])),
    'selected': [str(selected), was_selected, str(same), was_same],
    'compiled': [type(compiled).__name__, str(named), str(named.type_signature),
                 int(framework.building_block_to_computation(named)(3))],
    'errors': [error(framework.RemoteExecutor, channel), error(framework.RemoteExecutor, 'localhost:1'),
               error(framework.replace_intrinsics_with_bodies, 3),
               error(framework.replace_selection_from_tuple_with_element, None),
               error(framework.CompiledComputation, 'text')],
}))
