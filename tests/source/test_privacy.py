"""What `check` finds of names of tensorflow_privacy, and of what TensorFlow does otherwise."""

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
            "NormalizedQuery(tfp.QuantileAdaptiveClipSumQuery(1.0, 0.1, 0.9, 0.5, 0.2, 2.0), 4.0)",
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


@pytest.mark.parametrize(
    "source",
    [
        "tfp.compute_rdp(0.1, 1.0, 10, orders)\n",
        "from tensorflow_privacy.privacy.analysis.rdp_accountant import compute_rdp\n"
        "compute_rdp(0.1, 1.0, 10, orders)\n",
        "from tensorflow_privacy.privacy.analysis import rdp_accountant\n"
        "rdp_accountant.get_privacy_spent(orders, rdp, target_delta=1e-5)\n",
        "queries = [tfp.GaussianAverageQuery]\n",
    ],
)
def test_accountants_and_queries_as_values_are_left(source: str) -> None:
    assert written(source) == source
    found = check(_HEAD + source, "0.19.0")
    assert {finding.code for finding in found} == {"TFF405"}
    assert {finding.kind for finding in found} == {"none"}


SEEDED = "tf.random.set_seed(7)\n{}\n"


@pytest.mark.parametrize("drawn", ["tf.keras.layers.Dense(2)", "tf.keras.initializers.Zeros()"])
def test_seeds_that_initial_values_do_not_follow_are_said(drawn: str) -> None:
    (finding,) = check(SEEDED.format(drawn), "0.34.0")
    assert (finding.code, finding.kind) == ("TFF406", "none")


@pytest.mark.parametrize(
    ("release", "drawn"),
    [("0.48.0", "tf.keras.layers.Dense(2)"), ("0.34.0", "tf.random.normal([])")],
)
def test_other_seeds_hold(release: str, drawn: str) -> None:
    assert check(SEEDED.format(drawn), release) == []
