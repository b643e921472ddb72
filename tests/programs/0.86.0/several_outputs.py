"""A Keras model of 0.86 with two outputs, weighted losses and Keras optimizers; what is refused."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

X_SPEC = tf.TensorSpec([None, 2], tf.float32)
Y_SPEC = tf.TensorSpec([None, 1], tf.float32)
INPUT_SPEC = collections.OrderedDict(x=X_SPEC, y=(Y_SPEC, Y_SPEC))


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 8).astype(np.float32).reshape([-1, 2]) / 8.0
  y = (x[:, :1] + 0.5, (x[:, 1:] > 0.4).astype(np.float32))
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


def create_keras_model(num_outputs=2):
  inputs = tf.keras.layers.Input(shape=(2,))
  outputs = [tf.keras.layers.Dense(1, kernel_initializer='zeros')(inputs)
             for _ in range(num_outputs)]
  return tf.keras.Model(inputs=inputs, outputs=outputs if num_outputs > 1 else outputs[0])


def losses():
  return [tf.keras.losses.MeanSquaredError(), tf.keras.losses.BinaryCrossentropy(from_logits=True)]


def model_fn():
  return tff.learning.models.from_keras_model(
      create_keras_model(), losses(), INPUT_SPEC, loss_weights=[0.25, 1.5])


def call(*args, **kwargs):
  try:
    tff.learning.models.from_keras_model(*args, **kwargs)
    return 'accepted'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


def compiled():
  model = create_keras_model(1)
  model.compile(loss='mse')
  return model


process = tff.learning.algorithms.build_weighted_fed_avg(
    model_fn, lambda: tf.keras.optimizers.Adam(0.1, epsilon=0.01))
state = process.initialize()
rounds = []
for _ in range(3):
  state, metrics = process.next(state, [client_dataset(5, 0), client_dataset(3, 1)])
  rounds.append({name: float(value)
                 for name, value in metrics['client_work']['train'].items()})

mse = tf.keras.losses.MeanSquaredError()
one = create_keras_model(1)
print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'rounds': rounds,
    'trainable': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
    'errors': {
        'not_a_keras_model': call('model', mse, INPUT_SPEC),
        'compiled': call(compiled(), mse, (X_SPEC, Y_SPEC)),
        'loss_is_a_string': call(one, 'mse', (X_SPEC, Y_SPEC)),
        'dict_of_losses': call(create_keras_model(), {'a': mse, 'b': mse}, INPUT_SPEC),
        'too_few_losses': call(create_keras_model(), losses()[:1], INPUT_SPEC),
        'weights_for_a_single_loss': call(one, mse, (X_SPEC, Y_SPEC), [1.0]),
        'too_few_weights': call(create_keras_model(), losses(), INPUT_SPEC, [1.0]),
        'integer_weights': call(create_keras_model(), losses(), INPUT_SPEC, [1, 2]),
        'spec_of_three': call(one, mse, (X_SPEC, Y_SPEC, Y_SPEC)),
        'spec_without_x': call(one, mse, {'a': X_SPEC, 'y': Y_SPEC}),
        'spec_without_y': call(one, mse, {'x': X_SPEC, 'b': Y_SPEC}),
        'metrics_not_a_list': call(
            one, mse, (X_SPEC, Y_SPEC), metrics=tf.keras.metrics.MeanSquaredError()),
        'one_loss_in_a_list': call(one, [mse], (X_SPEC, Y_SPEC)),
    },
}))
