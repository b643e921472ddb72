"""Computations: `tf_computation` and `federated_computation` in every historical calling form."""

from __future__ import annotations

import collections
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.language import (
    composites,
    handed,
    structures,
    type_classes,
    type_functions,
    types,
    values,
)
from tff_compat.adapters.registry import NEVER, AsOf, Legacy, Replacement, adapter, helper
from tff_compat.adapters.stand_ins import Maker, derived
from tff_compat.catalog.boundaries import (
    FIRST_TO_KEEP_ORDER_OF_DICTS,
    FIRST_WITH_DEFAULT_CONTAINERS,
    FIRST_WITH_PARAMETER_NAMES,
    FIRST_WITH_RESULTS_IN_CONTAINERS,
    FIRST_WITH_TODAYS_TYPES,
)

tff = modern.package()

# Federated computations of releases before 0.64 return no plain dicts.
_TAKEN_FOR_DICTS = dict if installation.version() >= Version("0.64") else collections.OrderedDict


def _is_function(value: Any) -> bool:
    return callable(value) and not isinstance(value, type)


def made(
    wrap: Callable[..., Any],
    release: Version,
    function: Any,
    specs: Sequence[Any],
    *,
    keep: structures.Keep,
) -> Any:
    """A computation of a function, which takes and returns what it did as of a release.

    Args:
      wrap: What makes computations of such functions on the installed TFF.
      release: The release.
      function: The function.
      specs: The types of its parameters; none where it waits for arguments to learn them.
      keep: Which containers its results come in; see `structures.Keep`.
    """
    parameter_types = [types.to_type(spec, release) for spec in specs]
    if release < FIRST_WITH_PARAMETER_NAMES:
        function = _without_defaults(function, len(parameter_types))
        function, parameter_types = _without_names(function, parameter_types)
    made = wrap(function, *parameter_types)
    if not isinstance(made, tff.Computation):
        # Without types, the computation learns them from its first arguments.
        real: Any = type(made)
        made.__class__ = _polymorphic_class(real, release, keep)
        return made
    return structures.with_results_of(made, release, keep=keep)


@functools.cache
def _polymorphic_class(real: Any, release: Version, keep: structures.Keep) -> Any:
    """A class of functions without types, which makes computations of a release of them."""

    def fn_for_argument_type(self, arg_type, unpack=None):
        made = super(polymorphic, self).fn_for_argument_type(arg_type, unpack)
        return structures.with_results_of(made, release, keep=keep)

    def call(self, *args, **kwargs):
        if release < FIRST_WITH_TODAYS_TYPES:
            args, kwargs = composites.taken_apart(args), composites.taken_apart(kwargs)
        return super(polymorphic, self).__call__(*args, **kwargs)

    body = {
        "fn_for_argument_type": fn_for_argument_type,
        "__call__": call,
    }
    polymorphic: Any = derived(real, body)
    return polymorphic


def _has_defaults(function: Any) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return any(each.default is not each.empty for each in parameters)


def _without_defaults(function: Any, count: int) -> Any:
    """The function of its required parameters, or of `count` if these are more.

    Functions might have parameters with defaults up to 0.16.
    """
    if not _has_defaults(function):
        return function
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    required = [each for each in parameters if each.default is each.empty]

    @functools.wraps(function)
    def without_defaults(*args, **kwargs):
        return function(*args, **kwargs)

    kept = parameters[: max(len(required), count)]
    without_defaults.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[each.replace(default=each.empty) for each in kept]
    )
    return without_defaults


def _without_names(function: Any, parameter_types: list[Any]) -> tuple[Any, list[Any]]:
    """The function taking one unnamed structure: parameters had no names in types up to 0.16."""
    parameters = inspect.signature(function).parameters
    if len(parameters) < 2 or not parameter_types:
        return function, parameter_types
    if len(parameter_types) == 1:
        (packed,) = parameter_types
        if not isinstance(packed, tff.StructType) or tff.structure.name_list(packed):
            return function, parameter_types
        unnamed = [each for _, each in tff.structure.iter_elements(packed)]
    else:
        unnamed = parameter_types
    count = len(unnamed)

    @functools.wraps(function)
    def taking_one(arguments):
        return function(*(arguments[index] for index in range(count)))

    # It has a signature of its own.
    for name in ("__wrapped__", "__signature__"):
        taking_one.__dict__.pop(name, None)
    return taking_one, [tff.StructWithPythonType(unnamed, tuple)]


def decorated(args: tuple[Any, ...], make: Callable[[Any, Sequence[Any]], Any]) -> Any:
    """The decorator's own calling forms: with a function, with types, with both, with neither."""
    if args and _is_function(args[0]):
        return make(args[0], args[1:])
    return lambda function: make(function, args)


