"""Weights of a 0.27 process taken out and put in: helpers, `attr.evolve`, and nested computations."""
import collections
import json

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 5 + offset) % 8).astype(np.float32).reshape([-1, 2]) / 8.0
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=x[:, :1] + 2.0 * x[:, 1:] - 0.25)).batch(2)


train_data = [client_dataset(4, 0), client_dataset(1, 3), client_dataset(3, 6)]


def create_keras_model():
  return tf.keras.Sequential([
      tf.keras.layers.Dense(
          2, activation='relu', input_shape=(2,),
          kernel_initializer=tf.keras.initializers.Constant(0.3)),
      tf.keras.layers.Dense(
          1, use_bias=False, trainable=False,
          kernel_initializer=tf.keras.initializers.Constant(0.5)),
  ])


def model_fn():
  return tff.learning.from_keras_model(
      create_keras_model(),
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=train_data[0].element_spec)


def flat(values):
  return [np.ravel(v).tolist() for v in values]


process = tff.learning.build_federated_averaging_process(
    model_fn,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1),
    server_optimizer_fn=lambda: tf.keras.optimizers.SGD(1.0, momentum=0.5))
state = process.initialize()
state, _ = process.next(state, train_data)
after_one = flat(state.model.trainable)

pretrained = create_keras_model()
pretrained.set_weights([0.5 * w + 0.1 for w in pretrained.get_weights()])
replaced = tff.learning.state_with_new_model_weights(
    state,
    trainable_weights=[v.numpy() for v in pretrained.trainable_weights],
    non_trainable_weights=[v.numpy() for v in pretrained.non_trainable_weights])
replaced, metrics = process.next(replaced, train_data)

evolved = attr.evolve(
    state, model=tff.learning.ModelWeights(
        trainable=[2.0 * v for v in state.model.trainable],
        non_trainable=state.model.non_trainable))
evolved, evolved_metrics = process.next(evolved, train_data)

model = model_fn()
replaced.model.assign_weights_to(model)
weights = tff.learning.ModelWeights.from_model(model)
keras_model = create_keras_model()
replaced.model.assign_weights_to(keras_model)
keras_weights = flat(keras_model.get_weights())

state_type = process.initialize.type_signature.result


@tff.tf_computation(state_type.member)
def norm(state):
  return tf.linalg.global_norm(tf.nest.flatten(state.model.trainable))


@tff.federated_computation(state_type, process.next.type_signature.parameter[1])
def step_and_norm(state, data):
  state, metrics = process.next(state, data)
  return state, tff.federated_map(norm, state), metrics


stepped, stepped_norm, stepped_metrics = step_and_norm(replaced, train_data)


def error_of(trainable, non_trainable):
  try:
    tff.learning.state_with_new_model_weights(state, trainable, non_trainable)
    return 'accepted'
  except (TypeError, ValueError) as e:
    return type(e).__name__


non_trainable = [v.numpy() for v in pretrained.non_trainable_weights]
print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'step_and_norm': str(step_and_norm.type_signature),
    'norm': str(norm.type_signature),
    'weights_type': str(tff.learning.framework.weights_type_from_model(model_fn)),
    'after_one': after_one,
    'replaced': [float(metrics['train']['loss']), flat(replaced.model.trainable)],
    'evolved': [float(evolved_metrics['train']['loss']), flat(evolved.model.trainable)],
    'from_model': [flat(v.numpy() for v in weights.trainable),
                   flat(v.numpy() for v in weights.non_trainable)],
    'keras_weights': keras_weights,
    'stepped': [float(stepped_norm), float(stepped_metrics['train']['loss']),
                flat(stepped.model.trainable), flat(stepped.optimizer_state)],
    'too_few': error_of([np.zeros([2, 2], np.float32)], non_trainable),
    'wrong_shape': error_of(
        [np.zeros([2, 3], np.float32), np.zeros([3], np.float32)], non_trainable),
    'wrong_dtype': error_of(
        [np.zeros([2, 2], np.float64), np.zeros([2], np.float64)], non_trainable),
}))
