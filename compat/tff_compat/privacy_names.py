"""What tensorflow_privacy offered beside a release of TFF, where the installed one does not.

While a release is in place, its programs find again what came with it:

* the accountant of Rényi differential privacy, `compute_rdp` and `get_privacy_spent`, and the
  module that had them, with the bounds that the version of that time computed;
* queries for averages, `GaussianAverageQuery` and `QuantileAdaptiveClipAverageQuery`;
* events, such as `DpEvent`, which now are those of dp_accounting;
* optimizers that now are in its `v1`.
"""

from __future__ import annotations

import importlib
import math
import sys
import types
from collections.abc import Sequence
from typing import Any

import numpy as np
from packaging.version import Version

from tff_compat.recipes import recipe
from tff_compat.replaced_names import ReplacedNames
from tff_compat.source.privacy import FIRST_WITH_IMPROVED_BOUND

PACKAGE = "tensorflow_privacy"

_ACCOUNTANT = f"{PACKAGE}.privacy.analysis.rdp_accountant"
_QUERIES = f"{PACKAGE}.privacy.dp_query"

_FIRST_WITH_ACCOUNTANT_IN_PACKAGE = Version("0.5")
_FIRST_WITHOUT_AVERAGES = Version("0.7")
_FIRST_WITHOUT_V1_OPTIMIZERS = Version("0.7")
_FIRST_WITH_EVENTS = Version("0.7")
_FIRST_WITHOUT_ACCOUNTANT = Version("0.8.1")

_EVENTS = (
    "ComposedDpEvent",
    "DpEvent",
    "GaussianDpEvent",
    "NoOpDpEvent",
    "NonPrivateDpEvent",
    "PoissonSampledDpEvent",
    "SampledWithReplacementDpEvent",
    "SampledWithoutReplacementDpEvent",
    "SelfComposedDpEvent",
    "UnsupportedDpEvent",
)

_replaced = ReplacedNames()


def apply(release: Version) -> None:
    """Adds the names that programs of a release had and that are gone.

    Args:
      release: A release of TFF; those before 0.9 came without the package.
    """
    restore()
    then = recipe(release).version_of("tensorflow-privacy")
    if then is None:
        return
    package = importlib.import_module(PACKAGE)
    if then < _FIRST_WITHOUT_ACCOUNTANT:
        _add_accountant(package, then)
    if then < _FIRST_WITHOUT_AVERAGES:
        _add_averages(package)
    if then < _FIRST_WITHOUT_V1_OPTIMIZERS:
        _add_missing(package, vars(package.v1))
    if _FIRST_WITH_EVENTS <= then < _FIRST_WITHOUT_ACCOUNTANT:
        events = importlib.import_module("dp_accounting")
        _add_missing(package, {name: getattr(events, name) for name in _EVENTS})


def restore() -> None:
    """Takes the names away again. Harmless when nothing is applied."""
    _replaced.restore()
    if isinstance(sys.modules.get(_ACCOUNTANT), _Accountant):
        del sys.modules[_ACCOUNTANT]


def _add_missing(package: types.ModuleType, names: dict[str, Any]) -> None:
    for name, value in names.items():
        if not name.startswith("_") and not hasattr(package, name):
            _replaced.set(package, name, value)


# --- The accountant -------------------------------------------------------------------------------


class _Accountant(types.ModuleType):
    """The module of the accountant, as a version had it."""

    def __init__(self, improved: bool):
        super().__init__(_ACCOUNTANT, compute_rdp.__doc__)
        self._improved = improved
        self.compute_rdp = compute_rdp
        self.compute_heterogenous_rdp = compute_heterogeneous_rdp
        self.compute_heterogeneous_rdp = compute_heterogeneous_rdp

    def get_privacy_spent(
        self,
        orders: Any,
        rdp: Any,
        target_eps: float | None = None,
        target_delta: float | None = None,
    ) -> tuple[Any, Any, Any]:
        """Epsilon, delta and the order of the best bound, from one of the first two.

        Args:
          orders: The orders, or a single one.
          rdp: The Rényi divergences at these, as `compute_rdp` gives them.
          target_eps: Epsilon, where delta is asked for.
          target_delta: Delta, where epsilon is asked for.

        Raises:
          ValueError: Both or none of the targets are given, or they or the divergences are none.
        """
        if (target_eps is None) == (target_delta is None):
            found = "Both" if target_eps is None else "None"
            raise ValueError(f"Exactly one out of eps and delta must be None. ({found} are).")
        order_of, divergence = np.atleast_1d(orders), np.atleast_1d(rdp)
        if len(order_of) != len(divergence):
            raise ValueError("Input lists must have the same length.")
        if not self._improved:
            return _basic(order_of, divergence, target_eps, target_delta)
        if any(order < 1 for order in order_of) or any(each < 0 for each in divergence):
            raise ValueError("Orders must be at least 1, and divergences not negative.")
        if target_eps is not None:
            if target_eps < 0:
                raise ValueError("Value of privacy loss bound epsilon must be >=0.")
            logs = [_log_delta(a, r, target_eps) for a, r in zip(order_of, divergence)]
            best = int(np.argmin(logs))
            return target_eps, min(math.exp(logs[best]), 1.0), order_of[best]
        assert target_delta is not None
        if target_delta <= 0:
            raise ValueError("Privacy failure probability bound delta must be >0.")
        epsilons = [_epsilon(a, r, target_delta) for a, r in zip(order_of, divergence)]
        best = int(np.argmin(epsilons))
        return max(0, epsilons[best]), target_delta, order_of[best]


