"""Federated averaging by gradient descent, put together from computations in TensorFlow."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

BATCH_TYPE = tff.to_type(collections.OrderedDict([
    ('pixels', tff.TensorType(tf.float32, (2, 3))),
    ('labels', tff.TensorType(tf.int32, (2,))),
]))
MODEL_TYPE = tff.to_type(collections.OrderedDict([
    ('weights', tff.TensorType(tf.float32, (3, 2))),
    ('bias', tff.TensorType(tf.float32, (2,))),
]))


def loss(model, batch):
  y = tf.nn.softmax(tf.matmul(batch['pixels'], model['weights']) + model['bias'])
  targets = tf.one_hot(tf.reshape(batch['labels'], [-1]), 2)
  return -tf.reduce_mean(tf.reduce_sum(targets * tf.math.log(y), axis=1))


@tff.tf_computation
def zeros():
  return collections.OrderedDict([
      ('weights', tf.zeros([3, 2])),
      ('bias', tf.zeros([2])),
  ])


@tff.tf_computation(MODEL_TYPE, tff.SequenceType(BATCH_TYPE))
def train_on_one_client(model, batches):

  @tf.function
  def step(model, batch):
    with tf.GradientTape() as tape:
      tape.watch(model)
      value = loss(model, batch)
    gradients = tape.gradient(value, model)
    return collections.OrderedDict(
        (name, model[name] - 0.1 * gradients[name]) for name in model)

  return batches.reduce(model, step)


@tff.federated_computation
def initialize():
  return tff.federated_eval(zeros, tff.SERVER)


@tff.federated_computation(
    tff.type_at_server(MODEL_TYPE), tff.type_at_clients(tff.SequenceType(BATCH_TYPE)))
def train_one_round(model, federated_data):
  return tff.federated_mean(tff.federated_map(
      train_on_one_client, (tff.federated_broadcast(model), federated_data)))


def batch(offset):
  return collections.OrderedDict([
      ('pixels', (((np.arange(6) + offset) % 5) / 5.0).astype(np.float32).reshape([2, 3])),
      ('labels', ((np.arange(2) + offset) % 2).astype(np.int32)),
  ])


trainer = tff.templates.IterativeProcess(initialize, train_one_round)
model = trainer.initialize()
rounds = []
for _ in range(2):
  model = trainer.next(model, [[batch(0), batch(1)], [batch(3)]])
  rounds.append({name: np.ravel(value).tolist() for name, value in model.items()})


def error(function):
  try:
    function()
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


print(json.dumps({
    'initialize': str(trainer.initialize.type_signature),
    'next': str(trainer.next.type_signature),
    'rounds': rounds,
    'errors': {
        'loss': error(lambda: tff.templates.IterativeProcess(initialize, None)),
        'step size': error(lambda: tff.templates.IterativeProcess(None, train_one_round)),
    },
}))
