"""Types are made from what releases took, and print as releases printed."""

from __future__ import annotations

import collections
import copy
import pickle

import attr
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
import tff_compat

pytestmark = [pytest.mark.tff, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize(
    ("release", "spec", "printed"),
    [
        ("0.9", tf.int32, "int32"),
        ("0.9", tf.string, "string"),
        ("0.9", (tf.float32, [None, 2]), "float32[?,2]"),
        ("0.9", (tf.float32, tf.TensorShape([3])), "float32[3]"),
        ("0.9", tf.TensorSpec([None], tf.bool), "bool[?]"),
        ("0.9", [("a", tf.string), ("b", (tf.float32, [2]))], "<a=string,b=float32[2]>"),
        ("0.9", [tf.int32, tf.string], "<int32,string>"),
        ("0.27", collections.OrderedDict(x=tf.string), "<x=string>"),
        ("0.60", tf.data.DatasetSpec(tf.TensorSpec([2], tf.int64)), "int64[2]*"),
        ("0.64", tf.string, "string"),
        ("0.68", tf.string, "str"),
    ],
)
def test_to_type(release, spec, printed):
    assert str(tff_compat.as_of(release).to_type(spec)) == printed


def test_none_as_a_shape_meant_a_scalar_before_0_64():
    assert tff_compat.as_of("0.33").TensorType(tf.float32, None).shape == ()
    assert tff_compat.as_of("0.65").TensorType(tf.float32, None).shape is None


def test_values_at_clients_may_differ_by_default():
    old = tff_compat.as_of("0.4")
    assert not old.FederatedType(tf.int32, old.SERVER).all_equal
    later = tff_compat.as_of("0.9")
    assert later.FederatedType(tf.int32, later.SERVER).all_equal


def test_what_views_make_is_of_the_installed_classes():
    view = tff_compat.as_of("0.20")
    made = view.FederatedType(view.SequenceType(tf.string), view.CLIENTS)
    assert isinstance(made, tff.FederatedType)
    assert isinstance(tff.FederatedType(np.int32, tff.CLIENTS), view.FederatedType)
    assert made == tff.FederatedType(tff.SequenceType(np.str_), tff.CLIENTS)
    assert str(made) == "{string*}@CLIENTS"
    assert made.is_federated() and made.member.is_sequence()
    with pytest.raises(tff.types.UnexpectedTypeError, match="SequenceType"):
        made.check_sequence()


def test_what_describes_no_type_is_refused():
    with pytest.raises(TypeError, match="describes"):
        tff_compat.as_of("0.9").to_type(object())


def test_a_program_gets_tensorflows_objects_and_tff_its_own():
    made = tff_compat.as_of("0.33").TensorType(tf.float32, [2, None])
    assert made.dtype is tf.float32 and made.shape.as_list() == [2, None]
    assert made.is_assignable_from(tff.TensorType(np.float32, (2, 3)))
    assert tff.types.is_structure_of_floats(made)
    later = tff_compat.as_of("0.66").TensorType(tf.float32, [2, None])
    assert later.dtype is tf.float32 and later.shape == (2, None)


def test_subclasses_of_type_need_what_they_needed_then():
    class Own(tff_compat.as_of("0.9").Type):
        def __repr__(self):
            return "Own()"

        def __eq__(self, other):
            return isinstance(other, Own)

    assert Own() == Own() and isinstance(Own(), tff_compat.as_of("0.9").Type)
    assert not isinstance(tff.TensorType(np.int32), Own)


def test_attrs_classes_describe_types_by_their_annotations():
    @attr.s
    class Batch:
        x = attr.ib(type=tf.int32)
        y = attr.ib(type=tf.TensorSpec([2], tf.float32))

    assert str(tff_compat.as_of("0.13").to_type(Batch)) == "<x=int32,y=float32[2]>"
    with pytest.raises(TypeError, match="0.18"):
        tff_compat.as_of("0.18").to_type(Batch)


def test_types_of_two_releases_do_not_mix():
    old, new = tff_compat.as_of("0.33"), tff_compat.as_of("0.86")
    assert str(old.StructType([old.TensorType(tf.string)])) == "<string>"
    assert str(new.StructType([new.TensorType(np.str_)])) == "<str>"


@pytest.mark.parametrize("release", ["0.4", "0.12", "0.20", "0.52", "0.67"])
def test_types_are_pickled_and_copied_with_their_release(release):
    view = tff_compat.as_of(release)
    element = view.to_type(collections.OrderedDict(a=tf.string, b=(tf.float32, [None])))
    made = view.FunctionType(
        view.FederatedType(view.SequenceType(element), view.CLIENTS),
        view.FederatedType(view.to_type([tf.int32, element]), view.SERVER),
    )
    for again in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        assert again == made and type(again) is type(made)
        assert type(again.parameter.member) is type(made.parameter.member)
        assert repr(again) == repr(made)
        assert again.result.placement == view.SERVER
