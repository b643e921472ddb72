"""A client update of one's own, whose further outputs are summed; and federated averaging's own."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          3, kernel_initializer='zeros', activation='softmax', input_shape=(4,)),
  ])
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 4], tf.float32),
          y=tf.TensorSpec([None, 1], tf.int32)),
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


class ClippedUpdate(tff.learning.framework.ClientDeltaFn):
  """Clips each step, and tells how many there were."""

  def __init__(self, model):
    self._model = model
    self._weights = tff.learning.ModelWeights.from_model(model)

  @property
  def variables(self):
    return []

  @tf.function
  def __call__(self, dataset, initial_weights):
    tf.nest.map_structure(lambda a, b: a.assign(b), self._weights, initial_weights)
    steps = tf.constant(0)
    for batch in dataset:
      with tf.GradientTape() as tape:
        output = self._model.forward_pass(batch)
      gradients, _ = tf.clip_by_global_norm(
          tape.gradient(output.loss, self._weights.trainable), 0.2)
      for variable, gradient in zip(self._weights.trainable, gradients):
        variable.assign_sub(gradient)
      steps += 1
    return tff.learning.framework.ClientOutput(
        tf.nest.map_structure(tf.subtract, self._weights.trainable, initial_weights.trainable),
        tf.cast(steps, tf.float32),
        self._model.report_local_outputs(),
        collections.OrderedDict(steps=steps, clients=tf.constant(1.0)))


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 4) + offset) % 9).astype(np.float32).reshape([-1, 4]) / 9.0
  y = ((np.arange(num_examples) + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=y)).batch(3)


federated_train_data = [client_dataset(4, 0), client_dataset(7, 1), client_dataset(2, 5)]


def run(client_delta_fn, **kwargs):
  process = tff.learning.framework.build_model_delta_optimizer_process(
      model_fn, client_delta_fn, lambda: tf.keras.optimizers.SGD(1.0), **kwargs)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, federated_train_data)
    rounds.append({
        'train': {name: float(value) for name, value in metrics['train'].items()},
        'stat': {name: float(value) for name, value in metrics['stat'].items()},
    })
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
      'attributes': sorted(name for name in ('get_model_weights',) if hasattr(process, name)),
  }


def client_fed_avg(*args, **kwargs):
  return lambda model_fn: tff.learning.ClientFedAvg(
      model_fn(), tf.keras.optimizers.SGD(0.5), *args, **kwargs)


framework = tff.learning.framework
weights_type = framework.weights_type_from_model(model_fn)
broadcaster = framework.build_stateless_broadcaster(model_weights_type=weights_type)
mean = framework.build_stateless_mean(model_delta_type=weights_type.trainable)

print(json.dumps({
    'clipped': run(lambda model_fn: ClippedUpdate(model_fn())),
    'uniform': run(
        client_fed_avg(tff.learning.ClientWeighting.UNIFORM),
        model_update_aggregation_factory=tff.aggregators.MeanFactory()),
    'callable': run(
        client_fed_avg(
            client_weighting=lambda outputs: tf.constant(3.0),
            use_experimental_simulation_loop=True),
        broadcast_process=broadcaster, aggregation_process=mean),
    'broadcaster': str(broadcaster.next.type_signature),
    'mean': str(mean.next.type_signature),
    'parameters': framework.parameter_count_from_model(model_fn),
    'output': framework.ClientOutput(1, 2, 3).optimizer_output,
}))
