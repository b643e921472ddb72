"""Training and `build_fed_eval` of 0.33 on a Keras model with metric constructors."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

INPUT_SPEC = collections.OrderedDict(
    x=tf.TensorSpec([None, 4], tf.float32), y=tf.TensorSpec([None, 1], tf.int32))


def client_dataset(client, num_examples):
  x = ((np.arange(num_examples * 4) * 3 + client) % 11).astype(np.float32).reshape([-1, 4]) / 11.0
  y = ((np.arange(num_examples) * 2 + client) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(5)


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.InputLayer(input_shape=(4,)),
      tf.keras.layers.Dense(3, kernel_initializer='zeros'),
      tf.keras.layers.Softmax(),
  ])
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=INPUT_SPEC,
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy])


train_data = [client_dataset(0, 6), client_dataset(1, 2), client_dataset(2, 9)]
test_data = [client_dataset(5, 4), client_dataset(6, 1)]

training_process = tff.learning.algorithms.build_weighted_fed_avg(
    model_fn,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.2, momentum=0.5, nesterov=True),
    server_optimizer_fn=lambda: tf.keras.optimizers.RMSprop(0.05, epsilon=0.01),
    client_weighting=tff.learning.ClientWeighting.NUM_EXAMPLES)
evaluation_process = tff.learning.algorithms.build_fed_eval(model_fn)
evaluation = tff.learning.build_federated_evaluation(model_fn)

train_state = training_process.initialize()
evaluation_state = evaluation_process.initialize()
rounds = []
for _ in range(2):
  result = training_process.next(train_state, train_data)
  train_state = result.state
  model_weights = training_process.get_model_weights(train_state)
  evaluation_state = evaluation_process.set_model_weights(evaluation_state, model_weights)
  output = evaluation_process.next(evaluation_state, test_data)
  evaluation_state = output.state
  rounds.append({
      'train': {name: float(value)
                for name, value in result.metrics['client_work']['train'].items()},
      'current': {name: float(value) for name, value in
                  output.metrics['client_work']['eval']['current_round_metrics'].items()},
      'total': {name: float(value) for name, value in
                output.metrics['client_work']['eval']['total_rounds_metrics'].items()},
  })
test = evaluation(model_weights, test_data)

keras_model = tf.keras.Sequential([
    tf.keras.layers.InputLayer(input_shape=(4,)),
    tf.keras.layers.Dense(3),
    tf.keras.layers.Softmax(),
])
model_weights.assign_weights_to(keras_model)

print(json.dumps({
    'initialize': str(training_process.initialize.type_signature),
    'next': str(training_process.next.type_signature),
    'evaluation_initialize': str(evaluation_process.initialize.type_signature),
    'evaluation_next': str(evaluation_process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'rounds': rounds,
    'test': {name: float(value) for name, value in test['eval'].items()},
    'trainable': [np.ravel(v).tolist() for v in model_weights.trainable],
    'keras_weights': [np.ravel(w).tolist() for w in keras_model.get_weights()],
}))
