"""An optimizer of the user's own on clients and server, and `client_weight_fn`, in 0.17."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class SignedMomentum(tf.keras.optimizers.Optimizer):
  """Momentum whose step is a blend of the gradient and of its sign."""

  def __init__(self, learning_rate=0.01, momentum=0.5, sign_weight=0.1,
               name='SignedMomentum', **kwargs):
    super().__init__(name, **kwargs)
    self._set_hyper('learning_rate', kwargs.get('lr', learning_rate))
    self._set_hyper('momentum', momentum)
    self.sign_weight = sign_weight

  def _create_slots(self, var_list):
    for var in var_list:
      self.add_slot(var, 'momentum')

  def _resource_apply_dense(self, grad, var, apply_state=None):
    dtype = var.dtype.base_dtype
    learning_rate = self._get_hyper('learning_rate', dtype)
    decay = self._get_hyper('momentum', dtype)
    slot = self.get_slot(var, 'momentum')
    blended = grad + self.sign_weight * tf.sign(grad)
    new_slot = slot.assign(decay * slot + blended, use_locking=self._use_locking)
    return var.assign_sub(learning_rate * new_slot, use_locking=self._use_locking)

  def _resource_apply_sparse(self, grad, var, indices, apply_state=None):
    raise NotImplementedError

  def get_config(self):
    config = super().get_config()
    config.update({
        'learning_rate': self._serialize_hyperparameter('learning_rate'),
        'momentum': self._serialize_hyperparameter('momentum'),
        'sign_weight': self.sign_weight,
    })
    return config


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 3) * 4 + offset) % 7).astype(np.float32).reshape([-1, 3]) / 7.0
  y = (x @ np.array([[1.0], [-0.5], [0.25]], np.float32)) + 0.125
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(3)


federated_train_data = [client_dataset(7, 0), client_dataset(3, 2), client_dataset(1, 5)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(3,))])
  return tff.learning.from_keras_model(
      keras_model,
      loss=tf.keras.losses.Huber(delta=0.5),
      input_spec=federated_train_data[0].element_spec,
      metrics=[tf.keras.metrics.MeanAbsoluteError(name='mae')])


def train(*args, **kwargs):
  process = tff.learning.build_federated_averaging_process(model_fn, *args, **kwargs)
  state = process.initialize()
  rounds = []
  for _ in range(3):
    state, metrics = process.next(state, federated_train_data)
    rounds.append([float(metrics['train']['mae']), float(metrics['train']['loss'])])
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
      'optimizer_state': [np.ravel(v).tolist() for v in state.optimizer_state],
  }


print(json.dumps({
    'clients': train(lambda: SignedMomentum(0.1)),
    'server': train(
        lambda: tf.keras.optimizers.SGD(0.1),
        lambda: SignedMomentum(learning_rate=0.5, momentum=0.25)),
    'both': train(
        client_optimizer_fn=lambda: SignedMomentum(lr=0.05),
        server_optimizer_fn=lambda: SignedMomentum(1.0, momentum=0.1, sign_weight=0.0)),
    'uniform': train(
        lambda: tf.keras.optimizers.SGD(0.1), client_weight_fn=lambda outputs: tf.constant(1.0)),
    'by_error': train(
        lambda: tf.keras.optimizers.SGD(0.1),
        lambda: tf.keras.optimizers.SGD(1.0),
        # The sum of the absolute errors and their number are the metric's variables.
        lambda outputs: outputs['mae'][0]),
}))
