"""Computations of JAX code, which lived in `tff.experimental` and then at the top."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Sequence
from typing import Any

from tff_compat import modern
from tff_compat.adapters.language import computations, structures, types
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper
from tff_compat.catalog import PRIMARY
from tff_compat.catalog.boundaries import FIRST_WITHOUT_XLA_CONTEXTS
from tff_compat.declared.replacement import AS_VALUE

tff = modern.package()


_REPLACEMENT = "tff.jax.computation"
_NOT_RUN = (
    f"No runtime of TFF {PRIMARY} runs it; `tff.tensorflow.computation` of what "
    "`jax.experimental.jax2tf.convert` gives is run."
)

helper(
    "jax_computation",
    '''\
def jax_computation(*args):
  """A computation of JAX code, as one of TensorFlow, which TFF runs; a decorator as well."""
  from jax.experimental import jax2tf

  def made(function, type_specs):
    translated = jax2tf.convert(
        function, with_gradient=False, native_serialization=False, enable_xla=False)
    on_tensors = functools.wraps(function)(lambda *args, **kwargs: translated(*args, **kwargs))
    return tff.tensorflow.computation(on_tensors, *type_specs)

  if args and callable(args[0]) and not isinstance(args[0], type):
    return made(args[0], args[1:])
  return lambda function: made(function, args)
''',
)
_TRANSLATED = "{!jax_computation}({*args})"
_TRANSLATED_AS_VALUE = {AS_VALUE: Replacement("{!jax_computation}")}


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            "Computations of JAX code need the package jax, which is not installed here; "
            "`pip install jax` brings it."
        ) from error


def _as_tensorflow(function: Any) -> Any:
    """The JAX function as a function on tensors.

    The runtimes of 0.18 to 0.52 had a context that ran JAX code; later ones run none, but do run
    the TensorFlow code that JAX itself translates it to.
    """
    convert = _imported("jax.experimental.jax2tf").convert
    on_tensors = convert(
        function, with_gradient=False, native_serialization=False, enable_xla=False
    )

    @functools.wraps(function)
    def converted(*args, **kwargs):
        return on_tensors(*args, **kwargs)

    return converted


def _jax_computation(args: tuple[Any, ...], as_of: AsOf) -> Any:
    as_of.warn()
    _imported("jax")
    release = as_of.release

    def make(function: Any, specs: Sequence[Any]) -> Any:
        if release < FIRST_WITHOUT_XLA_CONTEXTS:
            wrap, function = tff.tensorflow.computation, _as_tensorflow(function)
        else:
            wrap = tff.jax.computation
        specs = [types.to_type(spec, release) for spec in specs]
        return computations.made(wrap, release, function, specs, keep=structures.Keep.ALL)

    return computations.decorated(args, make)


@adapter(
    "tff.experimental.jax_computation",
    releases=">=0.18,<0.25",
    replacement=_TRANSLATED,
    cases=_TRANSLATED_AS_VALUE,
    without_effect=("tff_internal_types", "kwargs"),
    gives=computations.ROLE,
)
@adapter(
    "tff.jax_computation",
    releases=">=0.26,<0.48",
    replacement=_TRANSLATED,
    cases=_TRANSLATED_AS_VALUE,
    without_effect=("tff_internal_types", "kwargs"),
    gives=computations.ROLE,
)
def jax_computation_0_18(*args, tff_internal_types=None, as_of: AsOf):
    """A computation of JAX code, as a function or decorator, as of TFF 0.18 to 0.47.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      tff_internal_types: TFF's own; must be None.

    Raises:
      ImportError: JAX is not installed.
    """
    computations.check_internal(tff_internal_types)
    return _jax_computation(args, as_of)


@adapter(
    "tff.jax_computation",
    releases=">=0.48,<0.53",
    replacement=_TRANSLATED,
    cases=_TRANSLATED_AS_VALUE,
    without_effect=("tff_internal_types", "kwargs"),
    gives=computations.ROLE,
)
@adapter(
    "tff.jax_computation",
    releases=">=0.53,<0.63",
    replacement=_REPLACEMENT,
    note=_NOT_RUN,
    gives=computations.ROLE,
)
def jax_computation_0_48(*args, tff_internal_types=None, as_of: AsOf, **kwargs):
    """A computation of JAX code, as a function or decorator, as of TFF 0.48 to 0.61.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      tff_internal_types: TFF's own; must be None.
      **kwargs: Options of the serialization, of which there are none.

    Raises:
      ImportError: JAX is not installed.
      TypeError: Options are given.
    """
    computations.check_internal(tff_internal_types)
    computations.check_options(kwargs)
    return _jax_computation(args, as_of)


@adapter(
    "tff.jax_computation",
    releases=">=0.63,<0.71",
    replacement=_REPLACEMENT,
    gives=computations.ROLE,
)
@adapter(
    "tff.jax_computation",
    releases=">=0.71,<0.87",
    replacement=_REPLACEMENT,
    gives=computations.ROLE,
)
def jax_computation_0_63(*args, as_of: AsOf, **kwargs):
    """A computation of JAX code, as a function or decorator, as of TFF 0.63 to 0.86.

    Args:
      *args: A function, type specifications, a function followed by them, or nothing.
      **kwargs: Options of the serialization, of which there are none.

    Raises:
      ImportError: JAX is not installed.
    """
    computations.check_options(kwargs)
    return _jax_computation(args, as_of)
