"""Readings of turbines: made with arithmetic, the same on every machine."""

import collections

import numpy as np
import tensorflow as tf

NUM_FEATURES = 3
BATCH_SIZE = 8


def readings(turbine, count=24):
  """Wind, angle and temperature at one turbine, and the power that it gave."""
  steps = np.arange(count * NUM_FEATURES)
  x = ((steps * 7 + turbine * 11) % 17).reshape([count, NUM_FEATURES]) / 17.0
  y = x @ np.array([[1.5], [-0.5], [0.25]]) + 0.1 * turbine
  return x.astype(np.float32), y.astype(np.float32)


def dataset(turbine):
  x, y = readings(turbine)
  examples = tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y))
  return examples.batch(BATCH_SIZE)


def datasets(num_turbines):
  return [dataset(turbine) for turbine in range(num_turbines)]
