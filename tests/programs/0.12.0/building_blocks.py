"""Building blocks, compiler steps and functions on types, as extensions of 0.12 used them."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

framework = tff.framework
AT_CLIENTS = tff.FederatedType(tf.int32, tff.CLIENTS)


def identity(name):
  return framework.Lambda(name, tf.int32, framework.Reference(name, tf.int32))


y = framework.Reference('y', tf.int32)
call = framework.Call(identity('x'), y)
pair = framework.Tuple([('a', call), y])
block = framework.Block([('v', pair)], framework.Selection(
    framework.Reference('v', pair.type_signature), name='a'))
values = framework.Reference('values', AT_CLIENTS)
mapped = framework.create_federated_map_or_apply(identity('x'), values)
same = framework.create_federated_map_all_equal(
    identity('x'), framework.Reference('s', tff.FederatedType(tf.int32, tff.CLIENTS, True)))
zipped = framework.create_federated_zip(framework.Tuple([values, ('b', values)]))
nested = framework.Lambda('x', tf.int32, framework.Call(identity('x'), y))
unique, was_renamed = framework.uniquify_reference_names(nested)


def rename(comp):
  if isinstance(comp, framework.Reference) and comp.name == 'y':
    return framework.Reference('z', comp.type_signature), True
  return comp, False


def describe(comp):
  return [type(comp).__name__, str(comp), str(comp.type_signature)]


def error_of(function, *args):
  try:
    function(*args)
    return None
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def mean(x):
  return tff.federated_mean(x)


computation = framework.building_block_to_computation(framework.Lambda(
    'x', tf.int32, framework.Tuple([('x', framework.Reference('x', tf.int32)),
                                    ('again', framework.Reference('x', tf.int32))])))
proto = framework.serialize_type([('a', tf.string), ('b', (tf.int32, [None]))])
mean_block = framework.ComputationBuildingBlock.from_proto(
    mean._computation_proto)  # pylint: disable=protected-access
names = framework.unique_name_generator(block)

print(json.dumps({
    'blocks': [describe(each) for each in (
        y, call, pair, block, mapped, same, unique,
        framework.transform_postorder(call, rename)[0],
        framework.replace_called_lambda_with_block(call)[0],
        framework.remove_mapped_or_applied_identity(mapped)[0],
        framework.Placement(tff.CLIENTS),
        framework.Intrinsic('federated_broadcast', tff.FunctionType(
            tff.FederatedType(tf.int32, tff.SERVER), tff.FederatedType(tf.int32, tff.CLIENTS, True))))],
    'zipped': str(zipped.type_signature),
    'formatted': block.formatted_representation(),
    'structure': call.structural_representation(),
    'repr': repr(framework.Tuple([y])).split('(')[0],
    'proto': [mean_block.type_signature.result.placement is tff.SERVER, type(mean_block).__name__],
    'renamed': was_renamed,
    'unbound': sorted(framework.get_map_of_unbound_references(nested)[nested]),
    'name': next(names),
    'called': [
        framework.is_called_intrinsic(mapped), framework.is_called_intrinsic(mapped, 'federated_map'),
        framework.is_called_intrinsic(mapped, ['federated_apply']),
        framework.is_called_intrinsic(call)],
    'computation': [str(computation.type_signature), int(computation(3).x), int(computation(3)[1])],
    'types': [
        framework.is_assignable_from((tf.int32, [None]), (tf.int32, [3])),
        framework.is_assignable_from((tf.int32, [3]), (tf.int32, [None])),
        framework.is_assignable_from([('a', tf.int32)], [tf.int32]),
        framework.are_equivalent_types([tf.int32], [tf.int32]),
        framework.are_equivalent_types(None, tf.int32),
        framework.is_tensorflow_compatible_type(tff.SequenceType(tf.int32)),
        framework.is_tensorflow_compatible_type(AT_CLIENTS),
        str(framework.deserialize_type(proto)),
        [[name, spec.dtype.name, spec.shape.as_list()] for name, spec in
         framework.type_to_tf_tensor_specs(collections.OrderedDict(
             [('a', tf.string), ('b', (tf.int32, [None]))])).items()],
        [str(framework.transform_type_postorder(
            tff.to_type([tf.int32, tf.bool]),
            lambda t: (tff.to_type(tf.string), True) if t == tff.to_type(tf.bool) else (t, False))[0])],
    ],
    'errors': [
        error_of(framework.check_has_unique_names, nested),
        error_of(framework.check_has_unique_names, unique),
        error_of(framework.check_intrinsics_whitelisted_for_reduction, mapped),
        error_of(framework.check_intrinsics_whitelisted_for_reduction, mean_block),
        error_of(framework.check_broadcast_not_dependent_on_aggregate, mapped),
        error_of(framework.Call, y, y),
        error_of(framework.Selection, pair),
        error_of(framework.Reference, 3, tf.int32),
        error_of(framework.is_assignable_from, None, tf.int32),
        error_of(framework.building_block_to_computation, 3),
        error_of(framework.create_federated_zip, framework.Tuple([])),
        error_of(framework.type_to_tf_tensor_specs, AT_CLIENTS),
    ],
}))
