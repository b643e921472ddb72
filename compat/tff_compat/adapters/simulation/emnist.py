"""Infinite EMNIST: writers whose characters are distorted copies of those of others."""

from __future__ import annotations

import collections
import hashlib
import math
from typing import Any

import numpy as np
import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter, helper
from tff_compat.adapters.simulation.client_data import bound
from tff_compat.adapters.simulation.client_data_sources import Expanded, Slices, examples_of
from tff_compat.catalog.boundaries import FIRST_WITH_STABLE_HASHES

tff = modern.package()

_SIZE = 28

helper(
    "infinite_emnist",
    '''\
def infinite_emnist(client_data, copies):
  """Client data with distorted copies of each writer of EMNIST; the first copy is not distorted."""

  def translation(x, y):
    return np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]], np.float32)

  def rotation(degrees):
    angle = np.float32(math.radians(degrees))
    cos, sin, last = np.cos(angle), np.sin(angle), np.float32(27)
    x = (last - (cos * last - sin * last)) / 2
    y = (last - (sin * last + cos * last)) / 2
    return np.array([[cos, -sin, x], [sin, cos, y], [0, 0, 1]], np.float32)

  def random_matrix():
    angle, shear = np.random.uniform(-20, 20), np.random.uniform(-0.2, 0.2)
    scale_x, scale_y = (
        math.exp(np.random.uniform(math.log(0.8), -math.log(0.8))) for _ in range(2))
    moved = np.random.uniform(-5, 5), np.random.uniform(-5, 5)
    steps = [
        rotation(angle), translation(-13.5, -13.5),
        np.array([[1, 0, 0], [-shear, 1, 0], [0, 0, 1]], np.float32),
        np.array([[1 / scale_x, 0, 0], [0, 1 / scale_y, 0], [0, 0, 1]], np.float32),
        translation(13.5, 13.5), translation(*moved)]
    matrix = functools.reduce(operator.matmul, steps)
    return (matrix / matrix[2, 2]).reshape(-1)[:8]

  def make_transform(client_id, index):
    if index == 0:
      return None
    number = int.from_bytes(hashlib.md5(client_id.encode()).digest()[-4:], 'big')
    np.random.seed((number + index) % 2**32)
    matrix = tf.constant(random_matrix()[np.newaxis])

    def distort(example):
      moved = tf.raw_ops.ImageProjectiveTransformV3(
          images=(1.0 - example['pixels'])[tf.newaxis, :, :, tf.newaxis], transforms=matrix,
          output_shape=[28, 28], fill_value=0.0, interpolation='BILINEAR', fill_mode='CONSTANT')
      pixels = tf.quantization.quantize_and_dequantize(
          tf.reshape(moved, [28, 28]), 0.0, 1.0, num_bits=9, range_given=True)
      return collections.OrderedDict(example, pixels=1.0 - pixels)

    return distort

  return transformed_client_data(client_data, make_transform, len(client_data.client_ids) * copies)
''',
)
helper(
    "synthetic_emnist",
    '''\
def synthetic_emnist(num_clients=2):
  """A digit of each kind for each client; those of all but the first are distorted."""
  found = tff.simulation.datasets.emnist.get_synthetic()
  digits = found.create_tf_dataset_for_client(found.client_ids[0]).map(
      lambda each: collections.OrderedDict(pixels=each['pixels'], label=each['label']))
  return infinite_emnist(client_data_of_function(['synthetic'], lambda _: digits), num_clients)
''',
)
_BY_HASH = (
    "the distortions were by `hash`, and others in each process; they are the same in each now"
)


def _translation(x: float, y: float) -> Any:
    """The matrix from places in the output to places in an input moved by (x, y) pixels."""
    return np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]], np.float32)


def _rotation(degrees: float) -> Any:
    """The matrix of a counter-clockwise rotation about the middle of the image."""
    angle = np.float32(math.radians(degrees))
    cos, sin, last = np.cos(angle), np.sin(angle), np.float32(_SIZE - 1)
    x = (last - (cos * last - sin * last)) / 2
    y = (last - (sin * last + cos * last)) / 2
    return np.array([[cos, -sin, x], [sin, cos, y], [0, 0, 1]], np.float32)


def _distortion() -> Any:
    """A random affine transform, from NumPy's global generator: eight numbers, as images take."""

    def scale() -> float:
        bound_of_log = math.log(0.8)
        return math.exp(np.random.uniform(bound_of_log, -bound_of_log))

    angle = np.random.uniform(-20, 20)
    shear = np.random.uniform(-0.2, 0.2)
    scale_x, scale_y = scale(), scale()
    moved = np.random.uniform(-5, 5), np.random.uniform(-5, 5)
    half = (_SIZE - 1) / 2.0
    steps = [
        _rotation(angle),
        _translation(-half, -half),
        np.array([[1, 0, 0], [-shear, 1, 0], [0, 0, 1]], np.float32),
        np.array([[1 / scale_x, 0, 0], [0, 1 / scale_y, 0], [0, 0, 1]], np.float32),
        _translation(half, half),
        _translation(*moved),
    ]
    matrix = steps[0]
    for step in steps[1:]:
        matrix = matrix @ step
    return (matrix / matrix[2, 2]).reshape(-1)[:8]


