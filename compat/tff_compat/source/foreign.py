"""Names of other packages than TFF that have to go: those that are gone, and tff-compat's own."""

from __future__ import annotations

import ast
import collections.abc
import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.version import Version

from tff_compat.declared.replacement import Replacement
from tff_compat.keras_behaviour import FIRST_WITH_NEW_OPTIMIZERS, OPTIMIZERS_WITHOUT_LR
from tff_compat.recipes import recipe
from tff_compat.source import privacy

FILE = "tensorflow_names.json"
"""Beside this module; written by `tools/build_tensorflow_names.py`."""

_NUMPY = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "complex": "complex",
    "object": "object",
    "str": "str",
    "long": "int",
    "unicode": "str",
}
_OWN = {
    "activate": "Modern names are not there while it is in place: take it out last.",
    "as_of": "Modern names are not in what it gives: write `import tensorflow_federated as tff` "
    "in its place last.",
}
"""What the programs that run by tff-compat alone have to lose."""
_RENAMED = {
    r"(math\.)?reduce_\w+": {"reduction_indices": "axis", "keep_dims": "keepdims"},
    r"(math\.)?arg(max|min)": {"dimension": "axis"},
    r"expand_dims": {"dim": "axis"},
    r"squeeze": {"squeeze_dims": "axis"},
    r"(nn|math)\.(log_)?softmax": {"dim": "axis"},
}
"""Keywords that TensorFlow 2 renamed, by function."""
# TensorFlow 2.11 to 2.14 drop `lr`.
_RENAMED_OF_OPTIMIZERS = {"lr": "learning_rate"}
_OPTIMIZERS = frozenset("Adadelta Adagrad Adam Adamax Ftrl Nadam RMSprop SGD".split())


_OF_CONTRIB = {
    "contrib.eager.function": "tf.function",
    "contrib.eager.defun": "tf.function",
    "contrib.eager.GradientTape": "tf.GradientTape",
    "contrib.eager.Variable": "tf.Variable",
    "contrib.framework.TensorSpec": "tf.TensorSpec",
    "contrib.framework.nest": "tf.nest",
}
"""What of `tf.contrib` is in `tf` itself today."""
_NOTE_OF_CONTRIB = "tf.contrib is gone; its parts are in packages of their own, or in tf itself."
_NOTE_OF_LOOKUP = (
    "tf.contrib is gone; `tf.lookup.StaticHashTable`, or with buckets for unknown keys "
    "`tf.lookup.StaticVocabularyTable`, is made of a `tf.lookup.KeyValueTensorInitializer`."
)


_OF_KERAS = re.compile(r"tensorflow\.(?:compat\.v2\.)?(?:keras\.)?optimizers\.(\w+)")


