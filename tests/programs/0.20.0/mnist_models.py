"""The models for MNIST that come with TFF, and the values that their layers begin with."""

import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

create_keras_model = tff.simulation.models.mnist.create_keras_model


@tff.tf_computation
def initial_weights():
  model = create_keras_model(compile_model=False)
  return [tf.reshape(w, [-1])[:3] for w in model.trainable_variables]


model = create_keras_model(compile_model=True)
images = np.ones([2, 784], np.float32)
print(json.dumps({
    'in a computation': [np.asarray(w).tolist() for w in initial_weights()],
    'eager': [w.numpy().ravel()[:3].tolist() for w in model.trainable_variables],
    'layers': [type(layer).__name__ for layer in model.layers],
    'predicted': model.predict(images).tolist(),
    'loss': model.loss.name,
}))
