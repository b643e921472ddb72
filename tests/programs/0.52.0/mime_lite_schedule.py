"""MimeLite with a schedule of learning rates, and types of experimental computations, in 0.52."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

INPUT_SPEC = (tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([None, 1], tf.float32))


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  return tf.data.Dataset.from_tensor_slices((x, 2.0 * x[:, :1] - x[:, 1:])).batch(2)


train_data = [client_dataset(4, 0), client_dataset(3, 2)]


model = tff.learning.models.functional_model_from_keras(
    tf.keras.Sequential([
        tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))]),
    tf.keras.losses.MeanSquaredError(),
    input_spec=INPUT_SPEC)

process = tff.learning.algorithms.build_mime_lite_with_optimizer_schedule(
    model,
    learning_rate_fn=lambda round_num: tf.where(round_num < 1, 0.2, 0.1),
    base_optimizer=tff.learning.optimizers.build_sgdm(momentum=0.5))
state = process.initialize()
rounds = []
for _ in range(3):
  output = process.next(state, train_data)
  state = output.state
  rounds.append(json.loads(json.dumps(output.metrics, default=float)))
weights = process.get_model_weights(state)


@tff.experimental_tf_fn_computation(tf.float32, (tf.int32, tf.int32))
def combine(x, pair):
  return collections.OrderedDict(sum=x + tf.cast(pair[0], tf.float32), rest=[pair[1]])


@tff.experimental_tf_fn_computation
def constant():
  return 10, 0.5


print(json.dumps({
    'rounds': rounds,
    'next': str(process.next.type_signature),
    'trainable': [np.ravel(v).tolist() for v in weights.trainable],
    # The runtimes of this release do not run these computations yet.
    'types': [str(combine.type_signature), str(constant.type_signature)],
}))
