"""Managers of metrics: what a simulation measured, in files of CSV and of TensorBoard."""

from __future__ import annotations

import abc
import collections
import csv
import os.path
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
import tree

from tff_compat.adapters.registry import AsOf, adapter, member
from tff_compat.adapters.stand_ins import StandsFor, named
from tff_compat.adapters.subclassing import Derived

_ROUND = "round_num"

_CSV_FILE = "metrics manager of a CSV file"
_TENSORBOARD_FILES = "metrics manager of TensorBoard"
for _role in (_CSV_FILE, _TENSORBOARD_FILES):
    for _name, _releases, _parameters in (
        ("update_metrics", "==0.18.*", "(round_num, metrics)"),
        ("save_metrics", "==0.19.*", "(metrics, round_num)"),
    ):
        member(
            _role,
            f".{_name}()",
            releases=_releases,
            replacement="asyncio.run({self}.release({metrics}, key={round_num}))",
            note="Inside a coroutine it is awaited instead. It gives nothing.",
            parameters=_parameters,
        )
for _name, _releases in (
    (".get_metrics()", "<0.20"),
    (".metrics_filename", "<0.20"),
    (".clear_all_rounds()", "==0.18.*"),
    (".clear_rounds_after()", "==0.18.*"),
    (".clear_metrics()", "==0.19.*"),
    (".latest_round_num", "==0.19.*"),
):
    member(
        _CSV_FILE,
        _name,
        releases=_releases,
        note="The manager only writes the file; read and change it with the module csv.",
    )


def _flat(metrics: Any) -> collections.OrderedDict[str, Any]:
    """The metrics of a nested structure by their paths, such as ``a/0``, sorted."""
    leaves = tree.flatten_with_path(metrics)
    named = [("/".join(map(str, path)), value) for path, value in leaves]
    return collections.OrderedDict(sorted(named, key=lambda each: each[0]))


def _check_round(round_num: Any, latest: Any) -> None:
    if not isinstance(round_num, int) or round_num < 0:
        raise ValueError(f"round_num must be a nonnegative integer, received {round_num}.")
    # Round 0 may be written again, as ever.
    if latest and round_num <= latest:
        raise ValueError(
            f"Attempting to append metrics for round {round_num}, but metrics already exist "
            f"through round {latest}."
        )


class _Managers(Derived, StandsFor, abc.ABC):
    """Managers of metrics as of every release."""


@adapter(
    "tff.simulation.MetricsManager",
    releases=">=0.18,<0.19",
    replacement="tff.program.ReleaseManager",
    note="A subclass defines `async def release(self, value, key)`.",
)
class MetricsManager_0_18(_Managers):
    """A manager that saves metrics of rounds, as of TFF 0.18.

    Raises:
      TypeError: A subclass without `update_metrics` is instantiated.
    """

    as_of: AsOf

    @abc.abstractmethod
    def update_metrics(self, round_num: int, metrics_to_append: Any) -> Any:
        """Saves the metrics of a round."""


@adapter(
    "tff.simulation.MetricsManager",
    releases=">=0.19,<0.20",
    replacement="tff.program.ReleaseManager",
    note="A subclass defines `async def release(self, value, key)`.",
)
class MetricsManager(_Managers):
    """A manager that saves metrics of rounds, as of TFF 0.19.

    Raises:
      TypeError: A subclass without `save_metrics` is instantiated.
    """

    as_of: AsOf

    @abc.abstractmethod
    def save_metrics(self, metrics: Any, round_num: int) -> Any:
        """Saves the metrics of a round."""

    def clear_metrics(self, round_num: int) -> None:
        """Forgets the metrics of this round and later ones; here nothing is kept to forget."""


