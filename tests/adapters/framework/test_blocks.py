"""Building blocks have the members that they had, whoever made them."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
import tff_compat
from tff_compat.deprecation import LegacyAPIWarning

pytestmark = [pytest.mark.tff, pytest.mark.filterwarnings("ignore")]


def _call(framework):
    fn = framework.Lambda("x", tf.int32, framework.Reference("x", tf.int32))
    return framework.Call(fn, framework.Reference("y", tf.int32))


@pytest.mark.parametrize("release", ["0.15", "0.16.0", "0.53", "0.59"])
def test_predicates(release):
    call = _call(tff_compat.as_of(release).framework)
    assert call.is_call()
    assert not call.is_lambda()
    assert call.function.is_lambda()
    assert call.function.result.is_reference()
    assert not call.is_data()


def test_checks_raise_since_0_20():
    _call(tff_compat.as_of("0.15").framework).check_lambda()
    later = _call(tff_compat.as_of("0.75").framework)
    later.check_call()
    with pytest.raises(tff.framework.UnexpectedBlockError, match="Lambda"):
        later.check_lambda()


def test_notation_of_0_5():
    framework = tff_compat.as_of("0.5").framework
    call = _call(framework)
    assert call.tff_repr == str(call) == "(x -> x)(y)"
    pair = framework.Tuple([("a", call), call])
    assert pair.tff_repr == "<a=(x -> x)(y),(x -> x)(y)>"
    assert repr(framework.Tuple([framework.Reference("x", tf.bool)])).startswith("Tuple([(None, ")


def test_views_classes_stand_for_those_of_the_installed_tff():
    framework = tff_compat.as_of("0.59").framework
    native = tff.framework.Reference("x", np.int32)
    assert isinstance(native, framework.Reference)
    assert isinstance(native, framework.ComputationBuildingBlock)
    assert not isinstance(native, framework.Call)
    assert isinstance(framework.Reference("x", np.int32), tff.framework.Reference)
    assert issubclass(tff.framework.Call, framework.ComputationBuildingBlock)
    assert not isinstance(3, tff.framework.ComputationBuildingBlock)
    assert not issubclass(int, framework.Block)


def test_subclasses_of_users_are_their_own():
    framework = tff_compat.as_of("0.16.0").framework

    class Mine(framework.ComputationBuildingBlock):
        def __repr__(self):
            return "Mine()"

    mine = Mine(tf.int32)
    assert isinstance(mine, Mine)
    assert isinstance(mine, framework.ComputationBuildingBlock)
    assert str(mine.type_signature) == "int32"
    assert list(mine.children()) == []
    assert not isinstance(framework.Reference("x", tf.int32), Mine)


def test_what_is_read_from_protocol_buffers_has_the_members():
    framework = tff_compat.as_of("0.40").framework
    native = tff.framework.Lambda("x", np.int32, tff.framework.Reference("x", np.int32))
    made = framework.ComputationBuildingBlock.from_proto(native.proto)
    assert made.is_lambda()
    assert made.result.is_reference()
    assert made.type_signature.is_function()
    assert made.proto == native.proto


def test_types_print_and_test_as_they_did():
    reference = tff_compat.as_of("0.15").framework.Reference("x", tf.string)
    assert str(reference.type_signature) == "string"
    assert reference.type_signature.is_tensor()


def test_tensorflows_types_warn_and_predicates_too():
    framework = tff_compat.as_of("0.59").framework
    with pytest.warns(LegacyAPIWarning, match="tff.framework.Reference"):
        reference = framework.Reference("x", tf.int32)
    with pytest.warns(LegacyAPIWarning, match="tff.framework.Call"):
        reference.is_call()


def test_data_had_a_uri():
    data = tff_compat.as_of("0.60").framework.Data("foo://bar", np.int32)
    assert data.uri == str(data) == "foo://bar"
    assert isinstance(data, tff.framework.Data)
    assert tff.framework.ComputationBuildingBlock.from_proto(data.proto) == data
