"""Building blocks of 0.64 and their checks."""
import json

import tensorflow as tf
import tensorflow_federated as tff

framework = tff.framework


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.federated_computation(tff.type_at_clients(tf.int32))
def total(values):
  return tff.federated_sum(tff.federated_map(add_one, values))


reference = framework.Reference('x', tf.int32)
function = framework.Lambda('x', tf.int32, reference)
call = framework.Call(function, framework.Reference('y', tf.int32))
struct = framework.Struct([('a', call), reference])
compiled = add_one.to_compiled_building_block()
block = framework.ComputationBuildingBlock.from_proto(framework.serialize_computation(total))
data = framework.Data('file://data', tf.int32)


def errors_of(comp):
  found = []
  for kind in ('block', 'call', 'compiled_computation', 'data', 'intrinsic', 'lambda',
               'placement', 'reference', 'selection', 'struct'):
    try:
      getattr(comp, 'check_' + kind)()
    except framework.UnexpectedBlockError as e:
      found.append([kind, type(e).__name__, e.expected.__name__])
  return found


def outcome(function, *args):
  try:
    return function(*args)[1]
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


allowed = framework.check_allowed_ops
disallowed = framework.check_disallowed_ops
replaced, changed = framework.replace_intrinsics_with_bodies(block)
made = framework.ConcreteComputation(
    framework.ConcreteComputation.get_proto(add_one), framework.get_context_stack())
print(json.dumps({
    'errors': [errors_of(each) for each in (reference, call, struct, compiled, block, data)],
    'strings': [str(each) for each in (reference, function, call, struct, data)],
    'types': [str(each.type_signature) for each in (call, struct, block, data, made)],
    'uri': data.uri,
    'ops': [
        outcome(disallowed, compiled, frozenset(['MatMul'])),
        outcome(disallowed, compiled, frozenset(['AddV2'])),
        outcome(allowed, compiled, frozenset(['MatMul']))],
    'replaced': [type(replaced).__name__, changed],
    'called': int(made(3)),
}))