class _File:
    """A file of comma-separated values, with a row for each round and a column for each metric."""

    def __init__(self, path: str):
        self.path = path
        if not tf.io.gfile.exists(path):
            tf.io.gfile.makedirs(os.path.dirname(path))
            self.write([_ROUND], [])

    def read(self) -> tuple[Any, list[dict[str, Any]]]:
        """The names of the columns, and the rows, numbers as floats."""
        with tf.io.gfile.GFile(self.path, "r") as file:
            reader = csv.DictReader(file, quoting=csv.QUOTE_NONNUMERIC)
            return reader.fieldnames, list(reader)

    def write(self, names: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Writes the file anew, at once."""
        unfinished = f"{self.path}.{uuid.uuid4().hex}"
        with tf.io.gfile.GFile(unfinished, "w") as file:
            self._writer(file, names, header=True).writerows(rows)
        tf.io.gfile.rename(unfinished, self.path, overwrite=True)

    def append(self, row: Mapping[str, Any]) -> None:
        """Adds a row, and the columns that it needs."""
        names, rows = self.read()
        new = [name for name in row if name not in names]
        if new:
            self.write([*names, *new], [*rows, row])
            return
        with tf.io.gfile.GFile(self.path, "a") as file:
            self._writer(file, names, header=False).writerow(row)

    @staticmethod
    def _writer(file: Any, names: Iterable[str], *, header: bool) -> csv.DictWriter[str]:
        writer = csv.DictWriter(file, fieldnames=list(names), quoting=csv.QUOTE_NONNUMERIC)
        if header:
            writer.writeheader()
        return writer


_CSV = "tff.program.CSVFileReleaseManager({csv_filepath}, key_fieldname='round_num')"
_NOTE = "Its method is asynchronous: await manager.release(metrics, key=round_num)."


class _CSVMetrics:
    """What the managers of CSV files of both releases do."""

    _latest: Any

    def _open(self, csv_filepath: Any) -> None:
        if not csv_filepath:
            raise ValueError("Empty string passed for csv_filepath argument.")
        self._file = _File(csv_filepath)
        names, rows = self._file.read()
        if rows and _ROUND not in names:
            raise ValueError(
                f"The specified csv file ({csv_filepath}) already exists but was not created by "
                f"CSVMetricsManager (it does not contain a `{_ROUND}` column)."
            )
        self._latest = rows[-1][_ROUND] if rows else None

    def _save(self, flat: collections.OrderedDict[str, Any], round_num: int) -> None:
        row = {name: np.array(value).tolist() for name, value in flat.items()}
        self._file.append({**row, _ROUND: round_num})
        self._latest = round_num

    def _keep_through(self, round_num: int) -> list[dict[str, Any]]:
        names, rows = self._file.read()
        kept = [row for row in rows if row[_ROUND] <= round_num]
        self._file.write(names if kept else [_ROUND], kept)
        return kept

    def _clear(self) -> None:
        self._file.write([_ROUND], [])
        self._latest = None

    def get_metrics(self) -> Any:
        """The names of the columns, and a dict for each round; numbers are floats."""
        return self._file.read()

    @property
    def metrics_filename(self) -> str:
        """Where the file is."""
        return self._file.path


@adapter(
    "tff.simulation.CSVMetricsManager",
    releases=">=0.18,<0.19",
    replacement=_CSV,
    note=_NOTE,
    gives=_CSV_FILE,
)
class CSVMetricsManager_0_18(_CSVMetrics, MetricsManager_0_18):
    """Saves metrics to a file of CSV and reads them back, as of TFF 0.18.

    Args:
      csv_filepath: Where the file is, or is to be, in a named directory.

    Raises:
      ValueError: The path is empty, or the file has metrics of something else.
    """

    as_of: AsOf

    def __init__(self, csv_filepath):
        self.as_of.warn(locals())
        self._open(csv_filepath)

    def update_metrics(self, round_num: int, metrics_to_append: Any) -> Any:
        """Saves the metrics of a round.

        Args:
          round_num: The round, later than those that have been saved.
          metrics_to_append: A nested structure of tensors and numbers; a dict, which gets an
            element ``round_num``.

        Returns:
          The metrics by their paths, sorted, with the round.

        Raises:
          ValueError: The round is negative or has been saved.
        """
        _check_round(round_num, self._latest)
        metrics_to_append[_ROUND] = round_num
        flat = _flat(metrics_to_append)
        self._save(flat, round_num)
        return flat

    def clear_all_rounds(self) -> None:
        """Removes all metrics."""
        self._clear()

    def clear_rounds_after(self, last_valid_round_num: int) -> None:
        """Removes the metrics of later rounds.

        Raises:
          ValueError: The round is negative.
          RuntimeError: There are no metrics, and the round is not 0.
        """
        if last_valid_round_num < 0:
            raise ValueError(
                f"Attempting to clear metrics after round {last_valid_round_num}, which is "
                "negative."
            )
        if self._latest is None:
            if last_valid_round_num == 0:
                return
            raise RuntimeError("Metrics do not exist yet.")
        self._keep_through(last_valid_round_num)
        self._latest = last_valid_round_num


@adapter(
    "tff.simulation.CSVMetricsManager",
    releases=">=0.19,<0.20",
    replacement=_CSV,
    note=_NOTE,
    gives=_CSV_FILE,
)
class CSVMetricsManager(_CSVMetrics, MetricsManager):
    """Saves metrics to a file of CSV and reads them back, as of TFF 0.19.

    Args:
      csv_filepath: Where the file is, or is to be, in a named directory.

    Raises:
      ValueError: The path is empty, or the file has metrics of something else.
    """

    as_of: AsOf

    def __init__(self, csv_filepath):
        self.as_of.warn(locals())
        self._open(csv_filepath)

    def save_metrics(self, metrics: Any, round_num: int) -> None:
        """Saves the metrics of a round.

        Args:
          metrics: A nested structure of tensors and numbers.
          round_num: The round, later than those that have been saved.

        Raises:
          ValueError: The round is negative or has been saved.
        """
        _check_round(round_num, self._latest)
        self._save(_flat(metrics), round_num)

    def clear_metrics(self, round_num: int) -> None:
        """Removes the metrics of this round and later ones.

        Raises:
          ValueError: The round is negative.
        """
        if round_num < 0:
            raise ValueError(
                f"Attempting to clear metrics after round {round_num}, which is negative."
            )
        if self._latest is None:
            return
        if round_num == 0:
            self._clear()
            return
        kept = self._keep_through(round_num - 1)
        self._latest = max((row[_ROUND] for row in kept), default=None)

    @property
    def latest_round_num(self) -> Any:
        """The last round that was saved; None where there is none."""
        return self._latest


_TENSORBOARD = "tff.program.TensorBoardReleaseManager"


class _Summaries:
    """What the managers of TensorBoard files of both releases do."""

    _latest: Any = None

    def _open(self, summary_dir: Any) -> None:
        if not summary_dir:
            raise ValueError("Empty string passed for summary_dir argument.")
        tf.io.gfile.makedirs(summary_dir)
        self._writer = tf.summary.create_file_writer(summary_dir)

    def _write(self, flat: Mapping[str, Any], round_num: int) -> None:
        with self._writer.as_default():
            for name, value in flat.items():
                if np.array(value).shape:
                    tf.summary.histogram(name, value, step=round_num)
                else:
                    tf.summary.scalar(name, value, step=round_num)
        self._latest = round_num


@adapter(
    "tff.simulation.TensorBoardManager",
    releases=">=0.18,<0.19",
    replacement=_TENSORBOARD,
    note=_NOTE,
    gives=_TENSORBOARD_FILES,
)
class TensorBoardManager_0_18(_Summaries, MetricsManager_0_18):
    """Writes metrics for TensorBoard, as of TFF 0.18.

    Args:
      summary_dir: The directory for its files.

    Raises:
      ValueError: The path is empty.
    """

    as_of: AsOf

    def __init__(self, summary_dir="/tmp/logdir"):
        self.as_of.warn(locals())
        self._open(summary_dir)

    def update_metrics(self, round_num: int, metrics_to_append: Any) -> Any:
        """Writes the metrics of a round: scalars, and histograms of what has a shape.

        Args:
          round_num: The round, later than those before.
          metrics_to_append: A nested structure of tensors and numbers; a dict, which gets an
            element ``round_num``.

        Returns:
          The metrics by their paths, sorted, with the round.

        Raises:
          ValueError: The round is negative or has been written.
        """
        _check_round(round_num, self._latest)
        metrics_to_append[_ROUND] = round_num
        flat = _flat(metrics_to_append)
        self._write(flat, round_num)
        return flat


@adapter(
    "tff.simulation.TensorBoardManager",
    releases=">=0.19,<0.20",
    replacement=_TENSORBOARD,
    note=_NOTE,
    gives=_TENSORBOARD_FILES,
)
class TensorBoardManager(_Summaries, MetricsManager):
    """Writes metrics for TensorBoard, as of TFF 0.19.

    Args:
      summary_dir: The directory for its files.

    Raises:
      ValueError: The path is empty.
    """

    as_of: AsOf

    def __init__(self, summary_dir="/tmp/logdir"):
        self.as_of.warn(locals())
        self._open(summary_dir)

    def save_metrics(self, metrics: Any, round_num: int) -> Any:
        """Writes the metrics of a round: scalars, and histograms of what has a shape.

        Args:
          metrics: A nested structure; what is neither a number nor a bool is left out.
          round_num: The round, later than those before.

        Returns:
          The metrics by their paths, sorted, and then the round.

        Raises:
          ValueError: The round is negative or has been written.
        """
        _check_round(round_num, self._latest)
        flat = _flat(metrics)
        flat[_ROUND] = round_num
        numbers = {name: each for name, each in flat.items() if np.array(each).dtype.kind in "biuf"}
        self._write(numbers, round_num)
        return flat


named("MetricsManager", MetricsManager_0_18)
named("CSVMetricsManager", CSVMetricsManager_0_18)
named("TensorBoardManager", TensorBoardManager_0_18)
