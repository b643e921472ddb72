"""Federated averaging written out, whose computations train with optimizers of Keras."""

import collections
import json

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

ModelWeights = collections.namedtuple('ModelWeights', 'trainable non_trainable')
ModelOutputs = collections.namedtuple('ModelOutputs', 'loss')


class KerasModelWrapper(object):
  """A Keras model with the types of its batches and its loss."""

  def __init__(self, keras_model, input_spec, loss):
    self.keras_model = keras_model
    self.input_spec = input_spec
    self.loss = loss

  def forward_pass(self, batch_input, training=True):
    preds = self.keras_model(batch_input['x'], training=training)
    return ModelOutputs(loss=self.loss(batch_input['y'], preds))

  @property
  def weights(self):
    return ModelWeights(
        trainable=self.keras_model.trainable_variables,
        non_trainable=self.keras_model.non_trainable_variables)

  def from_weights(self, model_weights):
    tff.utils.assign(self.keras_model.trainable_variables, list(model_weights.trainable))
    tff.utils.assign(self.keras_model.non_trainable_variables, list(model_weights.non_trainable))


@attr.s(eq=False, frozen=True, slots=True)
class ClientOutput(object):
  weights_delta = attr.ib()
  client_weight = attr.ib()
  model_output = attr.ib()


@attr.s(eq=False, frozen=True, slots=True)
class ServerState(object):
  model_weights = attr.ib()
  optimizer_state = attr.ib()
  round_num = attr.ib()


@attr.s(eq=False, frozen=True, slots=True)
class BroadcastMessage(object):
  model_weights = attr.ib()
  round_num = attr.ib()


@tf.function
def server_update(model, server_optimizer, server_state, weights_delta):
  model_weights = model.weights
  tff.utils.assign(model_weights, server_state.model_weights)
  tff.utils.assign(server_optimizer.variables(), server_state.optimizer_state)
  grads_and_vars = tf.nest.map_structure(
      lambda x, v: (-1.0 * x, v), tf.nest.flatten(weights_delta),
      tf.nest.flatten(model_weights.trainable))
  server_optimizer.apply_gradients(grads_and_vars, name='server_update')
  return tff.utils.update_state(
      server_state,
      model_weights=model_weights,
      optimizer_state=server_optimizer.variables(),
      round_num=server_state.round_num + 1)


@tf.function
def build_server_broadcast_message(server_state):
  return BroadcastMessage(
      model_weights=server_state.model_weights, round_num=server_state.round_num)


@tf.function
def client_update(model, dataset, server_message, client_optimizer):
  model_weights = model.weights
  initial_weights = server_message.model_weights
  tff.utils.assign(model_weights, initial_weights)
  num_examples = tf.constant(0, dtype=tf.int32)
  loss_sum = tf.constant(0, dtype=tf.float32)
  for batch in iter(dataset):
    with tf.GradientTape() as tape:
      outputs = model.forward_pass(batch)
    grads = tape.gradient(outputs.loss, model_weights.trainable)
    client_optimizer.apply_gradients(zip(grads, model_weights.trainable))
    batch_size = tf.shape(batch['x'])[0]
    num_examples += batch_size
    loss_sum += outputs.loss * tf.cast(batch_size, tf.float32)
  weights_delta = tf.nest.map_structure(
      lambda a, b: a - b, model_weights.trainable, initial_weights.trainable)
  client_weight = tf.cast(num_examples, tf.float32)
  return ClientOutput(weights_delta, client_weight, loss_sum / client_weight)


def _initialize_optimizer_vars(model, optimizer):
  model_delta = tf.nest.map_structure(tf.zeros_like, model.weights.trainable)
  grads_and_vars = tf.nest.map_structure(
      lambda x, v: (tf.zeros_like(x), v), tf.nest.flatten(model_delta),
      tf.nest.flatten(model.weights.trainable))
  optimizer.apply_gradients(grads_and_vars)
  assert optimizer.variables()


