"""What `check` finds of names of tensorflow_privacy."""

from __future__ import annotations

import pytest

from tests.source.test_findings import check, upgrade

_HEAD = "import tensorflow_privacy as tfp\n"


def written(source: str) -> str:
    return upgrade(source, "0.19.0", head=_HEAD)


@pytest.mark.parametrize(
    ("call", "now"),
    [
        (
            "GaussianAverageQuery(1.0, denominator=4.0, sum_stddev=0.5)",
            "NormalizedQuery(tfp.GaussianSumQuery(1.0, 0.5), 4.0)",
        ),
        (
            "QuantileAdaptiveClipAverageQuery(1.0, 0.1, 4.0, 0.9, 0.5, 0.2, 2.0)",
            "NormalizedQuery(\n    tfp.QuantileAdaptiveClipSumQuery("
            "1.0, 0.1, 0.9, 0.5, 0.2, 2.0, False),\n    4.0)",
        ),
        ("DPAdamGaussianOptimizer(1.0)", "v1.DPAdamGaussianOptimizer(1.0)"),
        ("DPKerasSGDOptimizer(1.0)", "DPKerasSGDOptimizer(1.0)"),
    ],
)
def test_queries_and_optimizers_are_written(call: str, now: str) -> None:
    assert written(f"query = tfp.{call}\n") == f"query = tfp.{now}\n"


def test_events_are_those_of_dp_accounting() -> None:
    assert "event = dp_accounting.GaussianDpEvent(1.0)" in written(
        "event = tfp.GaussianDpEvent(1.0)\n"
    )


ACCOUNTANT = "tensorflow_privacy.privacy.analysis"


@pytest.mark.parametrize(
    ("source", "now", "release"),
    [
        ("x = tfp.compute_rdp(0.1, 1.0, 10, orders)\n", "rdp_of_gaussian(0.1", "0.19.0"),
        (
            f"from {ACCOUNTANT}.rdp_accountant import compute_rdp\n"
            "x = compute_rdp(0.1, 1.0, 10, orders)\n",
            "rdp_of_gaussian(0.1",
            "0.19.0",
        ),
        (
            f"from {ACCOUNTANT} import rdp_accountant\n"
            "x = rdp_accountant.get_privacy_spent(orders, rdp, target_delta=1e-5)\n",
            "best_privacy_spent_of_rdp(orders",
            "0.19.0",
        ),
        (
            f"from {ACCOUNTANT} import rdp_accountant\n"
            "x = rdp_accountant.get_privacy_spent(orders, rdp, target_delta=1e-5)\n",
            "privacy_spent_of_rdp(orders",
            "0.16.1",
        ),
        ("x = tfp.GaussianAverageQuery\n", "GaussianAverageQuery\n", "0.19.0"),
    ],
)
def test_the_accountant_goes_on_with_the_bounds_of_its_version(
    source: str, now: str, release: str
) -> None:
    text = upgrade(source, release, head=_HEAD)
    assert f"\nx = {now}" in text
    assert "rdp_accountant" not in text


def test_an_accountant_as_a_module_is_left() -> None:
    source = f"from {ACCOUNTANT} import rdp_accountant\nuse(rdp_accountant)\n"
    assert written(source) == source
    found = check(_HEAD + source, "0.19.0")
    assert {finding.code for finding in found} == {"TFF405"}
    assert {finding.kind for finding in found} == {"none"}
