"""The containers in which computations of each release returned their results."""

from __future__ import annotations

import collections
import contextlib
import enum
import functools
from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.framework import blocks, runtimes
from tff_compat.adapters.language import arguments, composites, dated_types, results, values
from tff_compat.adapters.stand_ins import named
from tff_compat.catalog.boundaries import (
    FIRST_WITH_CONTAINERS,
    FIRST_WITH_CONTAINERS_AT_CLIENTS,
    FIRST_WITH_DEFAULT_CONTAINERS,
    FIRST_WITH_EXECUTORS,
    FIRST_WITH_MIRRORED_CONTAINERS,
    FIRST_WITH_NUMPY_AT_CLIENTS,
    FIRST_WITH_QUOTED_NAMES,
    FIRST_WITH_RUNTIME_IN_CPP,
    FIRST_WITHOUT_FIELDS_AS_ATTRIBUTES,
)

tff = modern.package()

Struct: Any = tff.structure.Struct

# To `tf.data` of before TensorFlow 2.10 a list is a tensor.
_DATA_SETS_HAVE_LISTS = Version(tf.__version__) >= Version("2.10")


class AnonymousTuple(Struct):
    """A struct with attribute and index access: the results of computations of TFF 0.1 to 0.15.

    Printed as ``<a=1,b=2>``.
    """

    def __repr__(self) -> str:
        elements = ", ".join(f"({n!r}, {v!r})" for n, v in tff.structure.iter_elements(self))
        return f"AnonymousTuple([{elements}])"


class UnnamedAnonymousTuple(AnonymousTuple):
    """An `AnonymousTuple` whose elements have no names."""

    def __init__(self, elements: Iterable[Any]):
        # The runtime hands the values alone to the container of an unnamed structure.
        super().__init__([(None, element) for element in elements])


class EarlyAnonymousTuple(AnonymousTuple):
    """An `AnonymousTuple` that prints as it did up to TFF 0.7, as its elements do."""

    def __str__(self) -> str:
        elements = tff.structure.iter_elements(self)
        return f"<{','.join(str(v) if n is None else f'{n}={v!s}' for n, v in elements)}>"

    def __repr__(self) -> str:
        elements = ", ".join(f"({n}, {v!r})" for n, v in tff.structure.iter_elements(self))
        return f"AnonymousTuple([{elements}])"


class UnnamedEarlyAnonymousTuple(EarlyAnonymousTuple, UnnamedAnonymousTuple):
    """An `EarlyAnonymousTuple` whose elements have no names."""


named(
    "AnonymousTuple",
    *(UnnamedAnonymousTuple, EarlyAnonymousTuple, UnnamedEarlyAnonymousTuple),
)


def anonymous_tuple_class(release: Version, *, named: bool = True) -> type[AnonymousTuple]:
    """The class that prints as it did in a release, of pairs of name and value or of values."""
    if release >= FIRST_WITH_QUOTED_NAMES:
        return AnonymousTuple if named else UnnamedAnonymousTuple
    return EarlyAnonymousTuple if named else UnnamedEarlyAnonymousTuple


class NamedStruct(Struct):
    """A struct where types carry no container: results of computations of TFF 0.16 to 0.19."""


class UnnamedStruct(NamedStruct):
    """A `NamedStruct` whose elements have no names."""

    def __init__(self, elements: Iterable[Any]):
        super().__init__([(None, element) for element in elements])


named("Struct", NamedStruct, UnnamedStruct, found_by_pickle=True)


class Keep(enum.Enum):
    """Which containers of a result type its values come in, up to TFF 0.15."""

    ALL = "all"
    UNPLACED = "unplaced"
    NONE = "none"


