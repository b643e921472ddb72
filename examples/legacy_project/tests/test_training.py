import pytest

import federated_regression


@pytest.fixture(scope='module')
def trained():
  return federated_regression.train(num_clients=3, num_rounds=5)


def test_loss_falls_in_each_round(trained):
  _, losses = trained
  assert losses == sorted(losses, reverse=True)
  assert losses[-1] < 0.2 * losses[0]


def test_evaluation_agrees_with_keras(trained):
  state, _ = trained
  metrics = federated_regression.evaluate(state, num_clients=3)
  keras_model = federated_regression.to_keras(state)
  keras_model.compile(loss='mse', optimizer='sgd')
  data = federated_regression.client_dataset(0)
  for i in (1, 2):
    data = data.concatenate(federated_regression.client_dataset(i))
  loss = keras_model.evaluate(data.map(lambda e: (e['x'], e['y'])).batch(30), verbose=0)
  assert metrics.loss == pytest.approx(loss, rel=1e-4)
