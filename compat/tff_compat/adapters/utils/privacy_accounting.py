"""What programs get in the place of the accountant and the averages of tensorflow_privacy.

`tff_compat.privacy_names` has what does this at run time.
"""

from __future__ import annotations

from tff_compat.adapters.registry import helper

helper(
    "rdp_of_gaussian",
    '''\
def rdp_of_gaussian(q, noise_multiplier, steps, orders):
  """The Rényi divergences of the Gaussian mechanism with Poisson sampling."""
  single = np.isscalar(orders)
  accountant = dp_accounting.rdp.RdpAccountant([orders] if single else list(orders))
  accountant.compose(dp_accounting.PoissonSampledDpEvent(
      q, dp_accounting.GaussianDpEvent(noise_multiplier)))
  divergences = np.asarray(accountant._rdp) * steps
  return divergences[0] if single else divergences
''',
)
helper(
    "rdp_of_several_gaussians",
    '''\
def rdp_of_several_gaussians(sampling_probabilities, noise_multipliers, steps_list, orders):
  """The sum of the divergences of mechanisms with several sampling rates and multipliers."""
  several = zip(sampling_probabilities, noise_multipliers, steps_list)
  return sum(rdp_of_gaussian(q, noise, steps, orders) for q, noise, steps in several)
''',
)
_CHECKED = """\
  if (target_eps is None) == (target_delta is None):
    raise ValueError('Give exactly one of epsilon and delta.')
  orders, rdp = np.atleast_1d(orders), np.atleast_1d(rdp)
  if len(orders) != len(rdp):
    raise ValueError('Give one divergence for each order.')
"""
helper(
    "privacy_spent_of_rdp",
    f'''\
def privacy_spent_of_rdp(orders, rdp, target_eps=None, target_delta=None):
  """Epsilon, delta and the order of the best bound, by Proposition 3 of arXiv:1702.07476."""
{_CHECKED}\
  if target_eps is not None:
    deltas = np.exp((rdp - target_eps) * (orders - 1))
    best = int(np.argmin(deltas))
    return target_eps, min(deltas[best], 1.0), orders[best]
  epsilons = rdp - np.log(target_delta) / (orders - 1)
  best = int(np.nanargmin(epsilons))
  return epsilons[best], target_delta, orders[best]
''',
)
helper(
    "best_privacy_spent_of_rdp",
    f'''\
def best_privacy_spent_of_rdp(orders, rdp, target_eps=None, target_delta=None):
  """Epsilon, delta and the order of the best bound, by Proposition 12 of arXiv:2004.00010."""
{_CHECKED}\
  if any(orders < 1) or any(rdp < 0):
    raise ValueError('Orders must be at least 1, and divergences not negative.')
  if (target_eps is not None and target_eps < 0) or (
      target_delta is not None and target_delta <= 0):
    raise ValueError('Epsilon must not be negative, and delta greater than zero.')

  def log_delta(order, divergence):
    by_kl = 0.5 * np.log1p(-np.exp(-divergence)) if divergence else -np.inf
    if order <= 1.01:
      return by_kl
    by_order = (order - 1) * (divergence - target_eps + np.log1p(-1 / order)) - np.log(order)
    return min(by_kl, by_order)

  def epsilon(order, divergence):
    if target_delta ** 2 + np.expm1(-divergence) >= 0:
      return 0.0
    if order <= 1.01:
      return np.inf
    return (divergence + np.log1p(-1 / order)
            - np.log(target_delta * order) / (order - 1))

  bound = epsilon if target_eps is None else log_delta
  bounds = [bound(order, divergence) for order, divergence in zip(orders, rdp)]
  best = int(np.argmin(bounds))
  if target_eps is None:
    return max(0, bounds[best]), target_delta, orders[best]
  return target_eps, min(np.exp(bounds[best]), 1.0), orders[best]
''',
)
helper(
    "GaussianAverageQuery",
    '''\
class GaussianAverageQuery(tfp.NormalizedQuery):
  """Clips, sums, adds noise and divides by a number that is given."""

  def __init__(self, l2_norm_clip, sum_stddev, denominator):
    super().__init__(tfp.GaussianSumQuery(l2_norm_clip, sum_stddev), denominator)
''',
)
helper(
    "QuantileAdaptiveClipAverageQuery",
    '''\
class QuantileAdaptiveClipAverageQuery(tfp.NormalizedQuery):
  """As `GaussianAverageQuery`, with a clipping norm that follows a quantile of the norms."""

  def __init__(self, initial_l2_norm_clip, noise_multiplier, denominator,
               target_unclipped_quantile, learning_rate, clipped_count_stddev,
               expected_num_records, geometric_update=False):
    numerator = tfp.QuantileAdaptiveClipSumQuery(
        initial_l2_norm_clip, noise_multiplier, target_unclipped_quantile, learning_rate,
        clipped_count_stddev, expected_num_records, geometric_update)
    super().__init__(numerator, denominator)
''',
)
