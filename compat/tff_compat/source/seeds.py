"""Calls by which Keras and TensorFlow drew other values from a seed than they do now."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Mapping
from typing import Any

from packaging.version import Version

from tff_compat.catalog.boundaries import FIRST_WITH_RUNTIME_IN_CPP, FIRST_WITH_SESSIONS_KEPT
from tff_compat.declared.replacement import Replacement
from tff_compat.keras_behaviour import (
    FIRST_WITH_CHOSEN_SEEDS,
    FIRST_WITH_COUNTED_SEEDS,
    FIRST_WITH_SEEDED_STATE,
)
from tff_compat.recipes import recipe
from tff_compat.source.binding import all_arguments
from tff_compat.source.resolving import Resolution
from tff_compat.source.values import Function, Instance, Symbol

_INITIALIZER = re.compile(r"tensorflow\.(?:compat\.v2\.)?(?:keras\.)?initializers\.(?P<name>\w+)")
_SEED = {
    "VarianceScaling": 3,
    **dict.fromkeys(("RandomNormal", "RandomUniform", "TruncatedNormal"), 2),
    "Orthogonal": 1,
    **{f"{who}{how}": 0 for who in ("Glorot", "He", "Lecun") for how in ("Normal", "Uniform")},
}
"""Where the initializers that draw take their seed by position."""
_LAYER = re.compile(
    r"tensorflow\.(?:compat\.v[12]\.)?keras\.layers\."
    r"(?:Dropout|AlphaDropout|SpatialDropout[123]D)"
)
_LAYER_SEED = 2
"""Where layers take their seed by position."""
_OPERATION = re.compile(
    r"tensorflow\.(?:compat\.v[12]\.)?(?:nn\.dropout|multinomial|truncated_normal"
    r"|random_(?:gamma|normal|poisson|shuffle|uniform)"
    r"|random\.(?:categorical|gamma|multinomial|normal|poisson|shuffle|truncated_normal|uniform))"
)
"""Operations with a seed of their own, which is given by keyword."""
_V1_INITIALIZER = re.compile(
    r"tensorflow\.compat\.v1\.(?:keras\.)?(?:initializers\.(?P<name>\w+)|(?P<short>\w+)_initializer)"
)
"""Those whose objects are operations with a seed where they are called."""
_OF_DATA_SETS = frozenset(
    {"filter", "flat_map", "from_generator", "interleave", "map", "reduce", "scan", "take_while"}
)
"""The methods of data sets that take a function, which draws there from a seed as it did."""
_OF_BATCHES = frozenset({"forward_pass", "train_on_batch"})
"""The methods of models, which TFF calls for the batches of a data set."""
_DRAWN = re.compile(r"tensorflow\.(?:compat\.v2\.)?keras\.(?:layers|initializers)\.")
"""Layers, models of layers, and initializers."""
_SETS_SEED = {
    "tensorflow.random.set_seed": "tf.random.set_seed",
    "tensorflow.compat.v2.random.set_seed": "tf.random.set_seed",
    "tensorflow.set_random_seed": "tf.random.set_seed",
    "tensorflow.random.set_random_seed": "tf.random.set_seed",
    "tensorflow.compat.v1.set_random_seed": "tf.random.set_seed",
    "tensorflow.keras.utils.set_random_seed": "tf.keras.utils.set_random_seed",
}
"""What sets the seed of TensorFlow, as programs of all times wrote it, and as they do now."""

_OF_KERAS = "tf.keras.utils.set_random_seed"
_FIRST_WITH_SEEDS_OF_ALL = Version("2.7")
"""The TensorFlow that got this function."""

_DRAWS_ON = Replacement("{!drawing_on}({called}, {*positional}, {**keywords})")
_WITH_ITS_SEED = Replacement("{!with_its_seed}({called}({*positional}, {**keywords}))")
_ANEW = "{!drawn_anew}(lambda: {called}({*positional}, {**keywords}))"
_BEGAN_ANEW = Replacement(_ANEW)
_BEGAN_ANEW_IN_COMPUTATIONS = Replacement(
    _ANEW,
    "in computations it began anew with each call up to TFF 0.12; elsewhere, and in a tf.function "
    "that one computation calls several times, it goes on, then as now",
)
_WENT_ON = Replacement(
    "",
    "In a computation, outside of data sets, it went on from call to call at each client up to TFF "
    "0.40; now it is open which client gets which value. `tf.random.stateless_uniform` and the "
    "like draw the same from call to call.",
)
_FOLLOWS = (
    "Keras chooses its initial values itself now; where they need not be those of then, "
    "tf.keras.utils.set_random_seed is enough"
)


@functools.cache
def _tensorflow_of(release: Version) -> Version:
    return Version(recipe(release).tensorflow)


def find(
    path: str, call: ast.Call, release: Version, *, draws: bool
) -> tuple[Replacement, Mapping[str, ast.expr], Mapping[str, list[Any]]] | None:
    """What to write for a call after which other values are drawn than then.

    Args:
      path: The dotted path of what is called.
      call: The call.
      release: The release of TFF that the program was written for.
      draws: Whether the program has layers or initializers of Keras.

    Returns:
      The replacement with its arguments and those for its holes with stars; None for other calls.
    """
    tensorflow = _tensorflow_of(release)
    rest: Mapping[str, list[Any]] = {"positional": list(call.args), "keywords": call.keywords}
    called: Mapping[str, ast.expr] = {"called": call.func}
    if tensorflow < FIRST_WITH_COUNTED_SEEDS and _LAYER.fullmatch(path):
        return (_WITH_ITS_SEED, called, rest) if _is_seeded(call, _LAYER_SEED) else None
    if tensorflow >= FIRST_WITH_CHOSEN_SEEDS:
        return None
    setter = _SETS_SEED.get(path)
    if setter == _OF_KERAS and tensorflow < _FIRST_WITH_SEEDS_OF_ALL:
        setter = None  # It is of a later time than the program, and does what it does now.
    if setter is not None and draws:
        return (
            Replacement(f"{{!seeding}}({setter})({{*positional}}, {{**keywords}})", _FOLLOWS),
            {},
            rest,
        )
    if tensorflow >= FIRST_WITH_SEEDED_STATE and _is_initializer_with_seed(path, call):
        return _DRAWS_ON, called, rest
    return None


def of_operation(
    call: ast.Call,
    release: Version,
    resolution: Resolution,
    parents: Mapping[ast.AST, ast.AST],
) -> tuple[str, ast.Call, Replacement] | None:
    """What to write for an operation of TensorFlow that draws from a seed of its own.

    Args:
      call: A call.
      release: The release of TFF that the program was written for.
      resolution: What the expressions of the program are.
      parents: The node that each node of the file stands in.

    Returns:
      The operation, the call that begins anew as a whole, and the replacement for that; None for
      other calls.
    """
    path = "" if release >= FIRST_WITH_RUNTIME_IN_CPP else _operation(call, resolution)
    if not path:
        return None
    found = _where_drawn(call, resolution, parents)
    if found is None:
        return None
    whole, is_of_computation = found
    if release >= FIRST_WITH_SESSIONS_KEPT:
        return path, call, _WENT_ON
    return path, whole, _BEGAN_ANEW if is_of_computation else _BEGAN_ANEW_IN_COMPUTATIONS


def _operation(call: ast.Call, resolution: Resolution) -> str:
    """The function or initializer by which a call draws from a seed of its own; "" for none."""
    for value in resolution.values(call.func):
        if isinstance(value, Symbol) and _OPERATION.fullmatch(value.path) and _is_seeded(call):
            return value.path
        if isinstance(value, Instance) and value.call is not None:
            match = _V1_INITIALIZER.fullmatch(value.role)
            if match and _gives_seed(match["name"] or match["short"], value.call):
                return value.role
    return ""


def _where_drawn(
    call: ast.Call, resolution: Resolution, parents: Mapping[ast.AST, ast.AST]
) -> tuple[ast.Call, bool] | None:
    """The call that draws, or that repeats what draws, and whether a computation consists of it.

    None outside of functions, where each is called once, and in the functions of data sets.
    """
    in_data_sets = _of_data_sets(resolution)
    whole, node = call, parents.get(call)
    while node is not None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name in _OF_BATCHES or node in in_data_sets:
                return None
            return whole, any(_makes_computation(each, resolution) for each in node.decorator_list)
        if isinstance(node, ast.Lambda):
            if node in in_data_sets:
                return None
            taker = parents[parents[node] if isinstance(parents[node], ast.keyword) else node]
            if not isinstance(taker, ast.Call):
                return whole, False
            if _makes_computation(taker.func, resolution):
                return whole, True
            if not _is_of_tensorflow(taker.func, resolution):
                return whole, False
            # What repeats a function, such as `tf.map_fn`, goes on from one time to the next.
            whole = node = taker
        node = parents.get(node)
    return None


def _makes_computation(node: ast.expr, resolution: Resolution) -> bool:
    """Whether it is a decorator that makes a computation of code for TensorFlow."""
    called = node.func if isinstance(node, ast.Call) else node
    return any(
        isinstance(value, Symbol) and value.path.rpartition(".")[2] == "tf_computation"
        for value in resolution.values(called)
    )


def _is_of_tensorflow(node: ast.expr, resolution: Resolution) -> bool:
    return any(
        isinstance(value, Symbol) and value.path.startswith("tensorflow.")
        for value in resolution.values(node)
    )


def _of_data_sets(resolution: Resolution) -> frozenset[ast.AST]:
    """The functions that the methods of data sets are given."""
    found: set[ast.AST] = set()
    for node in resolution.seen:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in _OF_DATA_SETS and not _is_of_tensorflow(node.func, resolution):
            for argument in all_arguments(node):
                found.add(argument)
                values = resolution.values(argument)
                found |= {value.node for value in values if isinstance(value, Function)}
    return frozenset(found)


def is_drawn(path: str) -> bool:
    """Whether it is a layer or an initializer of Keras, or a model of layers."""
    return bool(_DRAWN.match(path))


def _is_initializer_with_seed(path: str, call: ast.Call) -> bool:
    match = _INITIALIZER.fullmatch(path)
    return match is not None and _gives_seed(match["name"], call)


def _gives_seed(name: str, call: ast.Call) -> bool:
    """Whether the call of an initializer that draws gives it a seed."""
    # Each class has a second name in the style of functions.
    name = name if name in _SEED else "".join(map(str.capitalize, name.split("_")))
    return name in _SEED and _is_seeded(call, _SEED[name])


def _is_seeded(call: ast.Call, position: int | None = None) -> bool:
    """Whether a call gives a seed, by keyword or at a position."""
    seeds = [keyword.value for keyword in call.keywords if keyword.arg == "seed"]
    if position is not None:
        seeds += call.args[position:][:1]
    return any(not (isinstance(each, ast.Constant) and each.value is None) for each in seeds)