_TF_REPLACEMENT = "tff.tensorflow.computation"
ROLE = "computation"
_CASES = {
    "untyped": Replacement(
        "",
        "TFF makes no type of a class, nor of sparse or ragged tensors: write one of tensors.",
    )
}
_OF_TENSORFLOW = {**_CASES, "defaults": Replacement("{!tensorflow_computation}")}
_OF_FEDERATED = {**_CASES, "defaults": Replacement("{!federated_computation}")}
helper(
    "without_defaults",
    '''\
def without_defaults(wrap, args):
  """A computation of a function, without its default parameters that have no type."""
  if not args or not inspect.isfunction(args[0]):
    return lambda function: without_defaults(wrap, (function, *args))
  function, *types = args
  parameters = list(inspect.signature(function).parameters.values())
  required = sum(each.default is each.empty for each in parameters)
  kept = parameters[:max(required, len(types))]

  @functools.wraps(function)
  def of_the_rest(*values, **named):
    return function(*values, **named)

  of_the_rest.__signature__ = inspect.Signature(
      [each.replace(default=each.empty) for each in kept])
  return wrap(of_the_rest, *types)
''',
)
helper(
    "tensorflow_computation",
    '''\
def tensorflow_computation(*args):
  """A computation in TensorFlow of a function that may have default parameters."""
  return without_defaults(tff.tensorflow.computation, args)
''',
)
helper(
    "federated_computation",
    '''\
def federated_computation(*args):
  """A federated computation of a function that may have default parameters."""
  converted = [
      each if inspect.isfunction(each) or isinstance(each, tff.Type)
      else tff.types.tensorflow_to_type(each) for each in args]
  return without_defaults(tff.federated_computation, converted)
''',
)


def _tf_computation(args: tuple[Any, ...], as_of: AsOf) -> Any:
    as_of.warn({"args": args})
    return decorated(
        args,
        lambda function, specs: made(
            tff.tensorflow.computation,
            as_of.release,
            _sorting(composites.for_tensorflow(function, as_of.release), as_of.release),
            [
                structures.parameter_type(types.to_type(spec, as_of.release), as_of.release)
                for spec in specs
            ],
            keep=structures.Keep.ALL,
        ),
    )


@adapter(
    "tff.tf_computation",
    releases="<0.17",
    replacement=_TF_REPLACEMENT,
    gives=ROLE,
    cases=_OF_TENSORFLOW,
)
def tf_computation_0_1(*args, as_of: AsOf):
    """A computation of TensorFlow code, as a function or decorator, as of TFF 0.1 to 0.16.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
    """
    return _tf_computation(args, as_of)


@adapter(
    "tff.tf_computation",
    releases=">=0.17,<0.48",
    replacement=_TF_REPLACEMENT,
    changed=(*type_classes.CHANGED, FIRST_WITH_DEFAULT_CONTAINERS),
    gives=ROLE,
    cases=_CASES,
)
def tf_computation_0_17(*args, tff_internal_types=None, as_of: AsOf):
    """A computation of TensorFlow code, as a function or decorator, as of TFF 0.17 to 0.47.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      tff_internal_types: TFF's own; must be None.
    """
    check_internal(tff_internal_types)
    return _tf_computation(args, as_of)


@adapter(
    "tff.tf_computation",
    releases=">=0.48,<0.63",
    replacement=_TF_REPLACEMENT,
    changed=type_classes.CHANGED,
    gives=ROLE,
    cases=_CASES,
)
def tf_computation_0_48(*args, tff_internal_types=None, as_of: AsOf, **kwargs):
    """A computation of TensorFlow code, as a function or decorator, as of TFF 0.48 to 0.61.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      tff_internal_types: TFF's own; must be None.
      **kwargs: Options of the serialization, such as `layout_map`; none can be honored.

    Raises:
      TypeError: Options are given.
    """
    check_internal(tff_internal_types)
    check_options(kwargs)
    return _tf_computation(args, as_of)


@adapter(
    "tff.tf_computation",
    releases=">=0.63,<0.71",
    replacement=_TF_REPLACEMENT,
    changed=type_classes.CHANGED,
    gives=ROLE,
    cases=_CASES,
)
@adapter(
    "tff.tf_computation",
    releases=">=0.71,<0.87",
    replacement=_TF_REPLACEMENT,
    gives=ROLE,
    cases=_CASES,
)
def tf_computation_0_63(*args, as_of: AsOf, **kwargs):
    """A computation of TensorFlow code, as a function or decorator, as of TFF 0.63 to 0.86.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      **kwargs: Options of the serialization, such as `layout_map`; none can be honored.

    Raises:
      TypeError: Options are given.
    """
    check_options(kwargs)
    return _tf_computation(args, as_of)


