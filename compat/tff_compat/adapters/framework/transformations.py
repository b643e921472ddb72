"""The parts of TFF's compiler that `tff.framework` offered, which work on building blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.framework import blocks
from tff_compat.adapters.language import structures
from tff_compat.adapters.registry import NEVER, AsOf, adapter, refusal
from tff_compat.catalog.boundaries import FIRST_WITH_NEW_NAMES_APART

tff = modern.package()


_PUBLIC_UNTIL = ">=0.6,<0.16.1"
_ANALYSIS = "core.impl.compiler.tree_analysis"
_FACTORY = "core.impl.compiler.building_block_factory"
_TREES = "core.impl.compiler.tree_transformations"
_TENSORFLOW = "core.environments.tensorflow_backend"
_DOMINANT = "It gives all of the block in another form, and not whether that is another one."
_BODIES = f"{_TENSORFLOW}.tensorflow_tree_transformations.replace_intrinsics_with_bodies"


def _transformed(
    function: Callable[..., tuple[Any, bool]], release: Version, *args: Any
) -> tuple[Any, bool]:
    """The pair that a transformation returns, of a block with the members of a release."""
    made, changed = function(*args)
    return blocks.with_members(made, release), changed


def computation_of(block: Any, release: Version) -> Any:
    """The computation that a block of a function type stands for, as of a release."""
    made = tff.framework.ConcreteComputation(
        computation_proto=block.proto,
        context_stack=tff.framework.get_context_stack(),
        annotated_type=block.type_signature,
    )
    return structures.with_results_of(made, release)


def internal(path: str) -> str:
    """What to do where only TFF itself still has a function.

    Args:
      path: Where it has it, below `tensorflow_federated.python`.
    """
    return f"It is TFF's own now, as `tensorflow_federated.python.{path}`."


@adapter(
    "tff.framework.transform_postorder",
    releases=_PUBLIC_UNTIL,
    replacement="tff.framework.transform_postorder",
    legacy=NEVER,
)
def transform_postorder(comp, transform, *, as_of: AsOf):
    """Replaces blocks from the inside to the outside, as of TFF 0.6 to 0.16.0.

    Args:
      comp: A building block.
      transform: From a block, which has the members that blocks had, to what stands for it and
        whether that is another one.

    Returns:
      The new block, and whether anything in it is another one.
    """
    release = as_of.release
    return _transformed(
        tff.framework.transform_postorder,
        release,
        comp,
        lambda each: transform(blocks.with_members(each, release)),
    )


@adapter(
    "tff.framework.building_block_to_computation",
    releases=_PUBLIC_UNTIL,
    replacement="tff.framework.ConcreteComputation.from_building_block({building_block})",
)
@adapter(
    "tff.framework.building_block_to_computation",
    releases=">=0.18,<0.25",
    replacement="tff.framework.ConcreteComputation.from_building_block({building_block})",
)
def building_block_to_computation(building_block, *, as_of: AsOf):
    """The computation that a block of a function type stands for, as of TFF 0.6 to 0.24.

    Args:
      building_block: A `tff.framework.ComputationBuildingBlock` of a function type.

    Returns:
      A `tff.Computation`.

    Raises:
      TypeError: `building_block` is none, or its type is no function.
    """
    as_of.warn(locals())
    if not isinstance(building_block, tff.framework.ComputationBuildingBlock):
        raise TypeError(f"Expected a building block, found {type(building_block).__name__}.")
    return computation_of(building_block, as_of.release)


@adapter(
    "tff.framework.create_federated_map_all_equal",
    releases=_PUBLIC_UNTIL,
    note=internal(f"{_FACTORY}.create_federated_map_all_equal"),
)
def create_federated_map_all_equal(fn, arg, *, as_of: AsOf):
    """The call that maps a function over a value that is equal at all clients.

    As of TFF 0.6 to 0.16.0.

    Args:
      fn: A building block of a function type.
      arg: A building block of a federated type, whose member `fn` takes.

    Returns:
      A `tff.framework.Call` of the intrinsic.
    """
    as_of.warn(locals())
    create = modern.internal(f"{_FACTORY}.create_federated_map_all_equal")
    return blocks.with_members(create(fn, arg), as_of.release)


@adapter(
    "tff.framework.create_federated_map_or_apply",
    releases=_PUBLIC_UNTIL,
    note=internal(f"{_FACTORY}.create_federated_map_or_apply"),
)
def create_federated_map_or_apply(fn, arg, *, as_of: AsOf):
    """The call that maps a function over a value at its placement, as of 0.6 to 0.16.0.

    Args:
      fn: A building block of a function type.
      arg: A building block of a federated type, whose member `fn` takes.

    Returns:
      A `tff.framework.Call` of `federated_map` or, at the server, `federated_apply`.
    """
    as_of.warn(locals())
    create = modern.internal(f"{_FACTORY}.create_federated_map_or_apply")
    return blocks.with_members(create(fn, arg), as_of.release)


@adapter(
    "tff.framework.create_federated_zip",
    releases=_PUBLIC_UNTIL,
    note=internal(f"{_FACTORY}.create_federated_zip"),
)
def create_federated_zip(value, *, as_of: AsOf):
    """The call that turns a structure of placed values into a placed structure.

    As of TFF 0.6 to 0.16.0. It has the type that it had; where the releases zipped pair by pair, it
    is one call of an intrinsic.

    Args:
      value: A building block of a structure of federated values at one placement.

    Raises:
      ValueError: The structure is empty.
    """
    as_of.warn(locals())
    if isinstance(value.type_signature, tff.StructType) and not len(value.type_signature):
        raise ValueError("Expected a structure of at least one placed value, found an empty one.")
    create = modern.internal(f"{_FACTORY}.create_federated_zip")
    return blocks.with_members(create(value), as_of.release)


@adapter(
    "tff.framework.remove_mapped_or_applied_identity",
    releases=_PUBLIC_UNTIL,
    note=internal(f"{_TREES}.remove_mapped_or_applied_identity"),
)
def remove_mapped_or_applied_identity(comp, *, as_of: AsOf):
    """Replaces maps of the identity by their arguments, as of TFF 0.6 to 0.16.0.

    Args:
      comp: A building block.

    Returns:
      The building block, and whether it differs from `comp`.
    """
    as_of.warn(locals())
    remove = modern.internal(f"{_TREES}.remove_mapped_or_applied_identity")
    return _transformed(remove, as_of.release, comp)


@adapter(
    "tff.framework.uniquify_reference_names",
    releases=_PUBLIC_UNTIL,
    note=internal(f"{_TREES}.uniquify_reference_names"),
)
def uniquify_reference_names(comp, *, as_of: AsOf):
    """Gives each name that a building block binds a new one, as of TFF 0.6 to 0.16.0.

    The installed TFF renames only what is bound twice.

    Args:
      comp: A building block.

    Returns:
      The building block, and whether it differs from `comp`.
    """
    as_of.warn(locals())
    apart_from = comp if as_of.release >= FIRST_WITH_NEW_NAMES_APART else None
    made = _renamed(comp, {}, tff.framework.unique_name_generator(apart_from))
    return blocks.with_members(made, as_of.release), made is not comp


def _renamed(block: Any, names: Mapping[str, str], new_names: Iterator[str]) -> Any:
    """A block in which what it binds has new names; itself where it neither binds nor uses any.

    Args:
      block: A building block.
      names: The new names of what is bound around it.
      new_names: Those that follow.
    """

    def inside(each: Any) -> Any:
        return _renamed(each, names, new_names)

    framework = tff.framework
    if isinstance(block, framework.Reference):
        if block.name not in names:
            return block
        return framework.Reference(names[block.name], block.type_signature, block.context)
    if isinstance(block, framework.Lambda):
        name = block.parameter_name
        if block.parameter_type is not None:
            name = next(new_names)
            names = {**names, block.parameter_name: name}
        return framework.Lambda(name, block.parameter_type, inside(block.result))
    if isinstance(block, framework.Block):
        bound = []
        for name, value in block.locals:
            value = inside(value)
            bound.append((next(new_names), value))
            names = {**names, name: bound[-1][0]}
        return framework.Block(bound, inside(block.result))
    parts = list(block.children())
    renamed = [inside(each) for each in parts]
    if all(new is old for new, old in zip(renamed, parts)):
        return block
    if isinstance(block, framework.Selection):
        return framework.Selection(renamed[0], block.name, block.index)
    if isinstance(block, framework.Call):
        return framework.Call(*renamed)
    named = [(name, new) for (name, _), new in zip(tff.structure.iter_elements(block), renamed)]
    container = getattr(block.type_signature, "python_container", None)
    return framework.Struct(named, container)


@adapter(
    "tff.framework.replace_called_lambda_with_block",
    releases=_PUBLIC_UNTIL,
    replacement="tff.framework.to_call_dominant({comp})",
    note=_DOMINANT,
)
def replace_called_lambda_with_block(comp, *, as_of: AsOf):
    """Replaces ``(x -> r)(a)`` by ``(let x=a in r)``, as of TFF 0.6 to 0.16.0.

    Args:
      comp: A building block.

    Returns:
      The building block, and whether it differs from `comp`.
    """
    as_of.warn(locals())

    def replace(block: Any) -> tuple[Any, bool]:
        called = isinstance(block, tff.framework.Call)
        if not (called and isinstance(block.function, tff.framework.Lambda)):
            return block, False
        bound = [(block.function.parameter_name, block.argument)]
        return tff.framework.Block(bound, block.function.result), True

    return _transformed(tff.framework.transform_postorder, as_of.release, comp, replace)


@adapter(
    "tff.framework.replace_selection_from_tuple_with_element",
    releases=">=0.6,<0.9",
    replacement="tff.framework.to_call_dominant({comp})",
    note=_DOMINANT,
)
def replace_selection_from_tuple_with_element(comp, *, as_of: AsOf):
    """Replaces ``<a,b>[0]`` by ``a``, as of TFF 0.6 and 0.7.

    Args:
      comp: A building block.

    Returns:
      The building block, and whether it differs from `comp`.
    """
    as_of.warn(locals())

    def replace(block: Any) -> tuple[Any, bool]:
        selects = isinstance(block, tff.framework.Selection)
        if not (selects and isinstance(block.source, tff.framework.Struct)):
            return block, False
        return block.source[block.as_index()], True

    return _transformed(tff.framework.transform_postorder, as_of.release, comp, replace)


_REPLACED_BODIES = internal(_BODIES)


@adapter(
    "tff.framework.replace_intrinsics_with_bodies",
    releases=">=0.7,<0.11",
    note=_REPLACED_BODIES,
)
def replace_intrinsics_with_bodies_0_7(comp, *, as_of: AsOf):
    """The block with intrinsics expressed by simpler ones, as of TFF 0.7 to 0.10.

    The bodies are those of the installed TFF.

    Args:
      comp: A building block.

    Returns:
      The building block.
    """
    as_of.warn(locals())
    return _transformed(modern.internal(_BODIES), as_of.release, comp)[0]


@adapter(
    "tff.framework.replace_intrinsics_with_bodies",
    releases=">=0.18,<0.19",
    note=_REPLACED_BODIES,
)
def replace_intrinsics_with_bodies_0_18(comp, context_stack, *, as_of: AsOf):
    """A building block with intrinsics expressed by simpler ones, as of TFF 0.18.

    The bodies are those of the installed TFF.

    Args:
      comp: A building block.
      context_stack: Where the bodies were traced. No effect: the installed TFF uses its own.

    Returns:
      The building block, and whether it differs from `comp`.
    """
    as_of.warn(locals())
    return _transformed(modern.internal(_BODIES), as_of.release, comp)


@adapter(
    "tff.framework.replace_intrinsics_with_bodies",
    releases=">=0.19,<0.67",
    note=_REPLACED_BODIES,
)
def replace_intrinsics_with_bodies_0_19(comp, *, as_of: AsOf):
    """A building block with intrinsics expressed by simpler ones, as of TFF 0.19 to 0.66.

    The bodies are those of the installed TFF.

    Args:
      comp: A building block.

    Returns:
      The building block, and whether it differs from `comp`.
    """
    as_of.warn(locals())
    return _transformed(modern.internal(_BODIES), as_of.release, comp)


@adapter(
    "tff.framework.is_called_intrinsic",
    releases=_PUBLIC_UNTIL,
    note=internal("core.impl.compiler.building_block_analysis.is_called_intrinsic"),
)
def is_called_intrinsic(comp, uri=None, *, as_of: AsOf):
    """Whether a block calls an intrinsic, as of TFF 0.6 to 0.16.0.

    Args:
      comp: A building block.
      uri: The URI of the intrinsic, or several of which it may have one; None for any.

    Raises:
      TypeError: `uri` is neither.
    """
    as_of.warn(locals())
    if not isinstance(uri, (str, list, tuple, set, type(None))):
        raise TypeError(f"Expected a URI or several of them, found {type(uri).__name__}.")
    test = modern.internal("core.impl.compiler.building_block_analysis.is_called_intrinsic")
    return test(comp, uri)


@adapter(
    "tff.framework.get_map_of_unbound_references",
    releases=_PUBLIC_UNTIL,
    note=internal("core.impl.compiler.transformation_utils.get_map_of_unbound_references"),
)
def get_map_of_unbound_references(comp, *, as_of: AsOf):
    """For each block within a building block, the names that it uses and does not bind.

    As of TFF 0.6 to 0.16.0. Blocks that are equal have one entry; those of the releases were equal
    only if identical, which makes no difference to what is looked up.

    Args:
      comp: A building block.

    Returns:
      A dict from building blocks to sets of names.
    """
    as_of.warn(locals())
    return modern.internal("core.impl.compiler.transformation_utils.get_map_of_unbound_references")(
        comp
    )


@adapter(
    "tff.framework.check_has_unique_names",
    releases=_PUBLIC_UNTIL,
    note=internal(f"{_ANALYSIS}.check_has_unique_names"),
)
def check_has_unique_names(comp, *, as_of: AsOf):
    """Checks that a block binds each name once, as of TFF 0.6 to 0.16.0.

    Args:
      comp: A building block.

    Raises:
      ValueError: It binds a name twice, or one that it also takes from outside.
    """
    as_of.warn(locals())
    try:
        modern.internal(f"{_ANALYSIS}.check_has_unique_names")(comp)
    except ValueError as error:
        # The class of the installed TFF's own error is a subclass.
        raise ValueError(str(error)) from None


@adapter(
    "tff.framework.check_broadcast_not_dependent_on_aggregate",
    releases=">=0.9,<0.16.1",
    note=internal(f"{_ANALYSIS}.check_broadcast_not_dependent_on_aggregate"),
)
def check_broadcast_not_dependent_on_aggregate(tree, *, as_of: AsOf):
    """Checks that no broadcast sends what an aggregation gave, as of TFF 0.9 to 0.16.0.

    Args:
      tree: A building block.

    Raises:
      ValueError: One does.
    """
    as_of.warn(locals())
    modern.internal(f"{_ANALYSIS}.check_broadcast_not_dependent_on_aggregate")(tree)


_REDUCIBLE = f"{_ANALYSIS}.check_contains_only_reducible_intrinsics"


@adapter(
    "tff.framework.check_contains_only_reducible_intrinsics",
    releases=">=0.15,<0.16.1",
    note=internal(_REDUCIBLE),
)
@adapter(
    "tff.framework.check_intrinsics_whitelisted_for_reduction",
    releases=">=0.6,<0.15",
    note=internal(_REDUCIBLE),
)
def check_contains_only_reducible_intrinsics(comp, *, as_of: AsOf):
    """Checks that each intrinsic is a broadcast, an aggregation or local, as of 0.6 to 0.16.0.

    Args:
      comp: A building block.

    Raises:
      ValueError: One is none of these.
    """
    as_of.warn(locals())
    modern.internal(_REDUCIBLE)(comp)


_ALLOWED = f"{_TENSORFLOW}.compiled_computation_transformations.check_allowed_ops"
_DISALLOWED = f"{_TENSORFLOW}.compiled_computation_transformations.check_disallowed_ops"


@adapter(
    "tff.framework.check_allowed_ops",
    releases=">=0.26,<0.67",
    note=internal(_ALLOWED),
)
def check_allowed_ops(comp, allowed_op_names, *, as_of: AsOf):
    """Checks that TensorFlow code has only operations of some names, as of TFF 0.26 to 0.66.

    Args:
      comp: A building block.
      allowed_op_names: A frozen set of names of operations.

    Returns:
      The block, and False.

    Raises:
      DisallowedOpInTensorFlowComputationError: The code in it has another operation.
    """
    as_of.warn(locals())
    return _transformed(modern.internal(_ALLOWED), as_of.release, comp, allowed_op_names)


@adapter(
    "tff.framework.check_disallowed_ops",
    releases=">=0.22,<0.67",
    note=internal(_DISALLOWED),
)
def check_disallowed_ops(comp, disallowed_op_names, *, as_of: AsOf):
    """Checks that TensorFlow code has no operation of some names, as of TFF 0.22 to 0.66.

    Args:
      comp: A building block.
      disallowed_op_names: A frozen set of names of operations.

    Returns:
      The block, and False.

    Raises:
      DisallowedOpInTensorFlowComputationError: The code in it has one of these operations.
    """
    as_of.warn(locals())
    return _transformed(modern.internal(_DISALLOWED), as_of.release, comp, disallowed_op_names)


_GONE = (
    ("tff.framework.TFParser", ">=0.6,<0.20", "tff.backends.mapreduce.parse_tff_to_tf"),
    ("tff.framework.inline_block_locals", _PUBLIC_UNTIL, "tff.framework.to_call_dominant"),
    (
        "tff.framework.insert_called_tf_identity_at_leaves",
        _PUBLIC_UNTIL,
        "tff.backends.mapreduce.parse_tff_to_tf",
    ),
    ("tff.framework.merge_tuple_intrinsics", _PUBLIC_UNTIL, "tff.framework.to_call_dominant"),
    (
        "tff.framework.remove_called_lambdas_and_blocks",
        ">=0.15,<0.16.1",
        "tff.framework.to_call_dominant",
    ),
    ("tff.framework.remove_lambdas_and_blocks", ">=0.9,<0.15", "tff.framework.to_call_dominant"),
    (
        "tff.framework.unwrap_placement",
        _PUBLIC_UNTIL,
        "tff.backends.mapreduce.consolidate_and_extract_local_processing",
    ),
)
"""Steps of a compiler that TFF has no longer, their releases, and what does all of the work now."""

for _path, _releases, _replacement in _GONE:
    refusal(
        _path,
        releases=_releases,
        reason="It was a step of a compiler that TFF replaced as a whole.",
        replacement=_replacement,
    )
