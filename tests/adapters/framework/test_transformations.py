"""Functions on building blocks and on types take what they took and give what they gave."""

from __future__ import annotations

import collections

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
import tff_compat
from tff_compat.deprecation import LegacyAPIError

pytestmark = [pytest.mark.tff, pytest.mark.filterwarnings("ignore")]


def _identity(framework, name="x"):
    return framework.Lambda(name, tf.int32, framework.Reference(name, tf.int32))


def test_transform_postorder_gives_blocks_with_their_members():
    framework = tff_compat.as_of("0.15").framework
    seen = []

    def rename(block):
        seen.append(str(block))
        if block.is_reference() and block.name == "y":
            return framework.Reference("z", block.type_signature), True
        return block, False

    call = framework.Call(_identity(framework), framework.Reference("y", tf.int32))
    made, changed = framework.transform_postorder(call, rename)
    assert changed
    assert str(made) == "(x -> x)(z)"
    assert made.is_call()
    assert seen == ["x", "(x -> x)", "y", "(x -> x)(z)"]


def test_steps_of_the_compiler():
    framework = tff_compat.as_of("0.7").framework
    y = framework.Reference("y", tf.int32)
    call = framework.Call(_identity(framework), y)
    block, changed = framework.replace_called_lambda_with_block(call)
    assert changed and str(block) == "(let x=y in x)"
    pair = framework.Tuple([("a", y), call])
    for selection in (framework.Selection(pair, name="a"), framework.Selection(pair, index=0)):
        made, changed = framework.replace_selection_from_tuple_with_element(selection)
        assert changed and made is y
    nested = framework.Lambda("x", tf.int32, framework.Call(_identity(framework), y))
    with pytest.raises(ValueError, match="x"):
        framework.check_has_unique_names(nested)
    unique, changed = framework.uniquify_reference_names(nested)
    assert changed
    framework.check_has_unique_names(unique)
    assert framework.get_map_of_unbound_references(nested)[nested] == {"y"}


def test_federated_calls():
    framework = tff_compat.as_of("0.16.0").framework
    view = tff_compat.as_of("0.16.0")
    at_clients = framework.Reference("v", view.FederatedType(tf.int32, view.CLIENTS))
    called = framework.create_federated_map_or_apply(_identity(framework), at_clients)
    assert called.is_call()
    assert str(called) == "federated_map(<(x -> x),v>)"
    assert framework.is_called_intrinsic(called)
    assert framework.is_called_intrinsic(called, "federated_map")
    assert framework.is_called_intrinsic(called, ["federated_apply", "federated_map"])
    assert not framework.is_called_intrinsic(called, "federated_apply")
    with pytest.raises(TypeError):
        framework.is_called_intrinsic(called, 3)
    assert framework.remove_mapped_or_applied_identity(called) == (at_clients, True)
    framework.check_contains_only_reducible_intrinsics(called)
    framework.check_broadcast_not_dependent_on_aggregate(called)
    zipped = framework.create_federated_zip(framework.Tuple([at_clients, at_clients]))
    assert str(zipped.type_signature) == "{<int32,int32>}@CLIENTS"
    with pytest.raises(ValueError, match="empty"):
        framework.create_federated_zip(framework.Tuple([]))


def test_blocks_become_computations():
    view = tff_compat.as_of("0.15")
    made = view.framework.building_block_to_computation(_identity(view.framework))
    assert isinstance(made, tff.Computation)
    assert made(3) == 3
    with pytest.raises(TypeError, match="building block"):
        view.framework.building_block_to_computation(3)


def test_intrinsics_are_replaced_by_their_bodies():
    @tff.federated_computation(tff.FederatedType(np.float32, tff.CLIENTS))
    def mean(values):
        return tff.federated_mean(values)

    block = mean.to_building_block()
    for release, result in (("0.7", None), ("0.18", 1), ("0.40", 1)):
        framework = tff_compat.as_of(release).framework
        args = (None,) if release == "0.18" else ()
        made = framework.replace_intrinsics_with_bodies(block, *args)
        if result is not None:
            made, changed = made
            assert changed
        assert "federated_mean" not in str(made)


