import tensorflow_federated as tff

from windfarm import statistics


def test_mean_of_the_highest():
  assert statistics.mean_highest_power([[1.0, 3.0], [5.0]], 0.5) == 2.0


def test_type():
  assert str(statistics.highest_power.type_signature) == '(float32* -> float32)'
  assert isinstance(statistics.mean_highest_power.type_signature, tff.FunctionType)