def build_federated_averaging_process(
    model_fn,
    server_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=1.0),
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=0.1)):
  dummy_model = model_fn()

  @tff.tf_computation
  def server_init_tf():
    model = model_fn()
    server_optimizer = server_optimizer_fn()
    _initialize_optimizer_vars(model, server_optimizer)
    return ServerState(
        model_weights=model.weights,
        optimizer_state=server_optimizer.variables(),
        round_num=0)

  server_state_type = server_init_tf.type_signature.result
  model_weights_type = server_state_type.model_weights

  @tff.tf_computation(server_state_type, model_weights_type.trainable)
  def server_update_fn(server_state, model_delta):
    model = model_fn()
    server_optimizer = server_optimizer_fn()
    _initialize_optimizer_vars(model, server_optimizer)
    return server_update(model, server_optimizer, server_state, model_delta)

  @tff.tf_computation(server_state_type)
  def server_message_fn(server_state):
    return build_server_broadcast_message(server_state)

  server_message_type = server_message_fn.type_signature.result
  tf_dataset_type = tff.SequenceType(dummy_model.input_spec)

  @tff.tf_computation(tf_dataset_type, server_message_type)
  def client_update_fn(tf_dataset, server_message):
    model = model_fn()
    client_optimizer = client_optimizer_fn()
    return client_update(model, tf_dataset, server_message, client_optimizer)

  federated_server_state_type = tff.FederatedType(server_state_type, tff.SERVER)
  federated_dataset_type = tff.FederatedType(tf_dataset_type, tff.CLIENTS)

  @tff.federated_computation(federated_server_state_type, federated_dataset_type)
  def run_one_round(server_state, federated_dataset):
    server_message = tff.federated_map(server_message_fn, server_state)
    server_message_at_client = tff.federated_broadcast(server_message)
    client_outputs = tff.federated_map(
        client_update_fn, (federated_dataset, server_message_at_client))
    weight_denom = client_outputs.client_weight
    round_model_delta = tff.federated_mean(client_outputs.weights_delta, weight=weight_denom)
    server_state = tff.federated_map(server_update_fn, (server_state, round_model_delta))
    round_loss_metric = tff.federated_mean(client_outputs.model_output, weight=weight_denom)
    return server_state, round_loss_metric

  @tff.federated_computation
  def server_init_tff():
    return tff.federated_value(server_init_tf(), tff.SERVER)

  return tff.templates.IterativeProcess(initialize_fn=server_init_tff, next_fn=run_one_round)


def client_data(index):
  x = np.arange(12, dtype=np.float32).reshape([6, 2]) * 0.1 - index * 0.2
  y = x[:, :1] * 2.0 - x[:, 1:] + index
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


train_data = [client_data(index) for index in range(3)]


def tff_model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(2, kernel_initializer='ones', bias_initializer='ones', input_shape=(2,)),
      tf.keras.layers.Dense(1, kernel_initializer='ones', bias_initializer='ones'),
  ])
  return KerasModelWrapper(
      keras_model, train_data[0].element_spec, tf.keras.losses.MeanSquaredError())


def server_optimizer_fn():
  return tf.keras.optimizers.Adam(learning_rate=0.1, epsilon=0.001)


def client_optimizer_fn():
  return tf.keras.optimizers.SGD(learning_rate=0.05, momentum=0.9)


found = {}
for name, process in [
    ('plain', build_federated_averaging_process(tff_model_fn)),
    ('adaptive',
     build_federated_averaging_process(tff_model_fn, server_optimizer_fn, client_optimizer_fn)),
]:
  state = process.initialize()
  losses = []
  for _ in range(3):
    state, loss = process.next(state, train_data)
    losses.append(float(loss))
  model = tff_model_fn()
  model.from_weights(state.model_weights)
  found[name] = {
      'initialize': str(process.initialize.type_signature),
      'losses': losses,
      'weights': [np.ravel(each).tolist() for each in model.keras_model.get_weights()],
      'optimizer': [np.ravel(each).tolist() for each in state.optimizer_state],
      'rounds': int(state.round_num),
  }
print(json.dumps(found))
