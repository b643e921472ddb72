"""What `from_keras_model` refuses, with the exceptions that its documentation names."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

SPEC = collections.OrderedDict([
    ('x', tf.TensorSpec([None, 2], tf.float32)),
    ('y', tf.TensorSpec([None, 1], tf.float32)),
])
DUMMY_BATCH = collections.OrderedDict([
    ('x', np.zeros([1, 2], np.float32)),
    ('y', np.zeros([1, 1], np.float32)),
])


def keras_model(num_outputs=1):
  inputs = tf.keras.layers.Input(shape=(2,))
  outputs = [tf.keras.layers.Dense(1)(inputs) for _ in range(num_outputs)]
  return tf.keras.Model(inputs, outputs[0] if num_outputs == 1 else outputs)


def compiled_model():
  model = keras_model()
  model.compile(loss='mse', optimizer='sgd')
  return model


def mse():
  return tf.keras.losses.MeanSquaredError()


CALLS = collections.OrderedDict([
    ('not_a_keras_model', lambda: tff.learning.from_keras_model(
        tf.keras.layers.Dense(1), mse(), SPEC)),
    ('compiled', lambda: tff.learning.from_keras_model(compiled_model(), mse(), SPEC)),
    ('neither_spec_nor_batch', lambda: tff.learning.from_keras_model(keras_model(), mse())),
    ('both_spec_and_batch', lambda: tff.learning.from_keras_model(
        keras_model(), mse(), input_spec=SPEC, dummy_batch=DUMMY_BATCH)),
    ('spec_of_three', lambda: tff.learning.from_keras_model(
        keras_model(), mse(), input_spec=[SPEC['x'], SPEC['y'], SPEC['y']])),
    ('batch_of_one', lambda: tff.learning.from_keras_model(
        keras_model(), mse(),
        dummy_batch=collections.OrderedDict([('x', DUMMY_BATCH['x'])]))),
    ('plain_dict_batch', lambda: tff.learning.from_keras_model(
        keras_model(), mse(), dummy_batch=dict(DUMMY_BATCH))),
    ('too_few_losses', lambda: tff.learning.from_keras_model(
        keras_model(2), [mse()], input_spec=[SPEC['x'], [SPEC['y'], SPEC['y']]])),
    ('too_many_loss_weights', lambda: tff.learning.from_keras_model(
        keras_model(2), [mse(), mse()], [SPEC['x'], [SPEC['y'], SPEC['y']]],
        loss_weights=[1.0, 1.0, 1.0])),
    ('weights_with_a_single_loss', lambda: tff.learning.from_keras_model(
        keras_model(), mse(), SPEC, loss_weights=[1.0])),
    ('loss_is_a_number', lambda: tff.learning.from_keras_model(keras_model(), 1.0, SPEC)),
    ('model_fn_is_not_callable', lambda: tff.learning.build_federated_averaging_process(
        keras_model(), lambda: tf.keras.optimizers.SGD(0.1)).initialize),
    ('no_client_optimizer', lambda: tff.learning.build_federated_averaging_process(
        lambda: tff.learning.from_keras_model(keras_model(), mse(), SPEC))),
    ('accepted', lambda: tff.learning.from_keras_model(keras_model(), mse(), SPEC)),
])

results = collections.OrderedDict()
for name, call in CALLS.items():
  try:
    call()
    results[name] = 'accepted'
  except Exception as e:  # pylint: disable=broad-except
    results[name] = type(e).__name__
print(json.dumps(results))