def test_operations_are_checked():
    framework = tff_compat.as_of("0.40").framework
    block = tff.tensorflow.computation(lambda x: x + 1, np.int32).to_compiled_building_block()
    assert framework.check_disallowed_ops(block, frozenset(["MatMul"])) == (block, False)
    with pytest.raises(Exception, match="disallowed ops: AddV2"):
        framework.check_disallowed_ops(block, frozenset(["AddV2"]))
    with pytest.raises(Exception, match="disallowed ops: AddV2"):
        framework.check_allowed_ops(block, frozenset(["Const", "Placeholder", "Identity"]))


def test_steps_that_are_gone_say_what_does_the_work():
    framework = tff_compat.as_of("0.15").framework
    with pytest.raises(LegacyAPIError, match="to_call_dominant"):
        framework.inline_block_locals(_identity(framework))
    with pytest.raises(LegacyAPIError, match="parse_tff_to_tf"):
        framework.TFParser()


def test_functions_on_types():
    framework = tff_compat.as_of("0.13.1").framework
    assert framework.is_assignable_from((tf.int32, [None]), (tf.int32, [3]))
    assert not framework.is_assignable_from((tf.int32, [3]), (tf.int32, [None]))
    assert framework.are_equivalent_types([tf.int32], [tf.int32])
    assert framework.are_equivalent_types(None, None)
    assert not framework.are_equivalent_types(None, tf.int32)
    assert framework.is_tensorflow_compatible_type(tf.int32)
    assert framework.is_tensorflow_compatible_type(None)
    with pytest.raises(TypeError):
        framework.is_assignable_from(None, tf.int32)
    described = collections.OrderedDict([("a", tf.string), ("b", (tf.int32, [None]))])
    assert framework.type_to_tf_tensor_specs(described) == collections.OrderedDict(
        a=tf.TensorSpec([], tf.string), b=tf.TensorSpec([None], tf.int32)
    )
    proto = framework.serialize_type(described)
    assert str(framework.deserialize_type(proto)) == "<a=string,b=int32[?]>"
    assert framework.serialize_type(None) is None
    assert framework.deserialize_type(None) is None


def test_functions_that_visit_types():
    view = tff_compat.as_of("0.16.0")
    spec = view.FederatedType([tf.int32, tf.string], view.SERVER)
    assert view.framework.type_contains(spec, lambda each: each.is_tensor())
    assert not view.framework.type_contains(spec, lambda each: each.is_sequence())

    def without_strings(each):
        if each.is_tensor() and each.dtype == np.str_:
            return view.TensorType(tf.bool), True
        return each, False

    made, changed = view.framework.transform_type_postorder(spec, without_strings)
    assert changed
    assert str(made) == "<int32,bool>@SERVER"


def test_concrete_computations_take_what_they_took():
    double = tff.tensorflow.computation(lambda x: 2 * x, np.int32)
    stack = tff.framework.get_context_stack()
    proto = tff.framework.ConcreteComputation.get_proto(double)

    made = tff_compat.as_of("0.40").framework.ConcreteComputation(proto, stack)
    assert isinstance(made, tff.framework.ConcreteComputation)
    assert made(3) == 6
    assert made.to_building_block().is_compiled_computation()
    assert isinstance(double, tff_compat.as_of("0.40").framework.ConcreteComputation)
    assert tff_compat.as_of("0.40").framework.ConcreteComputation.get_proto(double) == proto

    later = tff_compat.as_of("0.70").framework.ConcreteComputation
    assert later(proto, stack, None, lambda result: -result)(3) == -6
    assert later.from_building_block(double.to_building_block())(3) == 6

    last = tff_compat.as_of("0.85").framework.ConcreteComputation(
        computation_proto=proto,
        context_stack=stack,
        transform_args=lambda x: x + 1,
        transform_result=str,
    )
    assert last(3) == "8"
    assert last.transform_result is str
