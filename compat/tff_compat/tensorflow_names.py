"""What `tf` itself offered in the TensorFlow of a release, where the installed one differs.

Programs reach optimizers and many functions through `tf`, not through TFF. While a release is in
place, names of the installed TensorFlow mean what they meant in the TensorFlow of that release:

* Below 2.11 the Keras optimizers are those that are now called legacy. They take ``lr=`` and
  ``decay=``, where the new ones drop ``lr`` and train with their default rate.
* From 2.11 on ``lr=`` is the learning rate; TensorFlow 2.11 to 2.14 warned and dropped it.
* In 1.x, names that now live in `tf.compat.v1` are found in `tf`, reductions take
  ``reduction_indices=``, and `tf.contrib` has what federated programs used of it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from packaging.version import Version

from tff_compat import catalog, deprecation, keras_behaviour
from tff_compat.keras_behaviour import FIRST_WITH_NEW_OPTIMIZERS, OPTIMIZERS_WITHOUT_LR
from tff_compat.recipes import recipe
from tff_compat.replaced_names import ReplacedNames

_FIRST_V2 = Version("2.0")

_OPTIMIZERS = (
    "Adadelta",
    "Adagrad",
    "Adam",
    "Adamax",
    "Ftrl",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "SGD",
)

# Their 1.x forms take all that the 2.x forms take, and the names that arguments had then.
_WIDER_IN_V1 = (
    "argmax",
    "argmin",
    "expand_dims",
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "squeeze",
)

# Modules of `tf` whose names of 1.x federated programs used.
_MODULES_OF_V1 = ("train", "nn", "math", "random", "summary", "initializers", "layers")

# Programs of the first releases imported optimizers from TensorFlow's private modules.
_PRIVATE_OPTIMIZERS = {
    "gradient_descent": ["SGD"],
    "adam": ["Adam"],
    "adagrad": ["Adagrad"],
    "adadelta": ["Adadelta"],
    "rmsprop": ["RMSprop"],
}

_replaced = ReplacedNames()
_applied_for: list[Version] = []


def apply(tensorflow: Version) -> None:
    """Makes the names of the installed TensorFlow mean what they meant in `tensorflow`.

    Args:
      tensorflow: The version of TensorFlow that a release of TFF ran on.
    """
    restore()
    import tensorflow as tf

    _applied_for.append(tensorflow)
    if _has_new_optimizers(tf):
        for module in keras_behaviour.modules("optimizers"):
            if tensorflow < FIRST_WITH_NEW_OPTIMIZERS:
                _use_legacy(module)
            else:
                _use_learning_rate(module)
    if tensorflow < FIRST_WITH_NEW_OPTIMIZERS:
        if _has_new_optimizers(tf):
            _warn_of_lr_in_legacy()
        _add_experimental_mixed_precision(tf)
    keras_behaviour.apply(_replaced, tensorflow)
    if tensorflow < _FIRST_V2:
        _add_v1(tf)


def restore() -> None:
    """Gives the names of the installed TensorFlow back. Harmless when nothing is applied."""
    _replaced.restore()
    for path in [path for path in sys.modules if path.split(".")[:2] == ["tensorflow", "contrib"]]:
        del sys.modules[path]
    _applied_for.clear()


@contextlib.contextmanager
def names_as_of(tensorflow: Version) -> Iterator[None]:
    """Applies the names for a block; cheap where they are applied already."""
    before = list(_applied_for)
    if before == [tensorflow]:
        yield
        return
    apply(tensorflow)
    try:
        yield
    finally:
        restore()
        if before:
            apply(before[0])


def in_era(function: Callable[..., Any], release: Version) -> Callable[..., Any]:
    """The function run under the names of the TensorFlow that a release of TFF ran on."""
    tensorflow = Version(recipe(release).tensorflow)

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with names_as_of(tensorflow):
            return function(*args, **kwargs)

    return run


def _has_new_optimizers(tf: Any) -> bool:
    return Version(tf.__version__) >= FIRST_WITH_NEW_OPTIMIZERS


def legacy_optimizers() -> Any:
    """The module of the Keras optimizers that TensorFlow had below 2.11."""
    import tensorflow as tf

    return tf.keras.optimizers.legacy if _has_new_optimizers(tf) else tf.keras.optimizers


def _use_legacy(module: Any) -> None:
    legacy = legacy_optimizers()
    for name in _OPTIMIZERS:
        if hasattr(module, name):
            _replaced.set(module, name, getattr(legacy, name))
    for name in ("get", "deserialize"):
        original = getattr(module, name)
        _replaced.set(module, name, functools.partial(original, use_legacy_optimizer=True))


def _warn_of_lr_in_legacy() -> None:
    """The legacy optimizers take ``lr=``; in a program that is taken elsewhere it is dropped."""
    legacy = legacy_optimizers()
    for name in _OPTIMIZERS:
        optimizer = getattr(legacy, name, None)
        if optimizer is not None and name not in {"Optimizer", *OPTIMIZERS_WITHOUT_LR}:
            _replaced.set(optimizer, "__init__", _warning_of_lr(optimizer))


@functools.cache
def _warning_of_lr(optimizer: Any) -> Callable[..., None]:
    original = optimizer.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("lr") is not None:
            _warn_of_lr(optimizer, kwargs["lr"], derived=type(self) is not optimizer)
            if not args:
                # The same rate, without what Keras says of a name that was right.
                kwargs["learning_rate"] = kwargs.pop("lr")
        original(self, *args, **kwargs)

    return init


def _use_learning_rate(module: Any) -> None:
    for name in _OPTIMIZERS:
        optimizer = getattr(module, name, None)
        if optimizer is not None and name != "Optimizer":
            _replaced.set(module, name, _with_lr(optimizer))


class _OneClass(type):
    """Of a class that stands for another: instances of the other are its instances too."""

    def __instancecheck__(cls, instance: Any) -> bool:
        stands_for = cls.__dict__.get("_stands_for")
        return (
            isinstance(instance, stands_for) if stands_for else super().__instancecheck__(instance)
        )


@functools.cache
def _with_lr(optimizer: type) -> type:
    """The optimizer, which takes ``lr=`` as the learning rate, and warns of it."""

    class WithLr(optimizer, metaclass=_OneClass):  # type: ignore[misc, valid-type]
        _stands_for = optimizer

        def __init__(self, *args: Any, lr: Any = None, **kwargs: Any):
            if lr is not None:
                _warn_of_lr(optimizer, lr, derived=type(self) is not WithLr)
                kwargs["learning_rate"] = lr
            super().__init__(*args, **kwargs)

    WithLr.__name__ = WithLr.__qualname__ = optimizer.__name__
    WithLr.__module__ = optimizer.__module__
    WithLr.__doc__ = optimizer.__doc__
    return WithLr


_LR_NOTE = "Say learning_rate=: TensorFlow 2.14 drops lr= and trains with its default rate."


def _warn_of_lr(optimizer: type, lr: Any, *, derived: bool) -> None:
    path = f"tf.keras.optimizers.{optimizer.__name__}"
    rate = inspect.Parameter("lr", inspect.Parameter.KEYWORD_ONLY, default=None)
    others = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in inspect.signature(optimizer).parameters.items()
        if name not in ("learning_rate", "kwargs")
    ]
    options = "".join(f"[?, {each.name}={{{each.name}}}?]" for each in others)
    deprecation.warn_legacy(
        path,
        last_release=_last_release_with_lr(),
        # What a program has derived from the optimizer is called by another name.
        template="" if derived else f"{path}(learning_rate={{lr}}{options})",
        note=_LR_NOTE,
        arguments={"lr": lr},
        signature=inspect.Signature([rate, *others]),
    )


@functools.cache
def _last_release_with_lr() -> Version:
    """The last release of TFF on a TensorFlow whose optimizers took `lr`."""
    return max(
        release
        for release in catalog.load().releases
        if Version(recipe(release).tensorflow) < FIRST_WITH_NEW_OPTIMIZERS
    )


def _add_experimental_mixed_precision(tf: Any) -> None:
    module = tf.keras.mixed_precision
    if hasattr(module, "experimental"):
        return
    experimental = types.ModuleType(f"{module.__name__}.experimental")
    experimental.__dict__.update(
        Policy=module.Policy,
        LossScaleOptimizer=module.LossScaleOptimizer,
        global_policy=module.global_policy,
        set_policy=module.set_global_policy,
    )
    _replaced.set(module, "experimental", experimental)


def _add_v1(tf: Any) -> None:
    v1 = tf.compat.v1
    _add_missing(tf, v1)
    for name in _MODULES_OF_V1:
        old = getattr(v1, name, None)
        if old is not None:
            _add_missing(getattr(tf, name), old)
    for name in _WIDER_IN_V1:
        _replaced.set(tf, name, getattr(v1, name))
    for name in ("losses", "metrics"):
        _replaced.set(tf, name, getattr(v1, name))
    _add_dataset_methods(tf)
    contrib = _contrib(tf)
    _replaced.set(tf, "contrib", contrib)
    _use_one_keras(tf)
    sys.modules["tensorflow.contrib"] = contrib
    for name in ("eager", "framework", "lookup"):
        sys.modules[f"tensorflow.contrib.{name}"] = getattr(contrib, name)
    # They choose what TensorFlow 2 always does, and raise once it has begun to.
    for name in ("enable_eager_execution", "enable_v2_behavior", "enable_resource_variables"):
        _replaced.set(tf, name, _nothing)
        _replaced.set(v1, name, _nothing)


def _add_dataset_methods(tf: Any) -> None:
    """Adds what data sets of 1.x told of their elements, and their iterator."""
    data = tf.compat.v1.data
    for name in ("classes", "shapes", "types"):
        getter = getattr(data, f"get_output_{name}")
        _replaced.set(tf.data.Dataset, f"output_{name}", property(getter))
    _replaced.set(tf.data.Dataset, "make_one_shot_iterator", _make_one_shot_iterator)


def _make_one_shot_iterator(dataset: Any) -> Any:
    """An iterator over a data set, from its beginning."""
    import tensorflow as tf

    return tf.compat.v1.data.make_one_shot_iterator(dataset)


def _use_one_keras(tf: Any) -> None:
    """Makes TensorFlow's own copies of the optimizers those of the Keras that models come from."""
    for name, optimizers in _PRIVATE_OPTIMIZERS.items():
        module = importlib.import_module(f"tensorflow.python.keras.optimizer_v2.{name}")
        for optimizer in optimizers:
            _replaced.set(module, optimizer, getattr(legacy_optimizers(), optimizer))


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Eager execution and resource variables are on already."""


def _add_missing(module: Any, old: Any) -> None:
    for name in dir(old):
        if not name.startswith("_") and not hasattr(module, name):
            _replaced.set(module, name, getattr(old, name))


def _contrib(tf: Any) -> types.ModuleType:
    contrib = types.ModuleType("tensorflow.contrib")
    eager = types.ModuleType("tensorflow.contrib.eager")
    eager.__dict__.update(
        GradientTape=tf.GradientTape,
        Variable=tf.Variable,
        defun=_defun(tf),
        function=_defun(tf),
        in_eager_mode=tf.executing_eagerly,
    )
    framework = types.ModuleType("tensorflow.contrib.framework")
    framework.__dict__.update(nest=_nest(tf), TensorSpec=tf.TensorSpec)
    lookup = types.ModuleType("tensorflow.contrib.lookup")
    lookup.__dict__.update(index_table_from_tensor=_index_table_from_tensor)
    contrib.__dict__.update(eager=eager, framework=framework, lookup=lookup)
    return contrib


def _index_table_from_tensor(
    mapping: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: Any = None,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    """A table from the elements of a tensor to their indices.

    `hasher_spec` is not used: which bucket an unknown element falls in may differ from TensorFlow
    1.x.
    """
    import tensorflow as tf

    keys = tf.convert_to_tensor(mapping, dtype or None)
    indices = tf.range(tf.size(keys, tf.int64), dtype=tf.int64)
    initializer = tf.lookup.KeyValueTensorInitializer(keys, indices)
    if num_oov_buckets:
        return tf.lookup.StaticVocabularyTable(initializer, num_oov_buckets, name=name)
    return tf.lookup.StaticHashTable(initializer, default_value, name=name)


def _nest(tf: Any) -> types.ModuleType:
    nest = types.ModuleType("tensorflow.contrib.framework.nest")
    nest.__dict__.update({name: getattr(tf.nest, name) for name in dir(tf.nest)})
    nest.__dict__["is_sequence"] = tf.nest.is_nested
    return nest


def _defun(tf: Any) -> Callable[..., Any]:
    def defun(func: Any = None, input_signature: Any = None, autograph: bool = True) -> Any:
        """A `tf.function`, under the name that it had in TensorFlow 1.x."""
        return tf.function(func, input_signature=input_signature, autograph=autograph)

    return defun
