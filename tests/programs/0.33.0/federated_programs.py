"""Release managers of 0.33, which get the type of each value, and traces of what is done."""
import asyncio
import collections
import json
import os
import tempfile

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class ListReleaseManager(tff.program.ReleaseManager):
  """Releases values with their types to a list."""

  def __init__(self):
    self.released = []

  async def release(self, value, type_signature, key=None):
    value = await tff.program.materialize_value(value)
    self.released.append([repr(key), str(type_signature), str(type(value).__name__),
                          sum(float(each) for each in tf.nest.flatten(value)
                              if not isinstance(each, (str, bytes)))])


class TracingProvider(tff.profiler.TracingProvider):
  """Keeps the spans of the program."""

  def __init__(self):
    self.spans = []

  def span(self, scope, sub_scope, nonce, parent_span_yield, fn_args, fn_kwargs, trace_opts):
    if trace_opts.get('program') is None:
      yield parent_span_yield
      return
    name = f'{scope}.{sub_scope}'
    self.spans.append(['begins', name, parent_span_yield, repr(fn_args), repr(fn_kwargs)])
    result = yield name
    self.spans.append(['ends', name, type(result).__name__,
                       repr(getattr(result, 'value', None))])


class Calculator:

  @tff.profiler.trace(program=True)
  def add(self, x, y):
    with tff.profiler.span('within', 'add', program=True):
      return x + y

  @tff.profiler.trace(program=True)
  async def divide(self, x, *, by):
    return x / by

  def __repr__(self):
    return 'calculator'


async def error_of(awaitable):
  try:
    await awaitable
  except Exception as error:  # pylint: disable=broad-except
    return type(error).__name__
  return None


class Loss(tff.program.MaterializableValueReference):

  @property
  def type_signature(self):
    return tff.TensorType(tf.float32)

  async def get_value(self):
    return np.float32(0.25)


@attr.s(auto_attribs=True)
class Metrics:
  loss: object
  count: int


async def traces():
  provider = TracingProvider()
  tff.profiler.set_tracing_providers([provider])
  tff.profiler.add_tracing_provider(tff.profiler.LoggingTracingProvider())
  calculator = Calculator()
  values = [calculator.add(1, y=2), await calculator.divide(6, by=3)]
  failed = await error_of(calculator.divide(1, by=0))

  async def inside():
    return calculator.add(3, 4)

  with tff.profiler.span('outer', 'most', program=True):
    coroutine = tff.profiler.wrap_coroutine_in_current_trace_context(inside())
    with tff.profiler.wrap_rpc_in_trace_context():
      with tff.profiler.with_trace_context_from_rpc():
        pass
    task = tff.profiler.propagate_trace_context_task_factory(
        asyncio.get_running_loop(), inside())
  values += [await coroutine, await task]
  tff.profiler.set_tracing_providers([tff.profiler.LoggingTracingProvider()])
  per_thread = tff.profiler.ThreadLocalSpanYields()
  per_thread.set(['a'])
  return {
      'values': values,
      'failed': failed,
      'spans': provider.spans,
      'per_thread': per_thread.get(),
      'none': provider.receive_rpc(),
      'classes': [each.__name__ for each in (
          tff.profiler.TracedSpan, tff.profiler.TracedFunctionReturned,
          tff.profiler.TracedFunctionThrew)],
      'provider': await error_of(asyncio.sleep(0)) is None,
  }


async def main():
  folder = tempfile.mkdtemp()
  value = collections.OrderedDict(
      loss=Loss(), accuracy=collections.OrderedDict(top_1=0.5, top_5=0.75), sizes=(1, 2))
  type_signature = tff.to_type(collections.OrderedDict(
      loss=tf.float32, accuracy=collections.OrderedDict(top_1=tf.float32, top_5=tf.float32),
      sizes=(tf.int32, tf.int32)))
  listed = ListReleaseManager()
  memory = tff.program.MemoryReleaseManager()
  csv_path = os.path.join(folder, 'metrics.csv')
  group = tff.program.GroupingReleaseManager([
      listed, memory, tff.program.LoggingReleaseManager(),
      tff.program.CSVFileReleaseManager(csv_path),
      tff.program.SavedModelFileReleaseManager(folder),
      tff.program.TensorBoardReleaseManager(os.path.join(folder, 'board')),
  ])
  await group.release(value, type_signature, key=1)
  await group.release(Metrics(Loss(), 4), tff.to_type([('loss', tf.float32), ('count', tf.int32)]),
                      2)
  filtered = ListReleaseManager()
  for filter_fn in (lambda path: path[0] != 'accuracy', lambda path: 'top_1' in path,
                    lambda path: path == ('sizes', 1)):
    manager = tff.program.FilteringReleaseManager(filtered, filter_fn)
    await manager.release(value, type_signature, 3)
  await tff.program.FilteringReleaseManager(filtered, lambda path: True).release(
      2.5, tff.TensorType(tf.float32))
  await tff.program.LoggingReleaseManager().release(1, tff.TensorType(tf.int32))
  with open(csv_path) as file:
    rows = file.read().split()
  saved = tf.saved_model.load(os.path.join(folder, 'release_1'))()
  return {
      'listed': listed.released,
      'memory': [[key, str(kept_type), [float(each) for each in tf.nest.flatten(kept)
                                        if not attr.has(type(each))]]
                 for key, (kept, kept_type) in memory.values().items()],
      'filtered': filtered.released,
      'rows': rows,
      'saved': [float(each) for each in saved],
      'board': len(os.listdir(os.path.join(folder, 'board'))),
      'errors': {
          'type': await error_of(memory.release(1, 'int32', 1)),
          'none': await error_of(tff.program.LoggingReleaseManager().release(1, None, 1)),
          'key': await error_of(
              tff.program.SavedModelFileReleaseManager(folder).release(1, type_signature, 'a')),
      },
      'traces': await traces(),
  }


def run_training():
  """The training loop of the library gives managers the types of what it releases."""
  listed = ListReleaseManager()
  memory = tff.program.MemoryReleaseManager()

  @tff.federated_computation(tff.type_at_server(tf.int32), tff.type_at_clients(tf.int32))
  def next_fn(state, data):
    del state
    added = tff.federated_sum(data)
    name = tff.federated_value('x', tff.SERVER)
    return added, tff.federated_zip(collections.OrderedDict(added=added, name=name))

  process = tff.templates.IterativeProcess(
      tff.federated_computation(lambda: tff.federated_value(0, tff.SERVER)), next_fn)
  tff.simulation.run_training_process(
      process, lambda round_num: [round_num, 5], 2, metrics_managers=[
          tff.program.FilteringReleaseManager(listed, lambda path: 'time' not in path[0]),
          memory,
      ])
  return {'listed': listed.released,
          'types': [str(kept_type) for _, kept_type in memory.values().values()]}


trained = run_training()
output = asyncio.get_event_loop().run_until_complete(main())
print(json.dumps({**output, 'trained': trained}))
