"""Learning processes put together from their parts, and aggregators with debug measurements."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          3, kernel_initializer='zeros', activation='softmax', input_shape=(4,)),
  ])
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 4], tf.float32),
          y=tf.TensorSpec([None, 1], tf.int32)),
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 4) + offset) % 9).astype(np.float32).reshape([-1, 4]) / 9.0
  y = ((np.arange(num_examples) + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=y)).batch(3)


federated_train_data = [client_dataset(4, 0), client_dataset(7, 1), client_dataset(2, 5)]


@tff.tf_computation
def initial_model_weights_fn():
  return tff.learning.ModelWeights.from_model(model_fn())


weights_type = initial_model_weights_fn.type_signature.result


def compose(client_work, finalizer):
  return tff.learning.templates.compose_learning_process(
      initial_model_weights_fn,
      tff.learning.templates.build_broadcast_process(weights_type),
      client_work,
      tff.aggregators.MeanFactory().create(
          weights_type.trainable, tff.TensorType(tf.float32)),
      finalizer)


def metric_values(metrics):
  return [float(value) for value in tf.nest.flatten(metrics)]


def run(process):
  state = process.initialize()
  rounds = []
  for _ in range(2):
    output = process.next(state, federated_train_data)
    state = output.state
    rounds.append(metric_values(output.metrics['client_work']['train']))
  weights = process.get_model_weights(state)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in weights.trainable],
  }


build_client_work = tff.learning.templates.build_model_delta_client_work
build_finalizer = tff.learning.templates.build_apply_optimizer_finalizer
NUM_EXAMPLES = tff.learning.ClientWeighting.NUM_EXAMPLES
UNIFORM = tff.learning.ClientWeighting.UNIFORM
sgdm = tff.learning.optimizers.build_sgdm

works = {
    'keras': build_client_work(
        model_fn, lambda: tf.keras.optimizers.SGD(0.5), NUM_EXAMPLES),
    'proximal keras': build_client_work(
        model_fn, lambda: tf.keras.optimizers.SGD(0.5), NUM_EXAMPLES, 0.7),
    'proximal tff': build_client_work(
        model_fn, sgdm(0.5), UNIFORM, delta_l2_regularizer=0.7,
        metrics_aggregator=tff.learning.metrics.sum_then_finalize,
        use_experimental_simulation_loop=True),
}
finalizers = {
    'keras': build_finalizer(lambda: tf.keras.optimizers.SGD(1.0, momentum=0.9), weights_type),
    'proximal keras': build_finalizer(sgdm(1.0, momentum=0.9), weights_type),
    'proximal tff': build_finalizer(lambda: tf.keras.optimizers.Adam(0.1), weights_type),
}
results = {name: run(compose(works[name], finalizers[name])) for name in works}
results['types'] = {
    'work': str(works['proximal keras'].next.type_signature),
    'finalizer': str(finalizers['keras'].next.type_signature),
}


# A learning process of one's own, with weights that nobody sets.
@tff.federated_computation
def initialize():
  return tff.federated_value(1.0, tff.SERVER)


@tff.tf_computation(tff.SequenceType(tf.float32))
def count(dataset):
  return dataset.reduce(0.0, lambda total, _: total + 1.0)


@tff.federated_computation(
    initialize.type_signature.result, tff.type_at_clients(tff.SequenceType(tf.float32)))
def next_fn(state, data):
  total = tff.federated_sum(tff.federated_map(count, data))
  return tff.learning.templates.LearningProcessOutput(state, total)


@tff.tf_computation(tf.float32)
def get_model_weights(state):
  return state * 2.0


own = tff.learning.templates.LearningProcess(initialize, next_fn, get_model_weights)
output = own.next(own.initialize(), [[1.0, 2.0], [3.0]])
results['own'] = {
    'metrics': float(output.metrics),
    'weights': float(own.get_model_weights(output.state)),
    'next': str(own.next.type_signature),
    'is process': isinstance(own, tff.learning.templates.LearningProcess),
    'is iterative': isinstance(own, tff.templates.IterativeProcess),
    'sets': hasattr(own, 'set_model_weights'),
}


def aggregate(factory):
  value_type = tff.to_type([(tf.float32, [3])])
  process = factory.create(value_type, tff.TensorType(tf.float32))
  state = process.initialize()
  values = [[np.array([0.1, -0.2, 0.3], np.float32)], [np.array([0.5, 0.25, 0.0], np.float32)]]
  output = process.next(state, values, [1.0, 3.0])
  return {
      'result': np.ravel(output.result).tolist(),
      'measurements': str(process.next.type_signature.result.measurements),
      'values': metric_values(output.measurements),
  }


results['aggregators'] = {
    'robust': aggregate(tff.learning.robust_aggregator(
        zeroing=False, add_debug_measurements=True)),
    'compression': aggregate(tff.learning.compression_aggregator(
        clipping=False, add_debug_measurements=False)),
    'compression with debugging': aggregate(tff.learning.compression_aggregator(
        add_debug_measurements=True)),
}


def error(function):
  try:
    function()
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


results['errors'] = {
    'negative': error(lambda: build_client_work(model_fn, sgdm(0.5), NUM_EXAMPLES, -1.0)),
    'not a float': error(lambda: build_client_work(model_fn, sgdm(0.5), NUM_EXAMPLES, 1)),
    'no weighting': error(lambda: build_client_work(model_fn, sgdm(0.5), None)),
    'no optimizer': error(lambda: build_client_work(model_fn, None, NUM_EXAMPLES)),
    'no finalizer': error(lambda: build_finalizer(None, weights_type)),
}
local_evaluation = tff.learning.build_local_evaluation(
    model_fn, weights_type, tff.to_type(model_fn().input_spec))
evaluated = local_evaluation(
    tff.learning.ModelWeights([np.ones([4, 3], np.float32), np.zeros([3], np.float32)], []),
    client_dataset(7, 1))
results['local evaluation'] = {
    'type': str(local_evaluation.type_signature),
    'num_examples': int(evaluated['num_examples']),
    'outputs': metric_values(evaluated['local_outputs']),
}
print(json.dumps(results))
