"""Federated averaging of a model in JAX.

Documented behaviour: JAX trains the model; 0.24.0 calls jaxlib as it was then, which is a TypeError.
Expected from: averaging_by_hand
"""
import collections
import json

import jax
import numpy as np
import tensorflow_federated as tff

BATCH_TYPE = collections.OrderedDict([
    ('pixels', tff.TensorType(np.float32, (2, 3))),
    ('labels', tff.TensorType(np.int32, (2,))),
])
MODEL_TYPE = collections.OrderedDict([
    ('weights', tff.TensorType(np.float32, (3, 2))),
    ('bias', tff.TensorType(np.float32, (2,))),
])


def loss(model, batch):
  y = jax.nn.softmax(
      jax.numpy.add(
          jax.numpy.matmul(batch['pixels'], model['weights']), model['bias']))
  targets = jax.nn.one_hot(jax.numpy.reshape(batch['labels'], -1), 2)
  return -jax.numpy.mean(jax.numpy.sum(targets * jax.numpy.log(y), axis=1))


def batch(offset):
  return collections.OrderedDict([
      ('pixels', (((np.arange(6) + offset) % 5) / 5.0).astype(np.float32).reshape([2, 3])),
      ('labels', ((np.arange(2) + offset) % 2).astype(np.int32)),
  ])


tff.backends.xla.set_local_python_execution_context()
trainer = tff.experimental.learning.build_jax_federated_averaging_process(
    BATCH_TYPE, MODEL_TYPE, loss, step_size=0.1)

model = trainer.initialize()
rounds = []
for _ in range(2):
  model = trainer.next(model, [[batch(0), batch(1)], [batch(3)]])
  rounds.append({name: np.ravel(value).tolist() for name, value in model.items()})


def error(function):
  try:
    function()
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


print(json.dumps({
    'initialize': str(trainer.initialize.type_signature),
    'next': str(trainer.next.type_signature),
    'rounds': rounds,
    'errors': {
        'loss': error(
            lambda: tff.experimental.learning.build_jax_federated_averaging_process(
                BATCH_TYPE, MODEL_TYPE, None, step_size=0.1)),
        'step size': error(
            lambda: tff.experimental.learning.build_jax_federated_averaging_process(
                BATCH_TYPE, MODEL_TYPE, loss, step_size=1)),
    },
}))