_LEAST_STABLE_ORDER = 1.01


def _log_delta(order: float, divergence: float, epsilon: float) -> float:
    """The logarithm of delta by Proposition 12 of arXiv:2004.00010, or by the KL divergence."""
    by_kl = 0.5 * math.log1p(-math.exp(-divergence)) if divergence else -math.inf
    if order <= _LEAST_STABLE_ORDER:
        return by_kl
    by_order = (order - 1) * (divergence - epsilon + math.log1p(-1 / order)) - math.log(order)
    return min(by_kl, by_order)


def _epsilon(order: float, divergence: float, delta: float) -> float:
    """Epsilon by the same two bounds."""
    if delta**2 + math.expm1(-divergence) >= 0:
        return 0.0
    if order <= _LEAST_STABLE_ORDER:
        return math.inf
    return divergence + math.log1p(-1 / order) - math.log(delta * order) / (order - 1)


def _basic(
    orders: Any, rdp: Any, epsilon: float | None, delta: float | None
) -> tuple[Any, Any, Any]:
    """By Proposition 3 of arXiv:1702.07476, as until version 0.4."""
    if epsilon is not None:
        deltas = np.exp((rdp - epsilon) * (orders - 1))
        best = int(np.argmin(deltas))
        return epsilon, min(deltas[best], 1.0), orders[best]
    assert delta is not None
    epsilons = rdp - math.log(delta) / (orders - 1)
    best = int(np.nanargmin(epsilons))
    return epsilons[best], delta, orders[best]


def compute_rdp(q: float, noise_multiplier: float, steps: int, orders: Any) -> Any:
    """The Rényi divergences of the Gaussian mechanism with Poisson sampling.

    Args:
      q: The sampling rate.
      noise_multiplier: The standard deviation of the noise, divided by the sensitivity.
      steps: The number of steps.
      orders: The orders, or a single one.

    Returns:
      An array with the divergence at each order, or that at the single one.
    """
    accounting: Any = importlib.import_module("dp_accounting")
    rdp: Any = importlib.import_module("dp_accounting.rdp")
    single = np.isscalar(orders)
    accountant = rdp.RdpAccountant([orders] if single else list(orders))
    event = accounting.PoissonSampledDpEvent(q, accounting.GaussianDpEvent(noise_multiplier))
    accountant.compose(event)
    divergences = np.asarray(accountant._rdp) * steps
    return divergences[0] if single else divergences


def compute_heterogeneous_rdp(
    sampling_probabilities: Sequence[float],
    noise_multipliers: Sequence[float],
    steps_list: Sequence[int],
    orders: Any,
) -> Any:
    """The sum of `compute_rdp` over mechanisms of several sampling rates and multipliers."""
    return sum(
        compute_rdp(q, noise, steps, orders)
        for q, noise, steps in zip(sampling_probabilities, noise_multipliers, steps_list)
    )


def _add_accountant(package: Any, then: Version) -> None:
    made = _Accountant(then >= FIRST_WITH_IMPROVED_BOUND)
    sys.modules[_ACCOUNTANT] = made
    _replaced.set(package.privacy.analysis, "rdp_accountant", made)
    if then < _FIRST_WITH_ACCOUNTANT_IN_PACKAGE:
        return
    names = ["compute_rdp", "get_privacy_spent"]
    names.append(
        "compute_heterogeneous_rdp" if then >= _FIRST_WITH_EVENTS else "compute_heterogenous_rdp"
    )
    _add_missing(package, {name: getattr(made, name) for name in names})


# --- Queries for averages -------------------------------------------------------------------------


def _add_averages(package: Any) -> None:
    class GaussianAverageQuery(package.NormalizedQuery):  # type: ignore[misc, name-defined]
        """Clips, sums, adds noise and divides by a number that is given."""

        def __init__(self, l2_norm_clip: Any, sum_stddev: Any, denominator: Any):
            super().__init__(package.GaussianSumQuery(l2_norm_clip, sum_stddev), denominator)

    class QuantileAdaptiveClipAverageQuery(package.NormalizedQuery):  # type: ignore[misc, name-defined]
        """The same with a clipping norm that follows a quantile of the norms."""

        def __init__(
            self,
            initial_l2_norm_clip: Any,
            noise_multiplier: Any,
            denominator: Any,
            target_unclipped_quantile: Any,
            learning_rate: Any,
            clipped_count_stddev: Any,
            expected_num_records: Any,
            geometric_update: bool = False,
        ):
            numerator = package.QuantileAdaptiveClipSumQuery(
                initial_l2_norm_clip,
                noise_multiplier,
                target_unclipped_quantile,
                learning_rate,
                clipped_count_stddev,
                expected_num_records,
                geometric_update,
            )
            super().__init__(numerator, denominator)

    for module, query in (
        ("gaussian_query", GaussianAverageQuery),
        ("quantile_adaptive_clip_sum_query", QuantileAdaptiveClipAverageQuery),
    ):
        home = importlib.import_module(f"{_QUERIES}.{module}")
        query.__module__ = home.__name__
        query.__qualname__ = query.__name__
        for holder in (home, package):
            _replaced.set(holder, query.__name__, query)
