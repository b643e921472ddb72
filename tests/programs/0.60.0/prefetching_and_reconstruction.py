"""Data fetched in advance, evaluated reconstruction, struct types and a factory, in 0.60."""
import asyncio
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

ReconstructionModel = tff.learning.models.ReconstructionModel


class Counts(tff.program.FederatedDataSource):
  """Numbers that count the selections."""

  federated_type = tff.type_at_clients(tf.int32)
  capabilities = [tff.program.Capability.RANDOM_UNIFORM]

  def iterator(self):
    return CountsIterator(0)


class CountsIterator(tff.program.FederatedDataSourceIterator):

  federated_type = tff.type_at_clients(tf.int32)

  def __init__(self, selected):
    self.selected = selected

  @classmethod
  def from_bytes(cls, data):
    return cls(int(data.decode()))

  def to_bytes(self):
    return str(self.selected).encode()

  def select(self, num_clients=None):
    self.selected += 1
    return [self.selected] * num_clients


@tff.federated_computation(tff.type_at_clients(tf.int32))
def total(values):
  return tff.federated_sum(values)


@tff.federated_computation
def number_of_clients():
  return tff.federated_sum(tff.federated_value(1, tff.CLIENTS))


def error(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


async def prefetched():
  source = tff.program.PrefetchingDataSource(Counts(), 3, 1, num_clients_to_prefetch=2)
  iterator = source.iterator()
  sums = [int(await total(iterator.select(2))) for _ in range(2)]
  directly = tff.program.PrefetchingDataSourceIterator(
      CountsIterator(4), total_rounds=2, num_rounds_to_prefetch=2, num_clients_to_prefetch=3,
      prefetch_threshold=0)
  more = sorted([int(await total(directly.select(3))) for _ in range(2)])
  return {
      'sums': sums, 'directly': more,
      'types': [str(source.federated_type), str(iterator.federated_type)],
      'are': [isinstance(iterator, tff.program.PrefetchingDataSourceIterator),
              isinstance(iterator, tff.program.FederatedDataSourceIterator),
              isinstance(source, tff.program.FederatedDataSource)],
      'errors': [error(iterator.select, 3), error(iterator.select), error(directly.select, 3),
                 error(tff.program.PrefetchingDataSource, Counts(), 3, 1, 0),
                 error(tff.program.PrefetchingDataSource, Counts(), '3', 1, 2),
                 error(tff.program.PrefetchingDataSourceIterator, Counts(), 3, 1, 2)],
  }


tff.backends.native.set_async_local_cpp_execution_context()
output = {'prefetched': asyncio.new_event_loop().run_until_complete(prefetched())}
tff.backends.native.set_sync_local_cpp_execution_context()
output['without'] = error(tff.program.PrefetchingDataSource(Counts(), 3, 1, 2).iterator)

factory = tff.framework.local_cpp_executor_factory(
    default_num_clients=2, max_concurrent_computation_calls=1, stream_structs=True,
    server_mesh=None, client_mesh=None)
context = tff.framework.SyncExecutionContext(
    factory, tff.backends.native.desugar_and_transform_to_native)
with tff.framework.get_context_stack().install(context):
  output['factory'] = [int(total([1, 2, 3])), int(number_of_clients())]

pair = tff.StructType([('a', tf.int32), (None, (tf.float32, [2]))])
checked = tff.types.StructType([tf.bool, ('n', pair)], convert=True, enable_well_formed_check=True)
unchecked = tff.StructType([('n', tff.TensorType(tf.int32))], convert=False)
output['types'] = [str(each) for each in (pair, checked, unchecked)] + [
    repr(pair), len(checked), dir(pair), str(pair.a), str(checked[1]),
    isinstance(pair, tff.types.StructType), isinstance(tff.to_type([tf.int32]), tff.StructType),
    pair == tff.StructType([('a', tf.int32)]),
    error(tff.StructType, 3), error(tff.types.StructType, [object()]),
    error(tff.StructType, [('a', tf.int32), ('a', tf.bool)])]


def keras_model_fn():
  inputs = tf.keras.layers.Input(shape=(3,))
  hidden = tf.keras.layers.Dense(2, kernel_initializer='ones', name='global')
  local = tf.keras.layers.Dense(1, kernel_initializer='ones', name='local')
  keras_model = tf.keras.Model(inputs=inputs, outputs=local(hidden(inputs)))
  return ReconstructionModel.from_keras_model(
      keras_model,
      global_layers=[hidden],
      local_layers=[local],
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 3], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)))


def data(num_examples, offset):
  x = ((np.arange(num_examples * 3) + offset) % 7).astype(np.float32).reshape([-1, 3]) / 7.0
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=x.sum(axis=1, keepdims=True) + offset)).batch(2)


def evaluate(**kwargs):
  process = tff.learning.algorithms.build_fed_recon_eval(
      keras_model_fn, loss_fn=tf.keras.losses.MeanSquaredError, **kwargs)
  state = process.initialize()
  result = process.next(state, [data(6, 0), data(8, 1)])
  metrics = result.metrics['client_work']['eval']
  return {
      'next': str(process.next.type_signature),
      'metrics': {name: float(value) for name, value in metrics.items()},
  }


output['evaluated'] = evaluate()
output['with metrics'] = evaluate(
    metrics_fn=lambda: [tf.keras.metrics.MeanAbsoluteError()],
    reconstruction_optimizer_fn=tff.learning.optimizers.build_sgdm(0.05),
    dataset_split_fn=ReconstructionModel.build_dataset_split_fn(recon_epochs=2))
output['with keras'] = evaluate(
    reconstruction_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.05),
    dataset_split_fn=ReconstructionModel.simple_dataset_split_fn)
print(json.dumps(output))