@adapter(
    "tff.experimental_tf_fn_computation",
    releases=">=0.39,<0.48",
    replacement=_TF_REPLACEMENT,
    gives=ROLE,
    cases=_CASES,
)
def experimental_tf_fn_computation_0_39(*args, tff_internal_types=None, as_of: AsOf):
    """A computation of TensorFlow code, as of TFF 0.39 to 0.47.

    The releases traced the code as a `tf.function`; here it is `tff.tf_computation`.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      tff_internal_types: TFF's own; must be None.
    """
    check_internal(tff_internal_types)
    return _tf_computation(args, as_of)


@adapter(
    "tff.experimental_tf_fn_computation",
    releases=">=0.48,<0.63",
    replacement=_TF_REPLACEMENT,
    gives=ROLE,
    cases=_CASES,
)
def experimental_tf_fn_computation_0_48(*args, tff_internal_types=None, as_of: AsOf, **kwargs):
    """A computation of TensorFlow code, as of TFF 0.48 to 0.61.

    The releases traced the code as a `tf.function`; here it is `tff.tf_computation`.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      tff_internal_types: TFF's own; must be None.
      **kwargs: Options of the serialization, such as `layout_map`; none can be honored.

    Raises:
      TypeError: Options are given.
    """
    check_internal(tff_internal_types)
    check_options(kwargs)
    return _tf_computation(args, as_of)


def check_internal(tff_internal_types: Any) -> None:
    """Accepts only None.

    Raises:
      TypeError: Something was given for `tff_internal_types`.
    """
    if tff_internal_types is not None:
        raise TypeError("`tff_internal_types` is TFF's own and cannot be given.")


def check_options(options: Mapping[str, Any]) -> None:
    """Accepts only no options of the serialization.

    Raises:
      TypeError: Some were given.
    """
    if options:
        raise TypeError(f"The installed TFF takes no options for computations, found {options}.")


def kept_by_federated(release: Version) -> structures.Keep:
    """Which containers the results of federated computations keep as of a release."""
    python = release >= FIRST_WITH_RESULTS_IN_CONTAINERS
    return structures.Keep.UNPLACED if python else structures.Keep.NONE


def _federated_computation(args: tuple[Any, ...], as_of: AsOf) -> Any:
    specs = args[1:] if args and _is_function(args[0]) else args
    is_modern = all(types.is_modern(spec) for spec in specs)
    if not is_modern:
        as_of.warn({"args": args})
    release = as_of.release
    keep = kept_by_federated(release)

    def make(function: Any, given: Sequence[Any]) -> Any:
        if is_modern and release < FIRST_WITH_PARAMETER_NAMES and _has_defaults(function):
            as_of.warn({"args": args})
        function = _sorting(handed.to_program(function, release), release, _TAKEN_FOR_DICTS)
        return made(tff.federated_computation, release, function, given, keep=keep)

    return decorated(args, make)


def _sorting(function: Any, release: Version, container: type = dict) -> Any:
    """The function with plain dicts in the order of their keys, as types had them up to 0.19."""
    if release >= FIRST_TO_KEEP_ORDER_OF_DICTS:
        return function

    @functools.wraps(function)
    def sorting(*args, **kwargs):
        return _sorted_dicts(function(*args, **kwargs), container)

    return sorting


def _sorted_dicts(value: Any, container: type) -> Any:
    """The value with a sorted container for each plain dict in it."""
    if isinstance(value, dict):
        plain = type(value) is dict
        elements = [(name, _sorted_dicts(value[name], container)) for name in value]
        if plain:
            return container(sorted(elements, key=lambda element: element[0]))
        changed = any(new is not value[name] for name, new in elements)
        return type(value)(elements) if changed else value
    if isinstance(value, (list, tuple)):
        new = [_sorted_dicts(each, container) for each in value]
        if all(each is old for each, old in zip(new, value)):
            return value
        return type(value)(*new) if hasattr(value, "_fields") else type(value)(new)
    return value


_FEDERATED_REPLACEMENT = "tff.federated_computation({*args:types})"
_OF_TYPES = Legacy(values={"args": "tensorflow type"})
# Computations took no options but TFF's own.
_OPTIONS = ("tff_internal_types", "kwargs")


@adapter(
    "tff.federated_computation",
    releases="<0.17",
    replacement=_FEDERATED_REPLACEMENT,
    legacy=_OF_TYPES,
    without_effect=_OPTIONS,
    gives=ROLE,
    cases=_OF_FEDERATED,
    hands=values.ROLE,
)
def federated_computation_0_1(*args, as_of: AsOf):
    """A computation of federated values, as a function or decorator, as of TFF 0.1 to 0.16.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
    """
    return _federated_computation(args, as_of)


