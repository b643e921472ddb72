"""What Keras did in the TensorFlow of a release, where the installed one does something else.

* Recurrent layers kept no copy of their weights before 2.2. The configuration of a layer that was
  made outside of a graph asks for it in a graph, where such weights get no gradient.
* Initializers without a seed drew anew whenever their graph ran before 2.10; since then they choose
  a seed when they are made. With a seed they drew in 2.6 to 2.9 from a state that was seeded.
* Layers that draw from a seed, such as `Dropout`, took that very seed each time that they were
  traced before 2.8; since then they count on from it.
* In 1.x `tf.keras` had the layers and initializers that are now in `tf.compat.v1.keras`.
"""

from __future__ import annotations

import functools
import importlib
import sys
from typing import Any

from packaging.version import Version

from tff_compat.replaced_names import ReplacedNames

_FIRST_V2 = Version("2.0")
FIRST_WITH_CACHING_DEVICE = Version("2.2")
"""The TensorFlow since which Keras's recurrent layers keep copies of their weights."""
FIRST_WITH_SEEDED_STATE = Version("2.6")
"""The TensorFlow since which Keras's initializers with a seed drew on from it."""
FIRST_WITH_COUNTED_SEEDS = Version("2.8")
"""The TensorFlow since which Keras's layers with a seed take the next one when traced again."""
FIRST_WITH_CHOSEN_SEEDS = Version("2.10")
"""The one since which they draw the same each time, and choose a seed where they get none."""
FIRST_WITH_NEW_OPTIMIZERS = Version("2.11")
"""The TensorFlow whose `tf.keras.optimizers` are others than those before, now called legacy."""
OPTIMIZERS_WITHOUT_LR = frozenset({"Ftrl"})
"""The optimizers that took ``lr=`` and trained with their default rate, as they do now."""


def apply(replaced: ReplacedNames, tensorflow: Version) -> None:
    """Makes Keras do what it did in `tensorflow`, until the names are put back.

    Args:
      replaced: What puts them back.
      tensorflow: The version of TensorFlow that a release of TFF ran on.
    """
    if tensorflow < FIRST_WITH_CHOSEN_SEEDS:
        _draw_anew(replaced, seeded_too=tensorflow >= FIRST_WITH_SEEDED_STATE)
    if tensorflow < FIRST_WITH_COUNTED_SEEDS:
        _count_no_seeds(replaced)
    if tensorflow < FIRST_WITH_CACHING_DEVICE:
        _keep_no_copies(replaced)
    if tensorflow < _FIRST_V2:
        for name in ("initializers", "layers"):
            _use_v1(replaced, name)


def modules(name: str) -> list[Any]:
    """The modules through which programs reach a module of `tf.keras`, such as "layers"."""
    import tensorflow as tf

    # A statement such as `from tensorflow.keras.optimizers import SGD` loads a copy of its own of
    # the module that `tf.keras.optimizers` was until then; loading it now, there is only the copy.
    copy = importlib.import_module(f"tensorflow.keras.{name}")
    found = [
        copy,
        getattr(tf.keras, name),
        getattr(tf, name, None),
        getattr(tf.compat.v2.keras, name),
        sys.modules.get(f"keras.{name}"),
    ]
    unique: list[Any] = []
    for module in found:
        if module is not None and all(module is not other for other in unique):
            unique.append(module)
    return unique


def _draw_anew(replaced: ReplacedNames, *, seeded_too: bool) -> None:
    import tensorflow as tf

    initializer = tf.keras.initializers.Initializer
    backend = getattr(sys.modules[initializer.__module__], "backend", None)
    generator: Any = getattr(backend, "RandomGenerator", None)
    if not hasattr(generator, "RNG_STATELESS"):
        return
    begin: Any = generator._maybe_init  # type: ignore[union-attr]

    @functools.wraps(begin)
    def begin_as_then(self: Any) -> None:
        if self._rng_type == self.RNG_STATELESS and (seeded_too or self._seed is None):
            self._rng_type = self.RNG_LEGACY_STATEFUL
        begin(self)

    replaced.set(generator, "_maybe_init", begin_as_then)
    # It says that all values of an initializer without a seed are the same.
    replaced.set(initializer, "_warn_reuse", lambda self: None)


def _count_no_seeds(replaced: ReplacedNames) -> None:
    import tensorflow as tf

    layer = getattr(tf.keras.__internal__.layers, "BaseRandomLayer", None)
    if layer is None:
        return
    begin: Any = layer.__init__

    @functools.wraps(begin)
    def begin_as_then(self: Any, seed: Any = None, **options: Any) -> None:
        begin(self, seed, **options)
        self._random_generator.make_legacy_seed = lambda: seed

    replaced.set(layer, "__init__", begin_as_then)


def _keep_no_copies(replaced: ReplacedNames) -> None:
    import tensorflow as tf

    cells = sys.modules[tf.keras.layers.LSTMCell.__module__]
    for module in (getattr(cells, "rnn_utils", None), getattr(cells, "recurrent", None)):
        for name in ("caching_device", "_caching_device"):
            if hasattr(module, name):
                replaced.set(module, name, lambda cell: None)
        for name in ("config_for_enable_caching_device", "_config_for_enable_caching_device"):
            if hasattr(module, name):
                replaced.set(module, name, lambda cell: {})


def _use_v1(replaced: ReplacedNames, name: str) -> None:
    import tensorflow as tf

    old = getattr(tf.compat.v1.keras, name)
    for module in modules(name):
        for member in dir(old):
            if isinstance(getattr(old, member), type):
                replaced.set(module, member, getattr(old, member))
