"""What `from_keras_model` of 0.19 refuses and what it takes, by the exceptions it documents."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

X_SPEC = tf.TensorSpec([None, 2], tf.float32)
Y_SPEC = tf.TensorSpec([None, 1], tf.float32)
SPEC = collections.OrderedDict(x=X_SPEC, y=Y_SPEC)
SPEC_OF_TWO = collections.OrderedDict(x=X_SPEC, y=(Y_SPEC, Y_SPEC))


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


def call(*args, **kwargs):
  try:
    tff.learning.from_keras_model(*args, **kwargs)
    return 'accepted'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


print(json.dumps(collections.OrderedDict([
    ('not_a_keras_model', call(tf.keras.layers.Dense(1), mse(), SPEC)),
    ('compiled', call(compiled_model(), mse(), SPEC)),
    ('no_input_spec', call(keras_model(), mse())),
    ('dummy_batch', call(keras_model(), mse(), dummy_batch=SPEC)),
    ('loss_is_a_function', call(keras_model(), tf.keras.losses.mean_squared_error, SPEC)),
    ('list_for_one_output', call(keras_model(), [mse()], SPEC)),
    ('loss_weights_for_one_output', call(keras_model(), mse(), SPEC, loss_weights=[1.0])),
    ('one_loss_for_two_outputs', call(keras_model(2), mse(), SPEC_OF_TWO)),
    ('too_few_losses', call(keras_model(2), [mse()], SPEC_OF_TWO)),
    ('function_in_the_list', call(
        keras_model(2), [mse(), tf.keras.losses.mean_squared_error], SPEC_OF_TWO)),
    ('too_few_loss_weights', call(keras_model(2), [mse(), mse()], SPEC_OF_TWO, [1.0])),
    ('integer_loss_weights', call(keras_model(2), [mse(), mse()], SPEC_OF_TWO, [1, 2])),
    ('spec_of_one', call(keras_model(), mse(), [X_SPEC])),
    ('spec_of_three', call(keras_model(), mse(), (X_SPEC, Y_SPEC, Y_SPEC))),
    ('spec_of_types', call(keras_model(), mse(), (tf.float32, tf.float32))),
    ('spec_without_x', call(keras_model(), mse(), collections.OrderedDict(a=X_SPEC, y=Y_SPEC))),
    ('spec_without_y', call(keras_model(), mse(), collections.OrderedDict(x=X_SPEC, b=Y_SPEC))),
    ('metrics_is_a_dict', call(keras_model(), mse(), SPEC, metrics={})),
    ('metric_is_a_function', call(
        keras_model(), mse(), SPEC, metrics=[tf.keras.metrics.mean_squared_error])),
    ('tuple', call(keras_model(), mse(), (X_SPEC, Y_SPEC))),
    ('list', call(keras_model(), mse(), [X_SPEC, Y_SPEC])),
    ('dict', call(keras_model(), mse(), {'y': Y_SPEC, 'x': X_SPEC})),
    ('two_losses', call(keras_model(2), [mse(), mse()], SPEC_OF_TWO, [0.5, 2.0])),
])))
