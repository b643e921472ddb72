"""Names of tensorflow_privacy that programs of TFF's time used and that are gone."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from packaging.version import Version

from tff_compat.catalog import Signature
from tff_compat.declared.replacement import Replacement
from tff_compat.recipes import recipe
from tff_compat.source.binding import Binding, bind

PACKAGE = "tensorflow_privacy"

_ACCOUNTANT = (
    "Compose the events of dp_accounting with a dp_accounting.rdp.RdpAccountant, which gives "
    "epsilon and delta; its bound may be a better one."
)
_RDP = {
    "compute_rdp": "rdp_of_gaussian",
    "compute_heterogenous_rdp": "rdp_of_several_gaussians",
    "compute_heterogeneous_rdp": "rdp_of_several_gaussians",
}
"""What computes the divergences of the accountant, and the helpers that do the same."""
FIRST_WITH_IMPROVED_BOUND = Version("0.5")
"""The version of tensorflow_privacy since which epsilon is the best of several bounds."""
_EVENTS = frozenset(
    "ComposedDpEvent DpEvent GaussianDpEvent NoOpDpEvent NonPrivateDpEvent PoissonSampledDpEvent "
    "SampledWithReplacementDpEvent SampledWithoutReplacementDpEvent SelfComposedDpEvent "
    "UnsupportedDpEvent".split()
)
_IN_V1 = frozenset(
    "DPAdagradGaussianOptimizer DPAdagradOptimizer DPAdamGaussianOptimizer DPAdamOptimizer "
    "DPGradientDescentGaussianOptimizer DPGradientDescentOptimizer VectorizedDPAdagrad "
    "VectorizedDPAdagradOptimizer VectorizedDPAdam VectorizedDPAdamOptimizer VectorizedDPSGD "
    "VectorizedDPSGDOptimizer make_optimizer_class make_vectorized_optimizer_class".split()
)
_CLIP = (
    "initial_l2_norm_clip, noise_multiplier, target_unclipped_quantile, learning_rate, "
    "clipped_count_stddev, expected_num_records"
)
_AVERAGES: Mapping[str, tuple[str, str]] = {
    "GaussianAverageQuery": (
        "(l2_norm_clip, sum_stddev, denominator)",
        "tfp.NormalizedQuery(tfp.GaussianSumQuery({l2_norm_clip}, {sum_stddev}), {denominator})",
    ),
    "QuantileAdaptiveClipAverageQuery": (
        f"({_CLIP.replace('target', 'denominator, target')}, geometric_update=False)",
        "tfp.NormalizedQuery(tfp.QuantileAdaptiveClipSumQuery("
        + ", ".join(f"{{{name}}}" for name in _CLIP.split(", "))
        + ", {geometric_update}), {denominator})",
    ),
}
"""The queries for averages: their parameters, and the queries that they were made of."""


def find(
    path: str, call: ast.Call | None, release: Version
) -> tuple[Replacement, Binding | None] | None:
    """What replaces a name of the package, and the arguments where it stands for the whole call.

    Args:
      path: Its dotted path, such as ``"tensorflow_privacy.compute_rdp"``.
      call: The call, where it is called.
      release: The release of TFF that the package came with.

    Returns:
      None where the name is there today.
    """
    if path.startswith(f"{PACKAGE}.v1."):
        return None
    name = path.rpartition(".")[2]
    if name == "rdp_accountant":
        return Replacement("", _ACCOUNTANT), None
    if name in _RDP:
        return Replacement(f"{{!{_RDP[name]}}}"), None
    if name == "get_privacy_spent":
        then = recipe(release).version_of("tensorflow-privacy")
        improved = then is None or then >= FIRST_WITH_IMPROVED_BOUND
        helper = "best_privacy_spent_of_rdp" if improved else "privacy_spent_of_rdp"
        return Replacement(f"{{!{helper}}}"), None
    if name in _EVENTS:
        return Replacement(f"dp_accounting.{name}"), None
    if name in _IN_V1:
        return Replacement(f"tfp.v1.{name}"), None
    if name not in _AVERAGES:
        return None
    parameters, template = _AVERAGES[name]
    bound = None if call is None else bind(Signature(parameters), call)
    if bound is None:
        return Replacement(f"{{!{name}}}"), None
    return Replacement(template), bound
