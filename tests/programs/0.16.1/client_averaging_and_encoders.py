"""Federated averaging on clients by its own class, with measured encoded processes."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_model_optimization.python.core.internal import tensor_encoding as te


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          3, kernel_initializer='zeros', activation='softmax', input_shape=(4,)),
  ])


def model_fn():
  return tff.learning.from_keras_model(
      create_keras_model(),
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 4], tf.float32),
          y=tf.TensorSpec([None, 1], tf.int32)),
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


def quantization(bits):
  return te.core.EncoderComposer(
      te.stages.UniformQuantizationEncodingStage(bits, stochastic=False)).make()


def gather_encoder_fn(value):
  spec = tf.TensorSpec(value.shape, value.dtype)
  if value.shape.num_elements() > 4:
    return te.encoders.as_gather_encoder(
        quantization(4), spec)
  return te.encoders.as_gather_encoder(te.encoders.identity(), spec)


def simple_encoder_fn(value):
  spec = tf.TensorSpec(value.shape, value.dtype)
  return te.encoders.as_simple_encoder(
      quantization(8), spec)


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 4) + offset) % 9).astype(np.float32).reshape([-1, 4]) / 9.0
  y = ((np.arange(num_examples) + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=y)).batch(3)


federated_train_data = [client_dataset(4, 0), client_dataset(7, 1), client_dataset(2, 5)]


def client_fed_avg(client_weight_fn=None):
  return lambda model_fn: tff.learning.ClientFedAvg(
      model_fn(), tf.keras.optimizers.SGD(learning_rate=0.5), client_weight_fn)


def build(client_delta_fn, **kwargs):
  return tff.learning.framework.build_model_delta_optimizer_process(
      model_fn, client_delta_fn, lambda: tf.keras.optimizers.SGD(learning_rate=1.0), **kwargs)


def run(process):
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, federated_train_data)
    rounds.append({name: float(value) for name, value in metrics['train'].items()})
  keras_model = create_keras_model()
  weights = tff.learning.ModelWeights(
      list(state.model.trainable), list(state.model.non_trainable))
  weights.assign_weights_to(model=keras_model)
  return {
      'next': str(process.next.type_signature),
      'metrics': list(metrics),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in keras_model.get_weights()],
  }


framework = tff.learning.framework
weights_type = framework.weights_type_from_model(model_fn)
processes = {
    'broadcaster': framework.build_stateless_broadcaster(model_weights_type=weights_type),
    'mean': framework.build_stateless_mean(model_delta_type=weights_type.trainable),
    'encoded broadcast': framework.build_encoded_broadcast_process_from_model(
        model_fn, simple_encoder_fn),
    'encoded mean': framework.build_encoded_mean_process_from_model(
        model_fn, gather_encoder_fn),
    'encoded sum': framework.build_encoded_sum_process_from_model(
        model_fn, gather_encoder_fn),
}

results = {
    'types': {name: str(process.next.type_signature) for name, process in processes.items()},
    'plain': run(build(client_fed_avg())),
    'stateless': run(build(
        client_fed_avg(lambda outputs: tf.constant(2.0)),
        broadcast_process=processes['broadcaster'], aggregation_process=processes['mean'])),
    'encoded': run(build(
        client_fed_avg(),
        broadcast_process=processes['encoded broadcast'],
        aggregation_process=processes['encoded mean'])),
    'averaging': run(tff.learning.build_federated_averaging_process(
        model_fn, lambda: tf.keras.optimizers.SGD(learning_rate=0.5),
        broadcast_process=processes['encoded broadcast'])),
    'legacy': run(build(
        client_fed_avg(),
        stateful_delta_aggregate_fn=framework.build_encoded_sum_from_model(
            model_fn, gather_encoder_fn))),
}


def error(function):
  try:
    function()
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


results['errors'] = {
    'no model': error(lambda: tff.learning.ClientFedAvg(None, tf.keras.optimizers.SGD())),
    'encoder': error(lambda: framework.build_encoded_broadcast_process_from_model(
        model_fn, gather_encoder_fn)),
    'both': error(lambda: build(
        client_fed_avg(),
        stateful_delta_aggregate_fn=framework.build_encoded_sum_from_model(
            model_fn, gather_encoder_fn),
        aggregation_process=processes['mean'])),
}
results['client'] = {
    'is client delta': issubclass(
        tff.learning.ClientFedAvg, tff.learning.framework.ClientDeltaFn),
    'variables': tff.learning.ClientFedAvg(model_fn(), tf.keras.optimizers.SGD()).variables,
}
print(json.dumps(results))
