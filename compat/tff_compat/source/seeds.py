"""Calls by which Keras and TensorFlow drew other values from a seed than they do now."""

from __future__ import annotations

import ast
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
_STATELESS = "`tf.random.stateless_uniform` and the like draw the same from call to call."
_BEGAN_ANEW = Replacement(
    "",
    "In a computation, outside of data sets, it began anew with each call up to TFF 0.12, and goes "
    f"on now. {_STATELESS}",
)
_WENT_ON = Replacement(
    "",
    "In a computation, outside of data sets, it went on from call to call at each client up to TFF "
    f"0.40; now it is open which client gets which value. {_STATELESS}",
)
_FOLLOWS = (
    "Keras chooses its initial values itself now; where they need not be those of then, "
    "tf.keras.utils.set_random_seed is enough"
)


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
    tensorflow = Version(recipe(release).tensorflow)
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


def of_operation(path: str, call: ast.Call, release: Version) -> Replacement | None:
    """What to say of an operation with a seed of its own in a computation; None for other calls."""
    if release >= FIRST_WITH_RUNTIME_IN_CPP or not _OPERATION.fullmatch(path):
        return None
    if not _is_seeded(call):
        return None
    return _BEGAN_ANEW if release < FIRST_WITH_SESSIONS_KEPT else _WENT_ON


def is_drawn(path: str) -> bool:
    """Whether it is a layer or an initializer of Keras, or a model of layers."""
    return bool(_DRAWN.match(path))


def _is_initializer_with_seed(path: str, call: ast.Call) -> bool:
    match = _INITIALIZER.fullmatch(path)
    if match is None:
        return False
    # Each class has a second name in the style of functions.
    name = match["name"]
    name = name if name in _SEED else "".join(map(str.capitalize, name.split("_")))
    return name in _SEED and _is_seeded(call, _SEED[name])


def _is_seeded(call: ast.Call, position: int | None = None) -> bool:
    """Whether a call gives a seed, by keyword or at a position."""
    seeds = [keyword.value for keyword in call.keywords if keyword.arg == "seed"]
    if position is not None:
        seeds += call.args[position:][:1]
    return any(not (isinstance(each, ast.Constant) and each.value is None) for each in seeds)
