"""Batches of 0.16 that a model is trained on one after the other, each step with variables."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

# Only the reference executor maps sequences with functions that use outer values.
tff.framework.set_default_context(tff.test.ReferenceExecutor())

BATCH = tff.to_type(collections.OrderedDict(
    x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None], tf.int32)))
MODEL = tff.to_type(collections.OrderedDict(
    weights=tf.TensorSpec([2, 3], tf.float32), bias=tf.TensorSpec([3], tf.float32)))
BATCHES = tff.SequenceType(BATCH)


def loss_of(model, batch):
  predicted = tf.nn.softmax(tf.matmul(batch['x'], model['weights']) + model['bias'])
  return -tf.reduce_mean(tf.reduce_sum(
      tf.one_hot(batch['y'], 3) * tf.math.log(predicted), axis=[1]))


@tff.tf_computation(MODEL, BATCH)
def batch_loss(model, batch):
  scale = tf.Variable(1.0)

  @tf.function
  def scaled():
    scale.assign(scale * 2.0)
    return scale * loss_of(model, batch)

  return scaled()


@tff.tf_computation(MODEL, BATCH, tf.float32)
def batch_train(initial_model, batch, learning_rate):
  model = collections.OrderedDict(
      (name, tf.Variable(name=name, initial_value=value)) for name, value in initial_model.items())
  optimizer = tf.keras.optimizers.SGD(learning_rate)

  @tf.function
  def train(model, batch):
    with tf.GradientTape() as tape:
      loss = loss_of(model, batch)
    gradients = tape.gradient(loss, model)
    optimizer.apply_gradients(zip(tf.nest.flatten(gradients), tf.nest.flatten(model)))
    return model

  return train(model, batch)


@tff.federated_computation(MODEL, tf.float32, BATCHES)
def local_train(initial_model, learning_rate, batches):

  @tff.federated_computation(MODEL, BATCH)
  def step(model, batch):
    return batch_train(model, batch, learning_rate)

  return tff.sequence_reduce(batches, initial_model, step)


@tff.federated_computation(MODEL, BATCHES)
def local_eval(model, batches):
  return tff.sequence_sum(tff.sequence_map(
      tff.federated_computation(lambda batch: batch_loss(model, batch), BATCH), batches))


def batch(seed, size):
  drawn = np.random.RandomState(seed)
  return collections.OrderedDict(
      x=drawn.uniform(-1.0, 1.0, [size, 2]).astype(np.float32),
      y=drawn.randint(0, 3, [size]).astype(np.int32))


def plain(model):
  return [np.asarray(model[name]).tolist() for name in ('weights', 'bias')]


start = collections.OrderedDict(
    weights=np.zeros([2, 3], np.float32), bias=np.zeros([3], np.float32))
data = [batch(seed, size) for seed, size in ((1, 4), (2, 4), (3, 2))]
trained = local_train(start, 0.5, data)
output = {
    'trained': plain(trained),
    'again': plain(local_train(trained, 0.1, data[1:])),
    'before': float(local_eval(start, data)),
    'after': float(local_eval(trained, data)),
}
print(json.dumps(output))
