"""Models for MNIST whose layers once began with other values."""

from __future__ import annotations

import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter, helper

tff = modern.package()
_installed = tff.simulation.models.mnist
_PATH = "tff.simulation.models.mnist.create_keras_model"

helper(
    "mnist_model",
    '''\
def mnist_model(initializers, compile_model=False):
  """The convolutional model for MNIST, whose four layers with a kernel begin as one says."""
  first, second, hidden, last = initializers
  conv = dict(kernel_size=5, padding='same', activation='relu')
  pool = tf.keras.layers.MaxPooling2D(padding='same')
  model = tf.keras.Sequential([
      tf.keras.layers.Reshape([28, 28, 1], input_shape=(784,)),
      tf.keras.layers.Conv2D(32, kernel_initializer=first, **conv),
      pool,
      tf.keras.layers.Conv2D(64, kernel_initializer=second, **conv),
      pool,
      tf.keras.layers.Flatten(),
      tf.keras.layers.Dense(1024, activation='relu', kernel_initializer=hidden),
      tf.keras.layers.Dropout(0.4, seed=1),
      tf.keras.layers.Dense(10, kernel_initializer=last),
  ])
  if compile_model:
    model.compile(
        loss=tf.keras.losses.SparseCategoricalCrossentropy(),
        optimizer=tf.keras.optimizers.SGD(learning_rate=0.1))
  return model
''',
)
_ALIKE = "[tf.keras.initializers.RandomNormal(seed=0)] * 4"
# With a seed, initializers of TensorFlow 1 draw what those of Keras drew in TensorFlow 2.6 to 2.9.
_COUNTED = "[tf.compat.v1.keras.initializers.RandomNormal(seed=seed) for seed in range({})]"


def _code(initializers: str) -> str:
    return f"{{!mnist_model}}({initializers}[?, compile_model={{compile_model}}?])"


@adapter(
    "tff.simulation.models.mnist.create_keras_model",
    releases=">=0.14,<0.20",
    replacement=_code(_ALIKE),
)
def create_keras_model_0_14(compile_model=False, *, as_of: AsOf):
    """A convolutional model for MNIST, with the initial values of TFF 0.14 to 0.19.

    Each layer then drew from the same initializer; since 0.28 each has one with a seed of its own.

    Args:
      compile_model: Whether to compile it, with an optimizer and a loss.

    Returns:
      A `tf.keras.Model` from [batch, 784] to [batch, 10].
    """
    as_of.warn(locals())
    return _with_one_initializer(compile_model)


@adapter(
    "tff.simulation.models.mnist.create_keras_model",
    releases=">=0.20,<0.28",
    replacement=_code(_COUNTED.format(4)),
)
def create_keras_model_0_20(compile_model=False, *, as_of: AsOf):
    """The same as of TFF 0.20 to 0.27: the initializer draws other values each time.

    Args:
      compile_model: Whether to compile it, with an optimizer and a loss.

    Returns:
      A `tf.keras.Model` from [batch, 784] to [batch, 10].
    """
    as_of.warn(locals())
    return _with_one_initializer(compile_model)


@adapter(
    "tff.simulation.models.mnist.create_keras_model",
    releases=">=0.28,<0.36",
    replacement=_code(_COUNTED.format("1, 5")),
)
def create_keras_model_0_28(compile_model=False, *, as_of: AsOf):
    """The same as of TFF 0.28 to 0.35, whose Keras drew other values from a seed than today's.

    Args:
      compile_model: Whether to compile it, with an optimizer and a loss.

    Returns:
      A `tf.keras.Model` from [batch, 784] to [batch, 10].
    """
    as_of.warn(locals())
    return _installed.create_keras_model(compile_model)


def _with_one_initializer(compile_model: bool) -> tf.keras.Model:
    initializer = tf.keras.initializers.RandomNormal(seed=0)
    with tf.Graph().as_default():
        layers = _installed.create_keras_model().layers
    made = []
    for layer in layers:
        config = layer.get_config()
        if "kernel_initializer" in config:
            config["kernel_initializer"] = initializer
        made.append(type(layer).from_config(config))
    reshape, first, pool, second, *rest = made
    # Keras names a layer that stands in two places once.
    model = tf.keras.Sequential([reshape, first, pool, second, pool, *rest])
    if compile_model:
        model.compile(
            loss=tf.keras.losses.SparseCategoricalCrossentropy(),
            optimizer=tf.keras.optimizers.SGD(learning_rate=0.1),
        )
    return model