@adapter(
    "tff.federated_computation",
    releases=">=0.17,<0.48",
    replacement=_FEDERATED_REPLACEMENT,
    changed=(*values.CHANGED, FIRST_WITH_DEFAULT_CONTAINERS),
    legacy=_OF_TYPES,
    without_effect=_OPTIONS,
    gives=ROLE,
    hands=values.ROLE,
)
def federated_computation_0_17(*args, tff_internal_types=None, as_of: AsOf):
    """A computation of federated values, as a function or decorator, as of TFF 0.17 to 0.47.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      tff_internal_types: TFF's own; must be None.
    """
    check_internal(tff_internal_types)
    return _federated_computation(args, as_of)


@adapter(
    "tff.federated_computation",
    releases=">=0.48,<0.63",
    replacement=_FEDERATED_REPLACEMENT,
    changed=values.CHANGED,
    legacy=_OF_TYPES,
    without_effect=_OPTIONS,
    gives=ROLE,
    hands=values.ROLE,
)
def federated_computation_0_48(*args, tff_internal_types=None, as_of: AsOf, **kwargs):
    """A computation of federated values, as a function or decorator, as of TFF 0.48 to 0.61.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      tff_internal_types: TFF's own; must be None.
      **kwargs: Options of the serialization, of which federated computations have none.
    """
    check_internal(tff_internal_types)
    check_options(kwargs)
    return _federated_computation(args, as_of)


@adapter(
    "tff.federated_computation",
    releases=">=0.63,<0.70",
    replacement=_FEDERATED_REPLACEMENT,
    changed=values.CHANGED,
    legacy=_OF_TYPES,
    without_effect=_OPTIONS,
    gives=ROLE,
    hands=values.ROLE,
)
def federated_computation_0_63(*args, as_of: AsOf, **kwargs):
    """A computation of federated values, as a function or decorator, as of TFF 0.63 to 0.69.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      **kwargs: Options of the serialization, of which federated computations have none.
    """
    check_options(kwargs)
    return _federated_computation(args, as_of)


helper(
    "check_returns_type",
    '''\
def check_returns_type(*args):
  """Checks the type of what a function returns while it is traced; a decorator."""
  if len(args) == 1:
    return lambda function: check_returns_type(function, args[0])
  function, spec = args
  expected = tff.types.tensorflow_to_type(spec)

  @functools.wraps(function)
  def checking(*args, **kwargs):
    result = function(*args, **kwargs)
    found = type_of_value(result)
    if not found.is_identical_to(expected):
      raise TypeError(f'The function returned a value of type {found}, not {expected}.')
    return result

  return checking
''',
)


@adapter(
    "tff.check_returns_type",
    releases=">=0.17,<0.70",
    replacement="{!check_returns_type}({*args})",
)
def check_returns_type(*args, as_of: AsOf):
    """Checks the type of what a function returns while it is traced, as of TFF 0.17 to 0.69.

    Args:
      *args: A type, or a function and a type.

    Raises:
      TypeError: The function returns a value of another type.
    """
    as_of.warn(locals())
    if len(args) == 1:
        return lambda function: _checked(function, args[0], as_of.release)
    function, spec = args
    return _checked(function, spec, as_of.release)


def _checked(function: Any, spec: Any, release: Version) -> Any:
    expected = types.to_type(spec, release)

    @functools.wraps(function)
    def checking(*args, **kwargs):
        result = function(*args, **kwargs)
        found = type_functions.inferred(result, release)
        if not found.is_identical_to(expected):
            raise TypeError(f"The function returned a value of type {found}, not {expected}.")
        return result

    return checking


_COMPUTATION = "tff.Computation"
_Computation: Any = tff.Computation


class _ComputationMaker(Maker):
    """The class of the classes that stand for `tff.Computation`, whose objects are concrete."""

    @property
    def makes(cls) -> type:
        made: type = structures.Computation
        return made


@adapter("tff.Computation", releases=">=0.18,<0.20", replacement=_COMPUTATION, legacy=NEVER)
class Computation_0_18(_Computation, metaclass=_ComputationMaker):
    """The class of computations, as of TFF 0.18 and 0.19, which have `to_building_block`."""

    as_of: AsOf
    real = tff.Computation

    def __init__(self):
        raise TypeError("Computations are made by `tff.tf_computation` and its like.")


@adapter("tff.Computation", releases=">=0.85,<0.86", replacement=_COMPUTATION, legacy=NEVER)
class Computation_0_85(_Computation, metaclass=_ComputationMaker):
    """The class of computations, as of TFF 0.85.

    They have what prepares arguments and results; later the context does that.
    """

    as_of: AsOf
    real = tff.Computation

    def __init__(self):
        raise TypeError("Computations are made by `tff.tensorflow.computation` and its like.")
