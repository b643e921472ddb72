"""Iterators of data sources made without their sources, and errors of managers, in 0.52."""
import asyncio
import json
import os
import tempfile

import tensorflow as tf
import tensorflow_federated as tff


def outcome(fn, *args):
  try:
    return str(fn(*args))
  except Exception as e:  # pylint: disable=broad-except
    return [type(e).__name__, [base.__name__ for base in type(e).__mro__][-3:]]


def bases(kind):
  return [base.__name__ for base in kind.__mro__][-3:]


ids = tff.program.ClientIdDataSourceIterator(['a', 'b'])
datasets = tff.program.DatasetDataSourceIterator(
    [tf.data.Dataset.range(n) for n in (2, 3)],
    tff.type_at_clients(tff.SequenceType(tf.int64)))

with tempfile.TemporaryDirectory() as folder:
  manager = tff.program.FileProgramStateManager(os.path.join(folder, 'states'))
  asyncio.run(manager.save({'a': 1, 'b': 2}, 1))
  errors = {
      'exists': outcome(lambda: asyncio.run(manager.save({'a': 1, 'b': 2}, 1))),
      'missing': outcome(lambda: asyncio.run(manager.load(2, {'a': 0, 'b': 0}))),
      'structure': outcome(lambda: asyncio.run(manager.load(1, {'a': 0}))),
  }

print(json.dumps({
    'ids': [str(ids.federated_type), sorted(set(ids.select(2))) <= ['a', 'b']],
    'datasets': [str(datasets.federated_type), len(datasets.select(1))],
    'too_many': outcome(datasets.select, 3),
    'errors': errors,
    'bases': [
        bases(tff.program.ProgramStateManagerStateAlreadyExistsError),
        bases(tff.program.ProgramStateManagerStateNotFoundError),
        bases(tff.program.ProgramStateManagerStructureError),
        bases(tff.program.FileReleaseManagerIncompatibleFileError),
    ],
}))
