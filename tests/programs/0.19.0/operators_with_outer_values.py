"""Sequences mapped and reduced with functions that use values from outside; no client; interpreted."""

import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

MODEL = tff.to_type(collections.OrderedDict([('w', tf.float32), ('b', tf.float32)]))
BATCH = tff.to_type(collections.OrderedDict([('x', tf.float32), ('y', tf.float32)]))
BATCHES = tff.SequenceType(BATCH)

tff.backends.reference.set_reference_context()


@tff.tf_computation(MODEL, BATCH)
def batch_loss(model, batch):
  return (model['w'] * batch['x'] + model['b'] - batch['y'])**2


@tff.tf_computation(MODEL, BATCH, tf.float32)
def batch_train(model, batch, learning_rate):
  error = model['w'] * batch['x'] + model['b'] - batch['y']
  return collections.OrderedDict([
      ('w', model['w'] - learning_rate * error * batch['x']),
      ('b', model['b'] - learning_rate * error),
  ])


@tff.federated_computation(MODEL, tf.float32, BATCHES)
def local_train(model, learning_rate, batches):

  @tff.federated_computation(MODEL, BATCH)
  def step(model, batch):
    return batch_train(model, batch, learning_rate)

  return tff.sequence_reduce(batches, model, step)


@tff.federated_computation(MODEL, BATCHES)
def local_eval(model, batches):
  return tff.sequence_sum(
      tff.sequence_map(
          tff.federated_computation(lambda batch: batch_loss(model, batch), BATCH), batches))


@tff.federated_computation(MODEL, BATCHES)
def best_of_each(model, batches):

  @tff.federated_computation(BATCH)
  def both(batch):
    return collections.OrderedDict([('loss', batch_loss(model, batch)), ('x', batch['x'])])

  return tff.sequence_map(both, batches)


@tff.federated_computation(
    tff.FederatedType(MODEL, tff.SERVER), tff.FederatedType(BATCHES, tff.CLIENTS))
def federated_eval(model, data):
  return tff.federated_mean(
      tff.federated_map(local_eval, [tff.federated_broadcast(model), data]))


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def total(values):
  return tff.federated_sum(values)


def batches(number):
  return [collections.OrderedDict([('x', float(i)), ('y', 2.0 * i)]) for i in range(number)]


START = collections.OrderedDict([('w', 0.5), ('b', 1.0)])
trained = local_train(START, 0.1, batches(4))
print(
    json.dumps(
        collections.OrderedDict(
            trained=[float(trained['w']), float(trained['b'])],
            loss=float(local_eval(START, batches(4))),
            loss_of_trained=float(local_eval(trained, batches(4))),
            federated=float(federated_eval(START, [batches(2), batches(3)])),
            of_no_client=float(total([])),
            signature=str(best_of_each.type_signature))))
