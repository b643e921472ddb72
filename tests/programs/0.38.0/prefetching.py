"""Data sources of 0.38: data sets, ids, and the data of coming rounds fetched in advance."""
import asyncio
import collections
import json
import random

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class Counts(tff.program.FederatedDataSource):
  """Data sets whose size is the number of the selection."""

  federated_type = tff.type_at_clients(tff.SequenceType(tf.int32))
  capabilities = [tff.program.Capability.DETERMINISTIC]

  def iterator(self):
    return CountsIterator()


class CountsIterator(tff.program.FederatedDataSourceIterator):

  federated_type = Counts.federated_type

  def __init__(self):
    self.selected = 0

  def select(self, number_of_clients=None):
    self.selected += 1
    return [tf.data.Dataset.range(self.selected, output_type=tf.int32)] * number_of_clients


@tff.tf_computation(tff.SequenceType(tf.int32))
def size(data):
  return data.reduce(0, lambda x, _: x + 1)


@tff.federated_computation(Counts.federated_type)
def sizes(data):
  return collections.OrderedDict(total=tff.federated_sum(tff.federated_map(size, data)))


async def number():
  return np.int32(5)


async def error_of(function, *args, **kwargs):
  try:
    result = function(*args, **kwargs)
    if asyncio.iscoroutine(result):
      await result
  except Exception as error:  # pylint: disable=broad-except
    return type(error).__name__
  return None


async def main(executing):
  source = tff.program.PrefetchingDataSource(
      Counts(), total_rounds=3, num_rounds_to_prefetch=1, num_clients_to_prefetch=2,
      context=executing)
  iterator = source.iterator()
  fetched = [iterator.select(2) for _ in range(3)]
  results = [sizes(data) for data in fetched]
  totals = [int(await result['total'].get_value()) for result in results]
  end = await error_of(iterator.select, 2)
  random.seed(3)
  ids = tff.program.ClientIdDataSource(['a', 'b', 'c', 'd'])
  id_iterator = ids.iterator()
  selected = [id_iterator.select(number_of_clients=3), id_iterator.select(4)]
  datasets = tff.program.DatasetDataSource(
      [tf.data.Dataset.range(each, output_type=tf.int64) for each in (1, 2, 3, 4)])
  chosen = [len(list(each)) for each in datasets.iterator().select(number_of_clients=4)]
  reference = tff.program.AwaitableValueReference(number(), tff.TensorType(tf.int32))
  shared = tff.program.AwaitableValueReference(
      tff.async_utils.SharedAwaitable(number()), tff.TensorType(tf.int32))
  return {
      'totals': totals,
      'result': [type(results[0]).__name__, type(results[0]['total']).__name__],
      'fetched': [type(fetched[0]).__name__, str(fetched[0].type_signature),
                  fetched[0].cardinality[tff.CLIENTS]],
      'end': end,
      'types': [str(source.federated_type), str(iterator.federated_type),
                str(ids.federated_type), str(id_iterator.federated_type),
                str(datasets.federated_type)],
      'capabilities': [str(each.capabilities) for each in (source, ids, datasets)],
      'selected': selected,
      'chosen': chosen,
      'reference': [int(await reference.get_value()), int(await shared.get_value()),
                    reference == reference, reference == shared],
      'errors': {
          'clients': await error_of(iterator.select, 1),
          'unnamed': await error_of(id_iterator.select),
          'many': await error_of(id_iterator.select, 5),
          'ids': await error_of(tff.program.ClientIdDataSource, []),
          'number': await error_of(tff.program.ClientIdDataSource, [1]),
          'awaitable': await error_of(
              tff.program.AwaitableValueReference, number, tff.TensorType(tf.int32)),
          'none': await error_of(
              tff.program.PrefetchingDataSource, Counts(), 3, 1, 0, executing),
          'context': await error_of(tff.program.PrefetchingDataSource, Counts(), 3, 1, 2, None),
      },
  }


executing_context = tff.backends.native.create_local_async_python_execution_context()
tff.framework.set_default_context(tff.program.NativeFederatedContext(executing_context))
print(json.dumps(asyncio.get_event_loop().run_until_complete(main(executing_context))))
