"""The local context and the reference executor of 0.15, and a compiler's check of intrinsics."""

import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def total(x):
  return tff.federated_sum(tff.federated_map(add_one, x))


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def mean(x):
  return tff.federated_mean(x)


@tff.federated_computation
def number_of_clients():
  return tff.federated_sum(tff.federated_value(1, tff.CLIENTS))


def outcome(fn, *args):
  try:
    return float(fn(*args))
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


def outcomes():
  return [outcome(total, [1, 2, 3]), outcome(total, [1]), outcome(mean, [1.0, 2.0, 6.0])]


def error(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


framework = tff.framework
set_local = tff.backends.native.set_local_execution_context
output = collections.OrderedDict()
set_local()
output['local'] = outcomes()
set_local(3, max_fanout=3, num_client_executors=2)
output['of three'] = outcomes()
output['counted'] = outcome(number_of_clients)
set_local(num_clients=None, client_tf_devices=tuple())
output['any'] = outcomes()
framework.set_default_context(tff.test.ReferenceExecutor())
output['reference'] = outcomes()
with framework.get_context_stack().install(tff.test.ReferenceExecutor()):
  output['installed'] = [outcome(total, [1, 2, 3]), int(add_one(5))]

total_block = framework.ComputationBuildingBlock.from_proto(
    total._computation_proto)  # pylint: disable=protected-access
mean_block = framework.ComputationBuildingBlock.from_proto(
    mean._computation_proto)  # pylint: disable=protected-access
compiled = framework.ComputationBuildingBlock.from_proto(
    add_one._computation_proto)  # pylint: disable=protected-access
copied = framework.CompiledComputation(compiled.proto, name='add')
broadcast = framework.Intrinsic('federated_broadcast', tff.FunctionType(
    tff.FederatedType(tf.int32, tff.SERVER), tff.FederatedType(tf.int32, tff.CLIENTS, True)))
check = framework.check_contains_only_reducible_intrinsics
output['reducible'] = [error(check, each) for each in (
    total_block, mean_block, compiled, broadcast,
    framework.Intrinsic('federated_sum', tff.FunctionType(
        tff.FederatedType(tf.int32, tff.CLIENTS), tff.FederatedType(tf.int32, tff.SERVER))),
    'text')]
output['blocks'] = [
    str(copied), str(copied.type_signature), type(copied).__name__,
    isinstance(compiled, framework.CompiledComputation),
    str(broadcast), broadcast.uri, str(broadcast.type_signature),
    int(framework.building_block_to_computation(copied)(4))]
output['errors'] = [
    error(set_local, num_clients=-1), error(set_local, num_clients=0), error(set_local, 'two'),
    error(set_local, max_fanout=1), error(framework.Intrinsic, 3, tf.int32),
    error(framework.CompiledComputation, 'text')]
print(json.dumps(output))
