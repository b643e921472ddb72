"""Functions on types that `tff.framework` offered, most of which are in `tff.types` now."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.framework.transformations import internal
from tff_compat.adapters.language import dated_types, type_classes, types
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.catalog.boundaries import FIRST_WITH_TYPES_ONLY

tff = modern.package()


@adapter(
    "tff.framework.is_assignable_from",
    releases=">=0.5,<0.15",
    replacement="{target_type:type}.is_assignable_from({source_type:type})",
)
def is_assignable_from(target_type, source_type, *, as_of: AsOf):
    """Whether a value of `source_type` can stand where `target_type` is wanted, as of 0.5 to 0.14.

    Two function types without a parameter are compared by their results; the releases took any two
    such types for assignable.

    Args:
      target_type: The type that is wanted: a `tff.Type`, or what describes one.
      source_type: The type of the value.

    Raises:
      TypeError: An argument describes no type, or a type is abstract.
    """
    as_of.warn(locals())
    target = types.to_type(target_type, as_of.release)
    source = types.to_type(source_type, as_of.release)
    if target is None or source is None:
        raise TypeError("Expected two types, found None.")
    return target.is_assignable_from(source)


@adapter(
    "tff.framework.are_equivalent_types",
    releases=">=0.7,<0.15",
    replacement="{type1:type}.is_equivalent_to({type2:type})",
)
def are_equivalent_types(type1, type2, *, as_of: AsOf):
    """Whether each of two types is assignable from the other, or both are None.

    As of TFF 0.7 to 0.14.

    Args:
      type1: A `tff.Type`, what describes one, or None.
      type2: Another.
    """
    as_of.warn(locals())
    first = types.to_type(type1, as_of.release)
    second = types.to_type(type2, as_of.release)
    if first is None or second is None:
        return first is second
    return first.is_equivalent_to(second)


@adapter(
    "tff.framework.is_tensorflow_compatible_type",
    releases=">=0.6,<0.16.1",
    replacement="tff.types.is_tensorflow_compatible_type({type_spec:type})",
)
def is_tensorflow_compatible_type(type_spec, *, as_of: AsOf):
    """Whether TensorFlow code can take or return values of a type, as of TFF 0.6 to 0.16.0.

    It can if the type has tensors, structures and sequences alone.

    Args:
      type_spec: A `tff.Type`, or what describes one.
    """
    as_of.warn(locals())
    return tff.types.is_tensorflow_compatible_type(types.to_type(type_spec, as_of.release))


@adapter(
    "tff.framework.type_contains",
    releases=">=0.16,<0.20",
    replacement="tff.types.contains({type_signature}, {predicate})",
)
def type_contains(type_signature, predicate, *, as_of: AsOf):
    """Whether a type or one inside it passes a predicate, as of TFF 0.16 to 0.19.

    Args:
      type_signature: A `tff.Type`.
      predicate: A function from a `tff.Type`, which has the methods that types had then.
    """
    as_of.warn(locals())
    return tff.types.contains(dated_types.dated(type_signature, as_of.release), predicate)


@adapter(
    "tff.framework.type_to_tf_tensor_specs",
    releases=">=0.6,<0.49",
    replacement="tff.types.type_to_tf_tensor_specs({type_spec:type})",
    changed=(FIRST_WITH_TYPES_ONLY,),
)
def type_to_tf_tensor_specs(type_spec, *, as_of: AsOf):
    """The structure of `tf.TensorSpec`s for a type of tensors, as of TFF 0.6 to 0.48.

    Args:
      type_spec: A type of tensors or structures of them, or up to 0.13 what describes one; all
        elements of a structure have names or none has.

    Raises:
      ValueError: The type has other parts, or a structure has names for some elements only.
    """
    as_of.warn(locals())
    return tff.types.type_to_tf_tensor_specs(types.to_type(type_spec, as_of.release))


@adapter(
    "tff.framework.serialize_type",
    releases=">=0.12,<0.49",
    replacement="tff.types.serialize_type({type_spec:type})",
    changed=(FIRST_WITH_TYPES_ONLY,),
)
def serialize_type(type_spec, *, as_of: AsOf):
    """The protocol buffer for a type, as of TFF 0.12 to 0.48.

    It is that of the installed TFF, which other releases may not read.

    Args:
      type_spec: A `tff.Type`, what describes one, or None.

    Returns:
      A message of the class `Type` of TFF's protocol; None for None.
    """
    as_of.warn(locals())
    converted = types.to_type(type_spec, as_of.release)
    return None if converted is None else tff.types.serialize_type(converted)


@adapter(
    "tff.framework.deserialize_type",
    releases=">=0.12,<0.49",
    replacement="tff.types.deserialize_type({type_proto})",
    gives=type_classes.ROLE,
)
def deserialize_type(type_proto, *, as_of: AsOf):
    """The type that a protocol buffer of the installed TFF describes, as of TFF 0.12 to 0.48.

    Args:
      type_proto: A message of the class `Type` of TFF's protocol, or None.

    Returns:
      A `tff.Type`; None for None.
    """
    as_of.warn(locals())
    if type_proto is None:
        return None
    return dated_types.dated(tff.types.deserialize_type(type_proto), as_of.release)


@adapter(
    "tff.framework.transform_type_postorder",
    releases=">=0.6,<0.16.1",
    note=internal("core.impl.types.type_transformations.transform_type_postorder"),
)
def transform_type_postorder(type_signature, transform_fn, *, as_of: AsOf):
    """Replaces the parts of a type from the inside to the outside, as of TFF 0.6 to 0.16.0.

    Args:
      type_signature: A `tff.Type`.
      transform_fn: From a type to what stands for it and whether it is another one.

    Returns:
      The new type, and whether anything in it is another one.
    """
    as_of.warn(locals())
    release = as_of.release
    transform = modern.internal("core.impl.types.type_transformations.transform_type_postorder")
    made, changed = transform(
        type_signature, lambda each: transform_fn(dated_types.dated(each, release))
    )
    return dated_types.dated(made, release), changed
