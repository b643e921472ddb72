"""Client work of both kinds of models, with loops over data sets, and optimizers of Keras."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

INPUT_SPEC = (tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([None, 1], tf.float32))


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,)),
  ])


def model_fn():
  return tff.learning.models.from_keras_model(
      create_keras_model(), loss=tf.keras.losses.MeanSquaredError(), input_spec=INPUT_SPEC,
      metrics=[tf.keras.metrics.MeanAbsoluteError()])


functional_model = tff.learning.models.functional_model_from_keras(
    create_keras_model(), tf.keras.losses.MeanSquaredError(), INPUT_SPEC)


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  return tf.data.Dataset.from_tensor_slices((x, x.sum(axis=1, keepdims=True))).batch(2)


train_data = [client_dataset(4, 0), client_dataset(7, 1)]


def compose(initial_weights_fn, client_work, optimizer, **kwargs):
  weights_type = initial_weights_fn.type_signature.result
  return tff.learning.templates.compose_learning_process(
      initial_weights_fn,
      tff.learning.templates.build_broadcast_process(weights_type),
      client_work,
      tff.aggregators.MeanFactory().create(
          weights_type.trainable, tff.TensorType(np.float32)),
      tff.learning.templates.build_apply_optimizer_finalizer(optimizer, weights_type, **kwargs))


def run(process):
  state = process.initialize()
  losses = []
  for _ in range(2):
    state, metrics = process.next(state, train_data)
    train = metrics['client_work']['train']
    losses.append(float(train['loss']) if 'loss' in train else None)
  return {
      'next': str(process.next.type_signature),
      'losses': losses,
      'finalizer': {name: int(value) for name, value in metrics['finalizer'].items()},
      'trainable': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
  }


@tff.tensorflow.computation
def variable_weights_fn():
  return tff.learning.models.ModelWeights.from_model(model_fn())


@tff.tensorflow.computation
def functional_weights_fn():
  trainable, non_trainable = functional_model.initial_weights
  return tff.learning.models.ModelWeights(
      tuple(tf.convert_to_tensor(v) for v in trainable),
      tuple(tf.convert_to_tensor(v) for v in non_trainable))


def reject_all(state, update):
  return True, collections.OrderedDict(rejected=tf.constant(1))


templates = tff.learning.templates
NUM_EXAMPLES = tff.learning.ClientWeighting.NUM_EXAMPLES
sgdm = tff.learning.optimizers.build_sgdm

print(json.dumps({
    'keras': run(compose(
        variable_weights_fn,
        templates.build_model_delta_client_work(
            model_fn, lambda: tf.keras.optimizers.SGD(0.1), NUM_EXAMPLES,
            use_experimental_simulation_loop=True),
        lambda: tf.keras.optimizers.SGD(1.0, momentum=0.9))),
    'tff': run(compose(
        variable_weights_fn,
        templates.build_model_delta_client_work(
            model_fn, sgdm(0.1), NUM_EXAMPLES, tff.learning.metrics.sum_then_finalize),
        sgdm(1.0))),
    'functional': run(compose(
        functional_weights_fn,
        templates.build_functional_model_delta_client_work(
            model=functional_model, optimizer=sgdm(0.1), client_weighting=NUM_EXAMPLES,
            use_experimental_simulation_loop=True),
        sgdm(1.0))),
    'rejected': run(compose(
        variable_weights_fn,
        templates.build_model_delta_client_work(model_fn, sgdm(0.1), NUM_EXAMPLES),
        lambda: tf.keras.optimizers.SGD(1.0), should_reject_update=reject_all)),
}))
