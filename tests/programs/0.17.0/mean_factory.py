"""`model_update_aggregation_factory` of 0.17, for averaging and for SGD, nested in a computation."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 5).astype(np.float32).reshape([-1, 2]) / 5.0
  y = (np.arange(num_examples) % 3 + offset > 0).astype(np.float32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


federated_train_data = [client_dataset(4, 0), client_dataset(5, 1)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(
          1, activation='sigmoid', kernel_initializer='zeros', input_shape=(2,))])
  return tff.learning.from_keras_model(
      keras_model,
      loss=tf.keras.losses.BinaryCrossentropy(),
      input_spec=federated_train_data[0].element_spec,
      metrics=[tf.keras.metrics.BinaryAccuracy()])


def summarize(process):

  @tff.federated_computation(
      process.initialize.type_signature.result, process.next.type_signature.parameter[1])
  def three_rounds(state, data):
    state, _ = process.next(state, data)
    state, _ = process.next(state, data)
    return process.next(state, data)

  state, metrics = three_rounds(process.initialize(), federated_train_data)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'three_rounds': str(three_rounds.type_signature),
      'train': {name: float(value) for name, value in metrics['train'].items()},
      'aggregation': list(metrics['aggregation']),
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
  }


print(json.dumps({
    'averaging': summarize(
        tff.learning.build_federated_averaging_process(
            model_fn,
            client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.5),
            model_update_aggregation_factory=tff.aggregators.MeanFactory())),
    'sgd': summarize(
        tff.learning.build_federated_sgd_process(
            model_fn, lambda: tf.keras.optimizers.SGD(0.5),
            model_update_aggregation_factory=tff.aggregators.MeanFactory(no_nan_division=True))),
    'sgd_by_default': summarize(tff.learning.build_federated_sgd_process(model_fn)),
}))
