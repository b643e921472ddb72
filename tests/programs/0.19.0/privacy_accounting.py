"""Accounting and queries of tensorflow_privacy, as programs beside this release used them."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_privacy as tfp
import tensorflow_federated as tff
from tensorflow_privacy.privacy.analysis.rdp_accountant import compute_rdp
from tensorflow_privacy.privacy.analysis.rdp_accountant import get_privacy_spent
from tensorflow_privacy.privacy.dp_query import gaussian_query

output = collections.OrderedDict()

orders = [1.5, 2, 4, 8, 16, 32]
rdp = tfp.compute_rdp(0.1, noise_multiplier=1.0, steps=10, orders=orders)
output['rdp'] = rdp.tolist()
output['single'] = [float(compute_rdp(q, 1.2, 3, 8)) for q in (0.0, 0.01, 1.0)]
output['several'] = tfp.compute_heterogenous_rdp(
    [0.1, 0.2], [1.0, 2.0], [10, 5], orders).tolist()
output['epsilon'] = [
    [float(each) for each in tfp.get_privacy_spent(orders, rdp, target_delta=delta)]
    for delta in (1e-5, 1e-2, 0.9)]
output['delta'] = [
    [float(each) for each in get_privacy_spent(orders, rdp, target_eps=epsilon)]
    for epsilon in (0.5, 4.0)]
try:
  get_privacy_spent(orders, rdp)
except ValueError as e:
  output['error'] = type(e).__name__


def averages(query):
  state = query.initial_global_state()
  params = query.derive_sample_params(state)
  results = []
  for scale in (1.0, 3.0):
    total = query.initial_sample_state(tf.zeros([2]))
    for record in ([0.3, 0.4], [3.0, 4.0]):
      total = query.accumulate_record(params, total, tf.constant(record) * scale)
    result, state = query.get_noised_result(total, state)[:2]
    params = query.derive_sample_params(state)
    results.append(np.round(result.numpy().astype(float), 6).tolist())
  return results


output['average'] = averages(tfp.GaussianAverageQuery(1.0, 0.0, 4.0))
output['same'] = gaussian_query.GaussianAverageQuery is tfp.GaussianAverageQuery
output['adaptive'] = averages(
    tfp.QuantileAdaptiveClipAverageQuery(1.0, 0.0, 4.0, 0.9, 0.5, 0.0, 2.0))
output['geometric'] = averages(
    tfp.QuantileAdaptiveClipAverageQuery(1.0, 0.0, 4.0, 0.9, 0.5, 0.0, 2.0, True))

print(json.dumps(output))
