"""A federated program of 0.21: references whose values are there at once, and data sources."""
import asyncio
import collections
import json
import random
import tempfile

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


async def number(value):
  return np.float32(value)


class ArrayReference(tff.program.MaterializableValueReference):
  """A reference to an array."""

  @property
  def type_signature(self):
    return tff.TensorType(tf.int32, [2])

  def get_value(self):
    return np.array([1, 2], np.int32)


def error_of(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
  except Exception as error:  # pylint: disable=broad-except
    return type(error).__name__
  return None


@tff.tf_computation(tff.SequenceType(tf.int32))
def local_sum(data):
  return data.reduce(0, lambda x, y: x + y)


@tff.federated_computation(tff.type_at_server(tf.int32),
                           tff.type_at_clients(tff.SequenceType(tf.int32)))
def train(total, data):
  added = tff.federated_sum(tff.federated_map(local_sum, data))
  clients = tff.federated_sum(tff.federated_value(1, tff.CLIENTS))
  new_total = tff.federated_map(
      tff.tf_computation(lambda x, y: x + y), (total, added))
  return collections.OrderedDict(
      total=new_total, metrics=tff.federated_zip(
          collections.OrderedDict(added=added, clients=clients)))


datasets = [tf.data.Dataset.range(size + 1, output_type=tf.int32) for size in range(4)]
source = tff.program.DatasetDataSource(datasets)
iterator = source.iterator()
random.seed(12)
sizes = [
    [len(list(dataset)) for dataset in iterator.select(number_of_clients=number_of_clients)]
    for number_of_clients in (4, 3, 2, 0)
]

context = tff.program.NativeFederatedContext(
    tff.backends.native.create_local_async_python_execution_context())
tff.framework.set_default_context(context)
tff.program.check_in_federated_context()
first = train(3, datasets[:2])
second = train(first['total'], datasets[1:])
memory = tff.program.MemoryReleaseManager()
memory.release(second, 'second')
memory.release([first['metrics'], ArrayReference(), 5], 'first')
states = tff.program.FileProgramStateManager(tempfile.mkdtemp())
states.save(second, 1)
loaded, version = states.load_latest(second)

reference = tff.program.CoroValueReference(number(1.5), tff.TensorType(tf.float32))
same = tff.program.CoroValueReference(number(1.5), tff.TensorType(tf.float32))
other = tff.program.CoroValueReference(number(2.5), tff.TensorType(tf.float32))
materialized = tff.program.materialize_value([reference, {'a': ArrayReference()}, 'text'])

print(json.dumps({
    'sizes': sizes,
    'source_type': str(source.federated_type),
    'iterator_type': str(iterator.federated_type),
    'capabilities': [str(each) for each in source.capabilities],
    'first': [type(first).__name__, type(first['total']).__name__,
              str(first['total'].type_signature), type(first['metrics']).__name__],
    'values': [int(each.get_value()) for each in (
        first['total'], second['total'], second['metrics']['added'],
        second['metrics']['clients'])],
    'released': [int(memory.values()['second']['total']),
                 {name: int(value) for name, value in memory.values()['first'][0].items()},
                 memory.values()['first'][1].tolist(), memory.values()['first'][2]],
    'loaded': [version, int(loaded['total']), int(loaded['metrics']['added'])],
    'materialized': [float(materialized[0]), materialized[1]['a'].tolist(), materialized[2]],
    'reference': [float(reference.get_value()), float(reference.get_value()),
                  bool(reference == same), bool(reference == other), reference == 1.5],
    'types': [str(tff.TensorType in tff.program.MaterializableTffType.__args__),
              np.ndarray in tff.program.MaterializablePythonType.__args__],
    'errors': {
        'select': error_of(iterator.select),
        'many': error_of(iterator.select, 5),
        'negative': error_of(iterator.select, number_of_clients=-1),
        'source': error_of(tff.program.DatasetDataSource, []),
        'coroutine': error_of(tff.program.CoroValueReference, 1, tff.TensorType(tf.int32)),
        'type': error_of(tff.program.CoroValueReference, number, tf.int32),
        'context': error_of(tff.program.NativeFederatedContext, None),
        'reference': error_of(tff.program.MaterializableValueReference),
        'clients': error_of(tff.federated_computation(
            lambda: tff.federated_value(1, tff.CLIENTS))),
    },
}))
