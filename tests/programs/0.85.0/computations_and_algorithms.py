"""Computations as 0.85 made them, mergeable contexts, and its algorithms with Keras optimizers."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


@tff.tf_computation(np.int32)
def add_one(x):
  return x + 1


@tff.tf_computation
def polymorphic(x):
  return x + x


@tff.federated_computation(tff.FederatedType(np.int32, tff.CLIENTS))
def total(values):
  return tff.federated_sum(tff.federated_map(add_one, values))


def error(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


Concrete = tff.framework.ConcreteComputation
plain = Concrete(
    computation_proto=Concrete.get_proto(add_one),
    context_stack=tff.framework.get_context_stack())
doubling = Concrete(
    computation_proto=Concrete.get_proto(add_one),
    context_stack=tff.framework.get_context_stack(),
    annotated_type=add_one.type_signature,
    transform_args=lambda arg: arg * 10,
    transform_result=lambda result: [int(result)])

native = tff.backends.native
mergeable = tff.framework.MergeableCompExecutionContext(
    [native.create_async_local_cpp_execution_context() for _ in range(2)],
    compiler_fn=native.compile_to_mergeable_comp_form, num_subrounds=2)
with tff.framework.get_context_stack().install(mergeable):
  merged = [int(total([1, 2, 3, 4])), int(total([5, 6]))]


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 3) * 4 + offset) % 11).astype(np.float32).reshape([-1, 3]) / 11.0
  y = x[:, :1] + 2.0 * x[:, 1:2] + 0.5 * x[:, 2:] + 0.25
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


train_data = [client_dataset(5, 0), client_dataset(1, 4), client_dataset(8, 2)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.InputLayer(input_shape=(3,)),
      tf.keras.layers.Dense(1, kernel_initializer='zeros'),
  ])
  return tff.learning.models.from_keras_model(
      keras_model,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=train_data[0].element_spec,
      metrics=[tf.keras.metrics.MeanAbsoluteError])


def train(process):
  state = process.initialize()
  rounds = []
  for _ in range(3):
    state, metrics = process.next(state, train_data)
    rounds.append({name: float(value)
                   for name, value in metrics['client_work']['train'].items()})
  return {
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'client_work': sorted(metrics['client_work']),
      'trainable': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
  }


algorithms = tff.learning.algorithms
optimizers = tff.learning.optimizers
print(json.dumps({
    'are': [isinstance(each, tff.Computation) for each in (add_one, total, plain, 3)],
    'transforms': [plain.transform_args is None, plain.transform_result is None,
                   doubling.transform_result(3)],
    'abstract': error(tff.Computation),
    'called': [int(plain(3)), np.ravel(doubling(3)).tolist(), int(polymorphic(4)), float(polymorphic(1.5))],
    'types': [str(each.type_signature) for each in (plain, doubling, total)],
    'merged': merged,
    'fed_prox': train(algorithms.build_unweighted_fed_prox(
        model_fn, 0.5, lambda: tf.keras.optimizers.SGD(0.1))),
    'fed_prox of TFF': train(algorithms.build_unweighted_fed_prox(
        model_fn, proximal_strength=1.0, client_optimizer_fn=optimizers.build_sgdm(0.1),
        server_optimizer_fn=lambda: tf.keras.optimizers.SGD(1.0, momentum=0.5))),
    'schedule': train(algorithms.build_weighted_fed_avg_with_optimizer_schedule(
        model_fn, client_learning_rate_fn=lambda round_num: tf.cond(
            tf.less(round_num, 2), lambda: 0.1, lambda: 0.05),
        client_optimizer_fn=lambda learning_rate: tf.keras.optimizers.SGD(learning_rate),
        server_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.5))),
    'falling schedule': train(algorithms.build_weighted_fed_avg_with_optimizer_schedule(
        model_fn, lambda round_num: 0.1 / tf.cast(round_num + 1, tf.float32),
        lambda learning_rate: tf.keras.optimizers.SGD(learning_rate, momentum=0.5))),
    'errors': [
        error(algorithms.build_unweighted_fed_prox, model_fn, -1.0, optimizers.build_sgdm(0.1))],
}))