def _as_given(type_spec: Any, release: Version, keep: Keep) -> Any:
    if isinstance(type_spec, tff.FederatedType):
        inside = Keep.ALL if keep is Keep.ALL else Keep.NONE
        if type_spec.all_equal or release >= FIRST_WITH_CONTAINERS_AT_CLIENTS:
            member = _as_given(type_spec.member, release, inside)
        else:
            member = _without_containers(type_spec.member, release)
        return tff.FederatedType(member, type_spec.placement, type_spec.all_equal)
    if not isinstance(type_spec, tff.StructType):
        return type_spec
    elements = [(name, _as_given(each, release, keep)) for name, each in _elements(type_spec)]
    named = any(name is not None for name, _ in elements)
    if not named:
        elements = [each for _, each in elements]
    mirrored = release >= FIRST_WITH_MIRRORED_CONTAINERS
    if isinstance(type_spec, tff.StructWithPythonType) and (mirrored or keep is not Keep.NONE):
        container = type_spec.python_container
        if (
            mirrored
            and release < FIRST_WITHOUT_FIELDS_AS_ATTRIBUTES
            and container is collections.OrderedDict
        ):
            container = FieldDict
        return tff.StructWithPythonType(elements, container)
    if mirrored:
        return tff.StructWithPythonType(elements, NamedStruct if named else UnnamedStruct)
    return tff.StructWithPythonType(elements, anonymous_tuple_class(release, named=named))


def _elements(type_spec: Any) -> list[tuple[str | None, Any]]:
    return list(tff.structure.iter_elements(type_spec))


class FieldDict(collections.OrderedDict):
    """An `OrderedDict` whose values are attributes as well.

    Types of federated values lost their containers up to TFF 0.15, so that TensorFlow code got
    `AnonymousTuple`s where the type now says `OrderedDict`: it may use either kind of access. TFF
    0.16 gave `OrderedDict`s as results, while its tutorials went on to use attributes.
    """

    def _asdict(self, recursive: bool = False) -> collections.OrderedDict[str, Any]:
        return collections.OrderedDict(
            (name, value._asdict(True) if recursive and isinstance(value, FieldDict) else value)
            for name, value in self.items()
        )

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"There is no field {name!r}, only {list(self)}.") from None


# Programs that print the class of a result printed this.
named("OrderedDict", FieldDict, found_by_pickle=True)


def _without_containers(type_spec: Any, release: Version) -> Any:
    if not isinstance(type_spec, tff.StructType):
        return type_spec
    elements = [(name, _without_containers(each, release)) for name, each in _elements(type_spec)]
    if any(name is not None for name, _ in elements):
        return _as_given(tff.StructType(elements), release, Keep.NONE)
    return _as_given(tff.StructType([each for _, each in elements]), release, Keep.NONE)


def parameter_type(type_spec: Any, release: Version) -> Any:
    """A parameter type whose containers are those in which TensorFlow code got its arguments.

    Args:
      type_spec: The type of a parameter of `tff.tf_computation`, or None.
      release: Up to 0.4 each structure is an `AnonymousTuple`; up to 0.15 those whose type carries
        no container; up to 0.19 these are `Struct`s.
    """
    if isinstance(type_spec, tff.SequenceType):
        return tff.SequenceType(element_type(type_spec.element, release))
    if not isinstance(type_spec, tff.StructType) or release >= FIRST_WITH_DEFAULT_CONTAINERS:
        return type_spec
    elements = [(name, parameter_type(each, release)) for name, each in _elements(type_spec)]
    named = any(name is not None for name, _ in elements)
    if not named:
        elements = [each for _, each in elements]
    contained = isinstance(type_spec, tff.StructWithPythonType)
    if contained and release >= FIRST_WITH_CONTAINERS:
        container = type_spec.python_container
        if container is collections.OrderedDict and release < FIRST_WITH_MIRRORED_CONTAINERS:
            container = FieldDict
        return tff.StructWithPythonType(elements, container)
    if release >= FIRST_WITH_MIRRORED_CONTAINERS:
        return tff.StructWithPythonType(elements, NamedStruct if named else UnnamedStruct)
    return tff.StructWithPythonType(elements, anonymous_tuple_class(release, named=named))


def element_type(type_spec: Any, release: Version) -> Any:
    """The type of a data set's element, an `OrderedDict` or tuple in each place up to 0.4."""
    if not _DATA_SETS_HAVE_LISTS:
        type_spec = _with_tuples(type_spec)
    if release >= FIRST_WITH_CONTAINERS or not isinstance(type_spec, tff.StructType):
        return type_spec
    elements = [(name, element_type(each, release)) for name, each in _elements(type_spec)]
    if any(name is not None for name, _ in elements):
        return tff.StructWithPythonType(elements, collections.OrderedDict)
    return tff.StructWithPythonType([each for _, each in elements], tuple)


