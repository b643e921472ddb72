"""The computations that aggregate metrics: their types, called on values and in training."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def model_fn():
  net = tf.keras.Sequential([
      tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer='ones', use_bias=False)])
  return tff.learning.from_keras_model(
      net,
      loss=tf.keras.losses.MeanSquaredError(),
      metrics=[tf.keras.metrics.MeanAbsoluteError()],
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)))


with tf.Graph().as_default():
  model = model_fn()
  finalizers = model.metric_finalizers()
  unfinalized_type = tff.framework.type_from_tensors(model.report_local_unfinalized_metrics())

summed = tff.learning.metrics.sum_then_finalize(finalizers, unfinalized_type)
own = tff.learning.metrics.sum_then_finalize(
    collections.OrderedDict(total=lambda t: t, mean=lambda values: values[0] / values[1]),
    tff.to_type(collections.OrderedDict(total=tf.int32, mean=[tf.float32, tf.float32])))
secure = tff.learning.metrics.secure_sum_then_finalize(
    collections.OrderedDict(total=lambda t: t), tff.to_type(collections.OrderedDict(total=tf.int32)),
    collections.OrderedDict(total=(0, 100)))
clients = [
    collections.OrderedDict(total=3, mean=[4.0, 2.0]),
    collections.OrderedDict(total=4, mean=[5.0, 1.0]),
]
asked = []


@tff.federated_computation(own.type_signature.parameter)
def twice(values):
  result = own(values)
  asked.append([str(result.type_signature), result.type_signature.is_federated()])
  return result, own(values)


def outcome(*args):
  try:
    return str(tff.learning.metrics.sum_then_finalize(*args).type_signature)
  except (TypeError, ValueError) as e:
    return type(e).__name__


def plain(metrics):
  return {name: float(value) for name, value in metrics.items()}


training = tff.learning.algorithms.build_weighted_fed_avg(
    model_fn,
    lambda: tf.keras.optimizers.SGD(0.01),
    metrics_aggregator=tff.learning.metrics.sum_then_finalize)
batch = collections.OrderedDict(x=[[1.0, 2.0], [3.0, 4.0]], y=[[1.0], [2.0]])
data = [tf.data.Dataset.from_tensor_slices(batch).batch(2)]
trained = training.next(training.initialize(), data).metrics['client_work']['train']
print(json.dumps({
    'types': [str(c.type_signature) for c in (summed, own, secure, twice)],
    'result': [summed.type_signature.is_function(), str(summed.type_signature.result.member)],
    'asked': asked,
    'own': plain(own(clients)),
    'twice': [plain(each) for each in twice(clients)],
    'refused': [
        outcome({'a': lambda x: x}, unfinalized_type),
        outcome(collections.OrderedDict(a=3), tff.to_type(collections.OrderedDict(a=tf.int32))),
        outcome(collections.OrderedDict(a=lambda x: x), tff.to_type(tf.int32)),
    ],
    'trained': plain({name: np.asarray(value) for name, value in trained.items()}),
}))
