"""Models for MNIST whose layers once drew their initial values from one initializer."""

from __future__ import annotations

import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.registry import NEVER, AsOf, adapter

tff = modern.package()
_installed = tff.simulation.models.mnist


@adapter(
    "tff.simulation.models.mnist.create_keras_model",
    releases=">=0.14,<0.28",
    replacement="tff.simulation.models.mnist.create_keras_model",
    legacy=NEVER,
    changed=["0.28.0"],
)
def create_keras_model(compile_model=False, *, as_of: AsOf):
    """A convolutional model for MNIST, with the initial values of TFF 0.14 to 0.27.

    Each layer then drew from the same initializer; since 0.28 each has one with a seed of its own.

    Args:
      compile_model: Whether to compile it, with an optimizer and a loss.

    Returns:
      A `tf.keras.Model` from [batch, 784] to [batch, 10].
    """
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
