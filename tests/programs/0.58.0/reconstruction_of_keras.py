"""A reconstruction model of 0.58, made of a Keras model by the class itself."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def model_fn():
  inputs = tf.keras.layers.Input([1])
  shared = tf.keras.layers.Dense(2, kernel_initializer='ones')
  own = tf.keras.layers.Dense(1, kernel_initializer='ones', use_bias=False)
  model = tf.keras.Model(inputs, own(shared(inputs)))
  return tff.learning.models.ReconstructionModel.from_keras_model(
      keras_model=model,
      global_layers=[shared],
      local_layers=[own],
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 1], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)))


model = model_fn()
output = {
    'global': [each.shape.as_list() for each in model.global_trainable_variables],
    'local': [each.shape.as_list() for each in model.local_trainable_variables],
    'only global': tff.learning.models.ReconstructionModel.has_only_global_variables(model),
}
process = tff.learning.algorithms.build_fed_recon(
    model_fn=model_fn,
    loss_fn=tf.keras.losses.MeanSquaredError,
    metrics_fn=lambda: [tf.keras.metrics.MeanSquaredError(name='error')],
    server_optimizer_fn=tff.learning.optimizers.build_sgdm(1.0),
    client_optimizer_fn=tff.learning.optimizers.build_sgdm(0.05),
    reconstruction_optimizer_fn=tff.learning.optimizers.build_sgdm(0.1),
    dataset_split_fn=tff.learning.models.ReconstructionModel.simple_dataset_split_fn)
data = [tf.data.Dataset.from_tensor_slices(collections.OrderedDict(
    x=np.full([4, 1], size, np.float32), y=np.full([4, 1], 3 * size, np.float32))).batch(2)
        for size in (0.5, 1.0)]
state = process.initialize()
output['errors'] = []
for _ in range(3):
  result = process.next(state, data)
  state = result.state
  output['errors'].append(float(result.metrics['client_work']['train']['error']))
weights = process.get_model_weights(state)
output['weights'] = [np.asarray(each).tolist() for each in weights.trainable]
print(json.dumps(output))
