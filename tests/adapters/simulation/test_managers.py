"""Managers of checkpoints and metrics: warnings, subclasses, and what is left of a stopped run."""

from __future__ import annotations

import os
import warnings

import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tff_compat.LegacyAPIWarning)
        yield


def _simulation(release: str):
    return tff_compat.as_of(release).simulation


def test_a_checkpoint_manager_is_told_what_to_write(tmp_path):
    root = str(tmp_path)
    with pytest.warns(tff_compat.LegacyAPIWarning, match="asynchronous") as caught:
        _simulation("0.19.0").FileCheckpointManager(root, prefix="p_")
    assert caught[0].message.replacement == 'tff.program.FileProgramStateManager(root, "p_")'


def test_a_metrics_manager_is_told_what_to_write(tmp_path):
    path = str(tmp_path / "m.csv")
    with pytest.warns(tff_compat.LegacyAPIWarning) as caught:
        _simulation("0.18.0").CSVMetricsManager(path)
    assert caught[0].message.replacement == (
        "tff.program.CSVFileReleaseManager(path, key_fieldname='round_num')"
    )


def test_a_subclass_of_managers_is_told_what_to_write():
    with pytest.warns(tff_compat.LegacyAPIWarning, match="release"):

        class Mine(_simulation("0.19.0").MetricsManager):
            def save_metrics(self, metrics, round_num):
                return None

    assert isinstance(Mine(), _simulation("0.19.0").MetricsManager)
    assert Mine().clear_metrics(0) is None


def test_a_checkpoint_that_was_not_finished_is_no_checkpoint(tmp_path):
    root = str(tmp_path)
    manager = _simulation("0.18.0").FileCheckpointManager(root)
    manager.save_checkpoint({"a": 1.0}, 3)
    os.mkdir(tmp_path / ".temp_ckpt_4")
    (tmp_path / ".temp_ckpt_4" / "half").write_text("")
    state, round_num = manager.load_latest_checkpoint({"a": 0.0})
    assert (float(state["a"]), round_num) == (1.0, 3)
    manager.save_checkpoint({"a": 2.0}, 4)
    state, round_num = manager.load_latest_checkpoint({"a": 0.0})
    assert (float(state["a"]), round_num) == (2.0, 4)
    assert sorted(os.listdir(root)) == ["ckpt_3", "ckpt_4"]


def test_metrics_of_another_name_become_a_column(tmp_path):
    manager = _simulation("0.19.0").CSVMetricsManager(str(tmp_path / "m" / "run.csv"))
    manager.save_metrics({"a": 1.0}, 1)
    manager.save_metrics({"b": [1, 2]}, 2)
    manager.save_metrics({"a": 3.0}, 3)
    names, rows = manager.get_metrics()
    assert names == ["round_num", "a", "b/0", "b/1"]
    assert [row["a"] for row in rows] == [1.0, "", 3.0]
    assert [row["b/1"] for row in rows] == ["", 2.0, ""]


def test_nothing_is_left_beside_the_file(tmp_path):
    manager = _simulation("0.19.0").CSVMetricsManager(str(tmp_path / "m" / "run.csv"))
    for round_num in range(3):
        manager.save_metrics({f"metric_{round_num}": 1.0}, round_num)
    manager.clear_metrics(1)
    assert os.listdir(tmp_path / "m") == ["run.csv"]
    assert [row["round_num"] for row in manager.get_metrics()[1]] == [0.0]
