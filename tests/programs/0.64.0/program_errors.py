"""The error of a filter that does not fit the type of a value, and a fetched value, in 0.64."""
import asyncio
import json

import tensorflow_federated as tff


class ListReleaseManager(tff.program.ReleaseManager):

  async def release(self, value, type_signature, key):
    pass


def outcome(fn):
  try:
    return str(fn())
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


# Keeps what is at a path of the value, not of its type.
manager = tff.program.FilteringReleaseManager(ListReleaseManager(), lambda path: path != ('b',))
kind = tff.StructType([('a', tff.TensorType('int32')), ('b', tff.TensorType('int32'))])
print(json.dumps({
    'bases': [base.__name__ for base in tff.program.FilterMismatchError.__mro__][-3:],
    'mismatch': outcome(lambda: asyncio.run(
        manager.release({'a': 1, 'c': 2}, kind, 1))),
    'fetched': [base.__name__ for base in tff.program.FetchedValue.__mro__][1:2],
    'iterator': issubclass(
        tff.program.PrefetchingDataSourceIterator, tff.program.FederatedDataSourceIterator),
}))