@dataclass(frozen=True)
class Foreign:
    """A legacy use of a name that is not TFF's.

    Attributes:
      code: The code of its sort.
      symbol: The name, as programs write it.
      modern: What replaces it.
      arguments: The arguments of the template, by hole.
      rest: Those for its holes with stars.
      defaults: The text of the defaults of its parameters.
      whole: Whether the code stands for the whole call.
    """

    code: str
    symbol: str
    modern: Replacement
    arguments: Mapping[str, ast.expr] = field(default_factory=dict)
    rest: Mapping[str, list[Any]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False


def of_base(path: str, release: Version) -> Foreign | None:
    """The legacy use of an imported class that a class of the program derives from."""
    name = optimizer_of_then(path, release)
    if name is None:
        return None
    modern = Replacement(f"tf.keras.optimizers.legacy.{name}")
    return Foreign("TFF201", f"tf.keras.optimizers.{name}", modern)


def optimizer_of_then(path: str, release: Version) -> str | None:
    """The optimizer of Keras at a path, where the one of then is another class than today's."""
    found = _OF_KERAS.fullmatch(path)
    if found is None or found[1] not in {*_OPTIMIZERS, "Optimizer"}:
        return None
    if Version(recipe(release).tensorflow) >= FIRST_WITH_NEW_OPTIMIZERS:
        return None
    return found[1]


def find(path: str, call: ast.Call | None, release: Version) -> Foreign | None:
    """The legacy use of an imported name, None where it is there today.

    Args:
      path: Its dotted path, such as ``"tensorflow.to_float"``.
      call: The call, where it is called.
      release: The release of TFF that the program was written for.
    """
    package, _, name = path.partition(".")
    if package == "tff_compat" and name in _OWN:
        return Foreign("TFF404", path, Replacement("", _OWN[name]))
    if package == "tensorflow":
        return _of_tensorflow(path, call)
    if package == privacy.PACKAGE:
        return _of_privacy(path, call, release)
    if package == "numpy" and name in _NUMPY:
        return Foreign("TFF403", f"np.{name}", Replacement(_NUMPY[name]))
    if package == "collections" and name in _abstract_classes():
        return Foreign("TFF403", path, Replacement(f"collections.abc.{name}"))
    return None


def _of_privacy(path: str, call: ast.Call | None, release: Version) -> Foreign | None:
    found = privacy.find(path, call, release)
    if found is None:
        return None
    modern, bound = found
    if bound is None:
        return Foreign("TFF405", path, modern)
    return Foreign("TFF405", path, modern, bound.arguments, defaults=bound.defaults, whole=True)


@functools.cache
def _abstract_classes() -> frozenset[str]:
    return frozenset(collections.abc.__all__)


def _of_tensorflow(path: str, call: ast.Call | None) -> Foreign | None:
    if path.startswith("tensorflow.compat.v1."):
        return None
    name = path.replace("tensorflow.compat.v2.", "tensorflow.", 1).partition(".")[2]
    for gone, there in _OF_CONTRIB.items():
        if name == gone or name.startswith(f"{gone}."):
            return Foreign("TFF401", f"tf.{name}", Replacement(there + name[len(gone) :]))
    inner = re.fullmatch(r"python\.keras\.optimizer_v2\.\w+\.(\w+)", name)
    if inner is not None and inner[1] in _OPTIMIZERS:
        # Keras took these for its own then.
        return Foreign(
            "TFF401", f"tf.{name}", Replacement(f"tf.keras.optimizers.legacy.{inner[1]}")
        )
    if name == "contrib" or name.startswith("contrib."):
        note = _NOTE_OF_LOOKUP if name.startswith("contrib.lookup") else _NOTE_OF_CONTRIB
        return Foreign("TFF401", f"tf.{name}", Replacement("", note))
    if name in _names():
        return Foreign("TFF401", f"tf.{name}", Replacement(f"tf.compat.v1.{name}"))
    if call is None:
        return None
    parts = name.split(".")
    if "optimizers" in parts and parts[-1] in _OPTIMIZERS:
        has_decay = any(keyword.arg == "decay" for keyword in call.keywords)
        if has_decay and parts[:-1] == ["keras", "optimizers"]:
            return _of_legacy_keras(f"tf.{name}", call, parts[-1])
        if parts[-1] in OPTIMIZERS_WITHOUT_LR:
            return None
        return _of_renamed(f"tf.{name}", call, _RENAMED_OF_OPTIMIZERS)
    for function, names in _RENAMED.items():
        if re.fullmatch(function, name):
            return _of_renamed(f"tf.{name}", call, names)
    return None


def _of_legacy_keras(symbol: str, call: ast.Call, name: str) -> Foreign:
    """The call of an optimizer with arguments that only the one of then takes."""
    given = {each.arg: each.value for each in call.keywords if each.arg is not None}
    if name in OPTIMIZERS_WITHOUT_LR:
        given.pop("lr", None)
    written = ", ".join(
        ["{*positional}"]
        + [f"{_RENAMED_OF_OPTIMIZERS.get(each, each)}={{{each}}}" for each in given]
        + ["{**keywords}"]
    )
    return Foreign(
        "TFF402",
        symbol,
        Replacement(f"tf.keras.optimizers.legacy.{name}({written})"),
        given,
        {
            "positional": list(call.args),
            "keywords": [each for each in call.keywords if each.arg is None],
        },
        whole=True,
    )


def _of_renamed(symbol: str, call: ast.Call, names: Mapping[str, str]) -> Foreign | None:
    """A call with keywords that have other names now."""
    renamed = {
        keyword.arg: keyword.value
        for keyword in call.keywords
        if keyword.arg is not None and keyword.arg in names
    }
    if not renamed:
        return None
    written = "".join(f"{names[name]}={{{name}}}, " for name in renamed)
    return Foreign(
        "TFF402",
        symbol,
        Replacement(f"{{called}}({{*positional}}, {written}{{**keywords}})"),
        {"called": call.func, **renamed},
        {
            "positional": list(call.args),
            "keywords": [keyword for keyword in call.keywords if keyword.arg not in renamed],
        },
        whole=True,
    )


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(json.loads(Path(__file__).with_name(FILE).read_text("utf-8")))
