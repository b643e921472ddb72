"""A computation of 0.18 whose intrinsics are replaced by their bodies, and run."""
import json

import tensorflow as tf
import tensorflow_federated as tff

framework = tff.framework


@tff.federated_computation(tff.type_at_clients(tf.float32), tff.type_at_clients(tf.float32))
def weighted_mean(x, weight):
  return tff.federated_mean(x, weight)


@tff.federated_computation(tff.type_at_clients(tf.int32))
def total(x):
  return tff.federated_sum(x)


@tff.federated_computation(tff.type_at_clients(tf.int32))
def same(x):
  return x


def error(function, *args):
  try:
    function(*args)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


def replaced(computation):
  block = framework.ComputationBuildingBlock.from_proto(
      computation._computation_proto)  # pylint: disable=protected-access
  made, changed = framework.replace_intrinsics_with_bodies(block, framework.get_context_stack())
  return framework.building_block_to_computation(made), changed, type(made).__name__


output = {}
for name, computation, args in [
    ('mean', weighted_mean, ([1.0, 2.0, 6.0], [1.0, 1.0, 2.0])),
    ('total', total, ([1, 2, 3],)),
    ('same', same, ([1, 2, 3],)),
]:
  made, changed, kind = replaced(computation)
  result = made(*args)
  output[name] = {
      'type': str(made.type_signature), 'changed': changed, 'kind': kind,
      'computation': isinstance(made, tff.Computation),
      'result': [int(v) for v in result] if isinstance(result, list) else float(result),
  }
output['errors'] = [
    error(framework.building_block_to_computation, 3),
    error(framework.replace_intrinsics_with_bodies, 3, framework.get_context_stack()),
]
print(json.dumps(output))
