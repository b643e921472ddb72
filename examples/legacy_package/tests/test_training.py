import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from windfarm import data, training


def test_losses_fall():
  losses = training.train(num_turbines=3, num_rounds=3).losses
  np.testing.assert_allclose(losses, [0.5157210, 0.2370321, 0.1860116], rtol=1e-4)


def test_evaluation():
  state = training.build_process().initialize()
  _, targets = zip(*(data.readings(turbine) for turbine in range(2)))
  np.testing.assert_allclose(
      training.evaluate(state, 2), np.abs(np.concatenate(targets)).mean(), rtol=1e-5)


def test_exported_model():
  state, _ = training.train(num_turbines=2, num_rounds=1)
  model = training.export(state)
  np.testing.assert_allclose(model.get_weights()[0], state.model.trainable[0])


def test_batches():
  batch_type = tff.to_type(data.dataset(0).element_spec)
  assert batch_type[0] == tff.TensorType(tf.float32, [None, data.NUM_FEATURES])
