"""A client update of one's own, as a named tuple of values, in the process of the framework."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

BATCH = collections.OrderedDict([
    ('x', np.zeros([2, 3], np.float32)),
    ('y', np.zeros([2, 1], np.float32)),
])


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(3,), name='only')
  ])
  return tff.learning.from_keras_model(
      keras_model, BATCH, tf.keras.losses.MeanSquaredError(),
      metrics=[tf.keras.metrics.MeanAbsoluteError()])


class ClientUpdate(tff.learning.framework.ClientDeltaFn):

  def __init__(self, model):
    self._model = model

  @property
  def variables(self):
    return []

  @tf.function(autograph=False)
  def __call__(self, dataset, initial_weights):
    model = self._model
    weights = tff.learning.framework.ModelWeights.from_model(model)
    tf.nest.map_structure(lambda a, b: a.assign(b), weights, initial_weights)

    @tf.function(autograph=False)
    def reduce_fn(count, batch):
      with tf.GradientTape() as tape:
        output = model.forward_pass(batch)
      variables = list(weights.trainable.values())
      for variable, gradient in zip(variables, tape.gradient(output.loss, variables)):
        variable.assign_sub(0.1 * gradient)
      return count + tf.shape(output.predictions)[0]

    num_examples = dataset.reduce(tf.constant(0), reduce_fn)
    weights_delta = tf.nest.map_structure(
        tf.subtract, weights.trainable, initial_weights.trainable)
    return tff.learning.framework.ClientOutput(
        weights_delta=weights_delta,
        weights_delta_weight=num_examples,
        model_output=model.report_local_outputs(),
        optimizer_output={'num_examples': num_examples})


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 3) + offset) % 7).astype(np.float32).reshape([-1, 3]) / 7.0
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict([
      ('x', x), ('y', x.sum(axis=1, keepdims=True))])).batch(2)


process = tff.learning.framework.build_model_delta_optimizer_process(
    model_fn,
    lambda model_fn: ClientUpdate(model_fn()),
    server_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=1.0))

state = process.initialize()
rounds = []
for _ in range(2):
  state, metrics = process.next(state, [client_dataset(4, 0), client_dataset(6, 3)])
  rounds.append({name: float(value) for name, value in metrics._asdict().items()})

output = tff.learning.framework.ClientOutput(1, 2, 3, 4)
print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'rounds': rounds,
    'trainable': {name: np.ravel(value).tolist()
                  for name, value in state.model.trainable._asdict().items()},
    'fields': output._asdict(),
    'unpacked': list(output),
}))
