"""Federated averaging with the modules inside `tensorflow_federated.python.learning`."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
import tensorflow as tf

tf.compat.v1.enable_v2_behavior()

import tensorflow_federated as tff
import tensorflow_federated.python.learning.federated_averaging
from tensorflow_federated.python.learning import federated_averaging
from tensorflow_federated.python.learning import keras_utils
from tensorflow_federated.python.learning import model_utils
from tensorflow_federated.python.learning.framework import optimizer_utils
from tensorflow_federated.python.simulation.from_tensor_slices_client_data import FromTensorSlicesClientData

tff.framework.set_default_executor(tff.framework.create_local_executor(2))


def create_keras_model():
  model = tf.keras.Sequential([
      tf.keras.layers.Dense(
          2, activation='softmax', kernel_initializer='zeros', input_shape=(3,))
  ])
  return model


def client_examples(client, count):
  x = (np.arange(count * 3).reshape(-1, 3) * (client + 2) % 5) / 4.0
  y = (np.arange(count).reshape(-1, 1) + client) % 2
  return collections.OrderedDict([
      ('x', x.astype(np.float32)),
      ('y', y.astype(np.int64)),
  ])


source = FromTensorSlicesClientData({
    'ann': client_examples(0, 4),
    'bob': client_examples(1, 6),
})
data = [
    source.create_tf_dataset_for_client(client).batch(2)
    for client in source.client_ids
]
dummy_batch = collections.OrderedDict([
    ('x', np.zeros([1, 3], np.float32)),
    ('y', np.zeros([1, 1], np.int64)),
])


def model_fn():
  model = create_keras_model()
  model.compile(
      tf.keras.optimizers.SGD(0.25),
      tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])
  return keras_utils.from_compiled_keras_model(model, dummy_batch)


process = federated_averaging.build_federated_averaging_process(model_fn)
state = process.initialize()
rounds = []
for _ in range(2):
  state, metrics = process.next(state, data)
  rounds.append([float(metrics.loss), float(metrics.sparse_categorical_accuracy)])

kernel = np.array(state.model.trainable[0])
enhanced = model_utils.enhance(model_fn())

print(json.dumps({
    'leaked': [hasattr(tff.learning, name)
               for name in ('keras_utils', 'model_utils', 'no_such_module')],
    'through_attribute':
        tff.learning.keras_utils.from_keras_model is tff.learning.from_keras_model,
    'through_package':
        tensorflow_federated.python.learning.federated_averaging is federated_averaging,
    'same_builder':
        federated_averaging.build_federated_averaging_process is
        tff.learning.build_federated_averaging_process,
    'state_function':
        optimizer_utils.state_with_new_model_weights is
        tff.learning.state_with_new_model_weights,
    'trains': isinstance(enhanced, model_utils.EnhancedTrainableModel),
    'next': str(process.next.type_signature),
    'rounds': rounds,
    'kernel': [float(v) for v in kernel.flatten()],
}))
