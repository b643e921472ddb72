"""Program state of 0.86 in files, values that are read with their structure, and traces."""
import asyncio
import json
import os
import tempfile
from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class State(NamedTuple):
  weights: list
  name: str


class Spans(tff.profiler.TracingProvider):

  def __init__(self):
    self.names = []

  def span(self, scope, sub_scope, nonce, parent_span_yield, fn_args, fn_kwargs, trace_opts):
    self.names.append(sub_scope)
    yield None


async def error_of(awaitable):
  try:
    await awaitable
  except Exception as error:  # pylint: disable=broad-except
    return type(error).__name__
  return None


async def main():
  folder = tempfile.mkdtemp()
  spans = Spans()
  tff.profiler.set_tracing_providers([tff.profiler.LoggingTracingProvider(), spans])

  @tff.profiler.trace
  async def save(manager, *args):
    await manager.save(*args)

  states = tff.program.FileProgramStateManager(folder, 'first_', keep_total=1)
  latest = tff.program.FileProgramStateManager(folder, 'latest_', keep_total=2, keep_first=False)
  for version in range(4):
    state = State([np.array([1.0, version]), version], 'text')
    await save(states, state, version)
    with tff.profiler.span('Program', 'latest'):
      await save(latest, state, version)
  tff.profiler.set_tracing_providers([tff.profiler.LoggingTracingProvider()])
  loaded, version = await states.load_latest(state)
  models = tff.program.SavedModelFileReleaseManager(folder)
  await models.release(State([tf.constant([1, 2])], 'best'), key='best')
  value = await models.get_value('best', structure=State([0], ''))
  positional = await models.get_value('best', None)
  return {
      'spans': spans.names,
      'versions': [await states.get_versions(), await latest.get_versions()],
      'loaded': [version, type(loaded).__name__, loaded.weights[0].tolist(),
                 int(loaded.weights[1]), loaded.name.decode()],
      'value': [type(value).__name__, value.weights[0].tolist(), value.name.decode()],
      'positional': positional._fields,
      'errors': {
          'exists': await error_of(states.save(state, 3)),
          'version': await error_of(states.load(9, state)),
          'found': await error_of(models.get_value('worst', 0)),
      },
  }


print(json.dumps(asyncio.get_event_loop().run_until_complete(main())))
