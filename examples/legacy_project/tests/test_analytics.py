import federated_regression


def test_mean_of_all_readings():
  readings = [[68.5, 70.0, 71.5], [72.0]]
  assert federated_regression.mean_of_all_readings(readings) == 70.5


def test_type_signature():
  assert str(federated_regression.mean_of_all_readings.type_signature) == (
      '({float32*}@CLIENTS -> float32@SERVER)')