def _with_tuples(type_spec: Any) -> Any:
    if not isinstance(type_spec, tff.StructType):
        return type_spec
    elements = [(name, _with_tuples(each)) for name, each in _elements(type_spec)]
    if all(name is None for name, _ in elements):
        elements = [each for _, each in elements]
    if not isinstance(type_spec, tff.StructWithPythonType):
        return tff.StructType(elements)
    container = type_spec.python_container
    return tff.StructWithPythonType(elements, tuple if container is list else container)


# What `tff.federated_computation` makes; the public `tff.Computation` is its abstract base.
Concrete: Any = type(tff.federated_computation(lambda: tff.federated_value(0, tff.SERVER)))


class Computation(Concrete):
    """A computation of the installed TFF that takes and returns what it did as of a release.

    See `arguments.as_installed` for the forms of arguments.
    """

    _release: Version
    _keep: Keep
    """By whether computations are interpreted: what gives a result the form of the release."""

    @functools.cached_property
    def type_signature(self) -> Any:
        """The function type, marked with the release."""
        return dated_types.dated(super().type_signature, self._release)

    @property
    def transform_args(self) -> Any:
        """What the context does to arguments; as of TFF 0.85 computations said it themselves."""
        return tff.tensorflow.transform_args

    @property
    def transform_result(self) -> Any:
        """What the context does to results; as of TFF 0.85 computations said it themselves."""
        return tff.tensorflow.transform_result

    def to_building_block(self) -> Any:
        """The building block that the computation is made of, with the members of the release."""
        return blocks.with_members(super().to_building_block(), self._release)

    def to_compiled_building_block(self) -> Any:
        """A building block of the whole computation, with the members of the release.

        Up to 0.15 the results of what federated computations used lost their Python containers.
        """
        block: Any = super().to_compiled_building_block()
        if self._release < FIRST_WITH_MIRRORED_CONTAINERS:
            kind = super().type_signature
            plain = tff.FunctionType(kind.parameter, dated_types.without_containers(kind.result))
            block = tff.framework.CompiledComputation(block.proto, type_signature=plain)
        return blocks.with_members(block, self._release)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls it: arguments and result are in the containers of the release."""
        if not runtimes.has_context(self._release):
            return runtimes.in_any_thread(self, *args, **kwargs)
        parameter = self.type_signature.parameter
        if parameter is not None:
            args, kwargs = arguments_as_installed(parameter, args, kwargs, self._release)
        call: Any = super().__call__
        if _takes_functions(parameter) and installation.version() < FIRST_WITH_RUNTIME_IN_CPP:
            call, args, kwargs = _with_functions_inside(call, parameter, args, kwargs)
        with self._contexts():
            result = call(*args, **kwargs)
        if isinstance(result, tff.Value):
            return values.dated(result, self._release)
        form = self._form()
        return result if form is None else form(result)

    @functools.cached_property
    def _contexts(self) -> Any:
        """Makes the contexts in which it runs."""
        if installation.version() < FIRST_WITH_RUNTIME_IN_CPP:
            return contextlib.nullcontext
        # What the runtimes of before need not have.
        from tff_compat.adapters.framework import own_process

        return own_process.contexts_for(Concrete.get_proto(self), self._release)

    @functools.cached_property
    def _forms(self) -> dict[bool, results.Form]:
        return {}

    def _form(self) -> results.Form:
        """What gives a result the form of the release, where it is run and not traced."""
        context = tff.framework.get_context_stack().current
        if not isinstance(context, tff.framework.SyncExecutionContext):
            return None
        interpreted = runtimes.interprets(context, self._release)
        if interpreted not in self._forms:
            self._forms[interpreted] = self._made_form(interpreted)
        return self._forms[interpreted]

    def _made_form(self, interpreted: bool) -> results.Form:
        result = super().type_signature.result
        if composites.are_in(result):
            return composites.put_together
        if self._release >= FIRST_WITH_NUMPY_AT_CLIENTS:
            return None
        if not interpreted:
            return results.of_executors(result)
        of_tensorflow = self._keep is Keep.ALL
        kept = of_tensorflow and self._release >= FIRST_WITH_EXECUTORS
        return results.of_interpreter(
            result,
            lambda element: _as_given(element, self._release, Keep.ALL if kept else Keep.NONE),
            of_tensorflow=of_tensorflow,
        )


def _takes_functions(type_spec: Any) -> bool:
    if isinstance(type_spec, tff.StructType):
        return any(_takes_functions(each) for _, each in _elements(type_spec))
    return isinstance(type_spec, tff.FunctionType)


def _with_functions_inside(
    call: Callable[..., Any], parameter: Any, args: Any, kwargs: Any
) -> tuple[Callable[..., Any], Any, Any]:
    """A call of a computation, with the functions among its arguments as a part of it.

    The runtimes of 0.17 to 0.40 take no functions from outside.
    """
    if len(args) == 1 and isinstance(parameter, tff.FunctionType):
        return tff.federated_computation(lambda: call(*args)), (), {}
    by_name = dict(_elements(parameter))
    kinds = [each for _, each in _elements(parameter)][: len(args)]
    kinds += [by_name[name] for name in kwargs]
    given = [*args, *kwargs.values()]
    outside = [index for index, kind in enumerate(kinds) if not _takes_functions(kind)]

    def inside(values: Any) -> Any:
        whole = list(given)
        for position, index in enumerate(outside):
            whole[index] = values[position]
        return call(*whole[: len(args)], **dict(zip(kwargs, whole[len(args) :])))

    if not outside:
        return tff.federated_computation(lambda: inside(())), (), {}
    made = tff.federated_computation(inside, tff.StructType([kinds[index] for index in outside]))
    return made, ([given[index] for index in outside],), {}


def arguments_as_installed(
    parameter: Any, args: Any, kwargs: Any, release: Version
) -> tuple[Any, Any]:
    """The arguments of a call as the installed TFF takes them; `parameter` is their type."""
    if len(args) == 1 and not kwargs:
        return (arguments.as_installed(args[0], parameter, release),), kwargs
    if not isinstance(parameter, tff.StructType) or len(args) + len(kwargs) != len(parameter):
        # The installed TFF says what is wrong.
        return args, kwargs
    elements = _elements(parameter)
    types_by_name = dict(elements)
    return (
        tuple(arguments.as_installed(arg, each, release) for arg, (_, each) in zip(args, elements)),
        {
            name: arguments.as_installed(arg, types_by_name.get(name), release)
            for name, arg in kwargs.items()
        },
    )


def with_results_of(computation: Any, release: Version, *, keep: Keep = Keep.NONE) -> Any:
    """The same computation, taking its arguments and giving its results as a release did.

    Args:
      computation: A `tff.Computation` of the installed TFF.
      release: As of which its results come. Up to 0.4 structures are `AnonymousTuple`s, up to 0.15
        but for `keep`; up to 0.19 those whose type carries no container are `Struct`s.
      keep: Which containers stay from 0.5 to 0.15: all (what TensorFlow code returns), those
        outside of placed values (what the Python code of a federated computation returns in 0.14
        and 0.15), or none.

    Returns:
      A real `tff.Computation` with the same type, as far as types are compared.
    """
    result = computation.type_signature.result
    if release < FIRST_WITH_CONTAINERS:
        result = _as_given(result, release, Keep.NONE)
    elif release < FIRST_WITH_DEFAULT_CONTAINERS:
        result = _as_given(result, release, keep)
    made = with_result_type(computation, result, release)
    made._keep = keep
    return made


def with_result_type(computation: Any, result: Any, release: Version) -> Any:
    """The same computation with other containers in its result type, as of a release.

    Args:
      computation: A `tff.Computation` of the installed TFF.
      result: Its result type, but for containers.
      release: As of which it takes its arguments and prints its type.
    """
    made = Computation(
        computation_proto=Concrete.get_proto(computation),
        context_stack=computation._context_stack,
        annotated_type=tff.FunctionType(computation.type_signature.parameter, result),
    )
    made._release = release
    made._keep = Keep.NONE
    made.__doc__ = computation.__doc__
    return made


def zeros(type_spec: Any) -> Any:
    """Zeros of a type, in the containers that it names.

    Args:
      type_spec: A tensor type of known shape, or a structure of such.
    """
    if isinstance(type_spec, tff.TensorType):
        return tf.zeros(type_spec.shape, type_spec.dtype)
    elements = [(name, zeros(each)) for name, each in tff.structure.iter_elements(type_spec)]
    has_names = any(name is not None for name, _ in elements)
    default = collections.OrderedDict if has_names else list
    container = getattr(type_spec, "python_container", default)
    if not has_names:
        return container(value for _, value in elements)
    return container(**dict(elements))
