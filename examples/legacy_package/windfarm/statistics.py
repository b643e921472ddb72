"""Numbers about a farm that need no readings of a single turbine to leave it."""

import tensorflow as tf
import tensorflow_federated as tff

POWERS_TYPE = tff.SequenceType(tf.float32)


@tff.tf_computation(POWERS_TYPE)
def highest_power(powers):
  return powers.reduce(0.0, lambda highest, power: tf.maximum(highest, power))


@tff.tf_computation(tf.float32, tf.float32)
def scaled(power, factor):
  return power * factor


@tff.federated_computation(
    tff.FederatedType(POWERS_TYPE, tff.CLIENTS),
    tff.FederatedType(tf.float32, tff.SERVER))
def mean_highest_power(powers, factor):
  """The mean over the turbines of the highest power of each, times a factor."""
  mean = tff.federated_mean(tff.federated_map(highest_power, powers))
  return tff.federated_map(scaled, tff.federated_zip([mean, factor]))
