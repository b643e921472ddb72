"""Calls by which initial values of Keras were drawn otherwise than they are now."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from packaging.version import Version

from tff_compat.declared.replacement import Replacement
from tff_compat.keras_behaviour import FIRST_WITH_CHOSEN_SEEDS, FIRST_WITH_SEEDED_STATE
from tff_compat.recipes import recipe

_INITIALIZER = re.compile(r"tensorflow\.(?:compat\.v2\.)?(?:keras\.)?initializers\.(?P<name>\w+)")
_SEED = {
    "VarianceScaling": 3,
    **dict.fromkeys(("RandomNormal", "RandomUniform", "TruncatedNormal"), 2),
    "Orthogonal": 1,
    **{f"{who}{how}": 0 for who in ("Glorot", "He", "Lecun") for how in ("Normal", "Uniform")},
}
"""Where the initializers that draw take their seed by position."""
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
_FOLLOWS = (
    "Keras chooses its initial values itself now; where they need not be those of then, "
    "tf.keras.utils.set_random_seed is enough"
)


def find(
    path: str, call: ast.Call, release: Version, *, draws: bool
) -> tuple[Replacement, Mapping[str, ast.expr], Mapping[str, list[Any]]] | None:
    """What to write for a call after which other initial values are drawn than then.

    Args:
      path: The dotted path of what is called.
      call: The call.
      release: The release of TFF that the program was written for.
      draws: Whether the program has layers or initializers of Keras.

    Returns:
      The replacement with its arguments and those for its holes with stars; None for other calls.
    """
    tensorflow = Version(recipe(release).tensorflow)
    if tensorflow >= FIRST_WITH_CHOSEN_SEEDS:
        return None
    rest: Mapping[str, list[Any]] = {"positional": list(call.args), "keywords": call.keywords}
    setter = _SETS_SEED.get(path)
    if setter == _OF_KERAS and tensorflow < _FIRST_WITH_SEEDS_OF_ALL:
        setter = None  # It is of a later time than the program, and does what it does now.
    if setter is not None and draws:
        return (
            Replacement(f"{{!seeding}}({setter})({{*positional}}, {{**keywords}})", _FOLLOWS),
            {},
            rest,
        )
    if tensorflow >= FIRST_WITH_SEEDED_STATE and _has_seed(path, call):
        return _DRAWS_ON, {"called": call.func}, rest
    return None


def is_drawn(path: str) -> bool:
    """Whether it is a layer or an initializer of Keras, or a model of layers."""
    return bool(_DRAWN.match(path))


def _has_seed(path: str, call: ast.Call) -> bool:
    """Whether a call makes an initializer that draws from a seed."""
    match = _INITIALIZER.fullmatch(path)
    if match is None:
        return False
    # Each class has a second name in the style of functions.
    name = match["name"]
    name = name if name in _SEED else "".join(map(str.capitalize, name.split("_")))
    if name not in _SEED:
        return False
    seeds = [keyword.value for keyword in call.keywords if keyword.arg == "seed"]
    seeds += call.args[_SEED[name] :][:1]
    return any(not (isinstance(each, ast.Constant) and each.value is None) for each in seeds)
