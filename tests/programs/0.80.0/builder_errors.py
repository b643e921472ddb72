"""What the algorithm builders and the Keras entry of 0.80 refuse, by their documented exceptions."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

X_SPEC = tf.TensorSpec([None, 2], tf.float32)
Y_SPEC = tf.TensorSpec([None, 1], tf.float32)
INPUT_SPEC = collections.OrderedDict(x=X_SPEC, y=Y_SPEC)


def create_keras_model():
  return tf.keras.Sequential([
      tf.keras.layers.InputLayer(input_shape=(2,)),
      tf.keras.layers.Dense(1, kernel_initializer='zeros'),
  ])


def model_fn():
  return tff.learning.models.from_keras_model(
      create_keras_model(), loss=tf.keras.losses.MeanSquaredError(), input_spec=INPUT_SPEC)


def sgd():
  return tf.keras.optimizers.SGD(0.1)


def functional_model():
  return tff.learning.models.functional_model_from_keras(
      create_keras_model, tf.keras.losses.MeanSquaredError(), INPUT_SPEC)


def outcome(fn, *args, **kwargs):
  try:
    fn(*args, **kwargs)
    return 'accepted'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


algorithms = tff.learning.algorithms
tff_sgd = tff.learning.optimizers.build_sgdm(0.1)
weights = ((np.zeros([2, 1], np.float32), np.zeros([1], np.float32)), ())


@tf.function
def predict(model_weights, x, training=True):
  (kernel, bias), _ = model_weights
  return tf.matmul(x, kernel) + bias


def loss(output, label, sample_weight=None):
  return tf.reduce_mean(tf.square(output - label))


def functional(**kwargs):
  arguments = dict(
      initial_weights=weights, predict_on_batch_fn=predict, loss_fn=loss, input_spec=INPUT_SPEC)
  arguments.update(kwargs)
  return tff.learning.models.FunctionalModel(**arguments)


print(json.dumps({
    'fine': outcome(algorithms.build_weighted_fed_avg, model_fn, sgd),
    'callable_weighting': outcome(
        algorithms.build_weighted_fed_avg, model_fn, sgd, client_weighting=lambda m: 1.0),
    'weighting_by_position': outcome(
        algorithms.build_weighted_fed_avg, model_fn, sgd, sgd,
        tff.learning.ClientWeighting.UNIFORM),
    'model_instead_of_function': outcome(
        algorithms.build_weighted_fed_avg, model_fn(), sgd),
    'keras_model_fn': outcome(algorithms.build_weighted_fed_avg, create_keras_model, sgd),
    'functional_with_keras_optimizer': outcome(
        algorithms.build_weighted_fed_avg, functional(), sgd),
    'functional_with_keras_server_optimizer': outcome(
        algorithms.build_weighted_fed_avg, functional(), tff_sgd, sgd),
    'functional_with_tff_optimizers': outcome(
        algorithms.build_weighted_fed_avg, functional(), tff_sgd, tff_sgd),
    'unweighted_factory': outcome(
        algorithms.build_weighted_fed_avg, model_fn, sgd,
        model_aggregator=tff.aggregators.UnweightedMeanFactory()),
    'weighted_factory': outcome(
        algorithms.build_unweighted_fed_avg, model_fn, sgd,
        model_aggregator=tff.aggregators.MeanFactory()),
    'negative_proximal_strength': outcome(
        algorithms.build_weighted_fed_prox, model_fn, -1.0, sgd),
    'mime_with_keras_optimizer': outcome(
        algorithms.build_weighted_mime_lite, model_fn, sgd),
    'model_fn_missing': outcome(algorithms.build_fed_eval, None),
    'no_such_keyword': outcome(algorithms.build_weighted_fed_avg, model_fn, sgd, model=None),
    'forward_pass_fn': outcome(functional, forward_pass_fn=predict),
    'tensors_as_weights': outcome(
        functional, initial_weights=((tf.zeros([2, 1]), tf.zeros([1])), ())),
    'not_a_tf_function': outcome(functional, predict_on_batch_fn=lambda w, x, training: x),
    'no_loss': outcome(
        tff.learning.models.FunctionalModel, initial_weights=weights,
        predict_on_batch_fn=predict, input_spec=INPUT_SPEC),
    'batch_normalization': outcome(
        tff.learning.models.functional_model_from_keras,
        tf.keras.Sequential([
            tf.keras.layers.InputLayer(input_shape=(2,)),
            tf.keras.layers.BatchNormalization(),
        ]), tf.keras.losses.MeanSquaredError(), INPUT_SPEC),
    'keras_model_by_function': outcome(functional_model),
}))