def _seed(client_id: str, index: int, as_of: AsOf) -> int:
    if as_of.release < FIRST_WITH_STABLE_HASHES:
        number = hash(client_id)
    else:
        number = int.from_bytes(hashlib.md5(client_id.encode()).digest()[-4:], "big")
    return (number + index) % 2**32


def _distorted(client_data: Any, copies: Any, as_of: AsOf) -> Any:
    def make_transform_fn(client_id: str, index: int) -> Any:
        if index == 0:
            return None
        # The global generator, as ever: what a program draws after this is what it drew then.
        np.random.seed(_seed(client_id, index, as_of))
        transform = tf.constant(_distortion()[np.newaxis])

        def distort(example: Any) -> Any:
            # The background of EMNIST is 1, that of the operation 0.
            images = (1.0 - example["pixels"])[tf.newaxis, :, :, tf.newaxis]
            moved = tf.raw_ops.ImageProjectiveTransformV3(
                images=images,
                transforms=transform,
                output_shape=[_SIZE, _SIZE],
                fill_value=0.0,
                interpolation="BILINEAR",
                fill_mode="CONSTANT",
            )
            # Nine bits with a sign make 256 steps from 0 to 1.
            pixels = tf.quantization.quantize_and_dequantize(
                tf.reshape(moved, [_SIZE, _SIZE]), 0.0, 1.0, num_bits=9, range_given=True
            )
            return collections.OrderedDict(example, pixels=1.0 - pixels)

        return distort

    expanded = bound(Expanded, as_of)
    return expanded(client_data, make_transform_fn, len(client_data.client_ids) * copies)


@adapter(
    "tff.simulation.datasets.emnist.infinite_emnist",
    releases=">=0.4,<0.5",
    replacement="{!infinite_emnist}({emnist_client_data}, {num_pseudo_clients})",
    note=_BY_HASH,
    gives="client data",
)
def infinite_emnist(emnist_client_data, num_pseudo_clients, *, as_of: AsOf):
    """Client data with distorted copies of each writer, as of TFF 0.4.

    Args:
      emnist_client_data: Client data of examples with ``pixels``, 28 by 28, 1 the background.
      num_pseudo_clients: How many copies of each writer; the first is not distorted.
    """
    as_of.warn(locals())
    return _distorted(emnist_client_data, num_pseudo_clients, as_of)


@adapter(
    "tff.simulation.datasets.emnist.get_infinite",
    releases=">=0.5,<0.8",
    replacement="{!infinite_emnist}({emnist_client_data}, {num_pseudo_clients})",
    note=_BY_HASH,
    gives="client data",
)
@adapter(
    "tff.simulation.datasets.emnist.get_infinite",
    releases=">=0.8,<0.19",
    replacement="{!infinite_emnist}({emnist_client_data}, {num_pseudo_clients})",
    gives="client data",
)
def get_infinite(emnist_client_data, num_pseudo_clients, *, as_of: AsOf):
    """Client data with distorted copies of each writer, as of TFF 0.5 to 0.18.

    Each copy has one distortion: it is rotated up to 20 degrees, sheared, scaled by 0.8 to 1.25,
    and moved up to 5 pixels. From TFF 0.8 on it is the same one in each process.

    Args:
      emnist_client_data: Client data of examples with ``pixels``, 28 by 28, 1 the background.
      num_pseudo_clients: How many copies of each writer; the first is not distorted.
    """
    as_of.warn(locals())
    return _distorted(emnist_client_data, num_pseudo_clients, as_of)


@adapter(
    "tff.simulation.datasets.emnist.get_synthetic",
    releases=">=0.5,<0.8",
    replacement="{!synthetic_emnist}([?{num_clients}?])",
    note=_BY_HASH,
    gives="client data",
)
@adapter(
    "tff.simulation.datasets.emnist.get_synthetic",
    releases=">=0.8,<0.19",
    replacement="{!synthetic_emnist}([?{num_clients}?])",
    gives="client data",
)
def get_synthetic(num_clients=2, *, as_of: AsOf):
    """A digit of each kind for each client, as of TFF 0.5 to 0.18.

    Args:
      num_clients: How many clients; the digits of all but the first are distorted.
    """
    as_of.warn(locals())
    installed = tff.simulation.datasets.emnist.get_synthetic()
    examples = examples_of(installed, installed.client_ids[0])
    digits = collections.OrderedDict((name, examples[name]) for name in ("pixels", "label"))
    return _distorted(bound(Slices, as_of)({"synthetic": digits}), num_clients, as_of)
