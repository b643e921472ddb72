"""Federated SGD with an empty client; weights taken out of, and put into, the server state."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

INPUT_SPEC = (tf.TensorSpec([None, 3], tf.float32), tf.TensorSpec([None, 1], tf.float32))


def client_dataset(num_examples, scale):
  x = (np.arange(num_examples * 3, dtype=np.float32) % 5).reshape([-1, 3]) * scale
  y = x[:, :1] - 2.0 * x[:, 2:] + 1.0
  return tf.data.Dataset.from_tensor_slices((x, y)).batch(2)


def make_keras_model():
  return tf.keras.Sequential([
      tf.keras.layers.Dense(
          1, kernel_initializer='zeros', bias_initializer='ones', input_shape=(3,)),
      tf.keras.layers.BatchNormalization(trainable=False),
  ])


def model_fn():
  return tff.learning.from_keras_model(
      keras_model=make_keras_model(),
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=INPUT_SPEC)


process = tff.learning.build_federated_sgd_process(
    model_fn, server_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.2, momentum=0.5, decay=0.1))
federated_train_data = [
    client_dataset(5, 0.125), client_dataset(0, 1.0), client_dataset(2, 0.25)
]

state = process.initialize()
losses = []
for _ in range(2):
  state, metrics = process.next(state, federated_train_data)
  losses.append(float(metrics.loss))
after_two = [np.ravel(v).tolist() for v in state.model.trainable]

pretrained = make_keras_model()
pretrained.layers[0].set_weights([np.array([[0.5], [0.0], [-0.5]], np.float32),
                                  np.array([0.25], np.float32)])
state = tff.learning.state_with_new_model_weights(
    state,
    trainable_weights=[v.numpy() for v in pretrained.trainable_weights],
    non_trainable_weights=[v.numpy() for v in pretrained.non_trainable_weights])
restarted = [np.ravel(v).tolist() for v in state.model.trainable]
state, metrics = process.next(state, federated_train_data)
losses.append(float(metrics.loss))

weights = tff.learning.ModelWeights.from_tff_result(state.model)
final_model = make_keras_model()
weights.assign_weights_to(final_model)

try:
  tff.learning.state_with_new_model_weights(state, [np.zeros([3, 1], np.float32)], [])
  mismatch = 'accepted'
except (TypeError, ValueError) as e:
  mismatch = type(e).__name__

enhanced = tff.learning.framework.enhance(model_fn())
print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'losses': losses,
    'after_two': after_two,
    'restarted': restarted,
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
    'non_trainable': [np.ravel(v).tolist() for v in state.model.non_trainable],
    'optimizer_state': [np.ravel(v).tolist() for v in state.optimizer_state],
    'is_server_state': isinstance(state, tff.learning.framework.ServerState),
    'keras_weights': [np.ravel(w).tolist() for w in final_model.get_weights()],
    'mismatch': mismatch,
    'enhanced': isinstance(enhanced, tff.learning.framework.EnhancedModel),
    'enhanced_weights': [len(enhanced.weights.trainable), len(enhanced.weights.non_trainable)],
}))
