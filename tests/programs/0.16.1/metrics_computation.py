"""A process that asks what kind of value the metrics of its model are, as research code does."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff


def model_fn():
  net = tf.keras.Sequential([
      tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer='ones')])
  return tff.learning.from_keras_model(
      net,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)),
      metrics=[tf.keras.metrics.MeanAbsoluteError()])


metrics = model_fn().federated_output_computation
reported = metrics.type_signature.parameter.member
asked = []


@tff.tf_computation(reported)
def doubled(outputs):
  return tf.nest.map_structure(lambda value: 2.0 * value, outputs)


@tff.federated_computation(metrics.type_signature.parameter)
def aggregate(outputs):
  both = collections.OrderedDict(
      once=metrics(outputs), twice=metrics(tff.federated_map(doubled, outputs)))
  for value in both.values():
    kind = value.type_signature
    asked.append([str(kind), kind.is_struct(), kind.is_federated(), kind.member.is_struct()])
  pair = tff.federated_zip(both)
  asked.append(str(pair.once.loss.type_signature))
  return pair


clients = [
    collections.OrderedDict(mean_absolute_error=[3.0, 2.0], loss=[1.0, 2.0]),
    collections.OrderedDict(mean_absolute_error=[1.0, 2.0], loss=[5.0, 1.0]),
]
print(json.dumps({
    'asked': asked,
    'type': str(aggregate.type_signature),
    'function': metrics.type_signature.is_function(),
    'result': metrics.type_signature.result.is_federated(),
    'metrics': {name: {k: float(v) for k, v in each.items()}
                for name, each in aggregate(clients).items()},
    'direct': {k: float(v) for k, v in metrics(clients).items()},
}))
