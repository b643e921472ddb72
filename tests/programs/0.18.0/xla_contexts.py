"""Contexts for JAX code in 0.18: made and set as the default."""
import json

import tensorflow_federated as tff

xla = tff.experimental.backends.xla


def error(function, *args):
  try:
    function(*args)
    return None
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


context = xla.create_local_execution_context()
print(json.dumps({
    'of': isinstance(context, tff.framework.Context),
    'set': xla.set_local_execution_context(),
    'with arguments': [error(xla.create_local_execution_context, 1), error(xla.set_local_execution_context, 1)],
}))
