"""Runs the verification in an environment and compares what it gives with plain arithmetic."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import math
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version

from tff_compat.recipes.data import Recipe
from tff_compat.running import processes

_PROGRAM = Path(__file__).with_name("program.py")
_STAGES = ("import", "computation", "training", "layers", "tensorboard")
_RELATIVE = 1e-5
_LINES = 15

_PROBLEM: dict[str, Any] = {
    "learning_rate": 0.1,
    "numbers": [1, 2, 4],
    "clients": [[[[1.0, 2.0], [3.0, 4.0]], [[1.0], [2.0]]], [[[0.5, -1.0]], [[3.0]]]],
}


@dataclasses.dataclass(frozen=True)
class Result:
    """How a verification ended.

    Attributes:
      stage: The stage that failed: "release", "import", "computation", "training", "layers" or
        "tensorboard"; "done" if none did.
      seconds: How long it took.
      message: What was wrong; empty where nothing was.
    """

    stage: str
    seconds: float
    message: str

    @property
    def passed(self) -> bool:
        """Whether the environment does what the release did."""
        return self.stage == "done"


def verify(recipe: Recipe, python: Path, *, timeout: float = 600) -> Result:
    """Verifies the environment of a recipe.

    The real release there is imported, sums numbers of clients, and trains a linear regression
    for one round of federated averaging by its own API. The numbers must be those of arithmetic.
    Then LSTM, GRU, SimpleRNN, Conv2D, BatchNormalization and Embedding are each built, trained,
    saved as h5 and loaded, and TensorBoard is loaded with its plugins.

    Args:
      recipe: The recipe of the environment.
      python: The environment's Python interpreter.
      timeout: Seconds after which the stage that runs counts as failed.
    """
    start = time.monotonic()

    def result(stage: str, message: str = "") -> Result:
        return Result(stage, time.monotonic() - start, message)

    found = _installed(python)
    if found != recipe.release:
        return result("release", f"TFF {found} is installed, not {recipe.release}.")
    with tempfile.TemporaryDirectory(prefix="tff-compat-") as scratch:
        output, message = _run(recipe, python, Path(scratch), timeout)
    done = output.get("stages", ())
    missing = [stage for stage in _STAGES if stage not in done]
    if missing:
        return result(missing[0], message)
    if output["sum"] != sum(_PROBLEM["numbers"]):
        return result("computation", f"The sum of {_PROBLEM['numbers']} was {output['sum']}.")
    wanted = _expected()
    given = [*(value for each in output["weights"] for value in each), output["loss"]]
    if not _close(wanted, given):
        return result("training", f"Weights and loss were {given}, not {wanted}.")
    problems = [f"{name} {problem}" for name, problem in output["layers"].items() if problem]
    if problems:
        return result("layers", "; ".join(problems))
    tensorboard = output["tensorboard"]
    return result("tensorboard", tensorboard) if tensorboard else result("done")


def _installed(python: Path) -> Version | None:
    packages = [os.fspath(each) for each in python.parent.parent.glob("lib/python*/site-packages")]
    for each in importlib.metadata.distributions(path=packages):
        if each.metadata["Name"].lower().replace("_", "-") == "tensorflow-federated":
            return Version(each.version)
    return None


def _run(recipe: Recipe, python: Path, scratch: Path, timeout: float) -> tuple[dict[str, Any], str]:
    """What the program has written, and the last lines of what it printed where it failed."""
    problem, written, log = (scratch / name for name in ("problem.json", "result.json", "log"))
    problem.write_text(json.dumps(_PROBLEM), encoding="utf-8")
    command = [os.fspath(python), os.fspath(_PROGRAM), str(recipe.release)]
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    environment.update(CUDA_VISIBLE_DEVICES="-1", TF_CPP_MIN_LOG_LEVEL="3")
    give_up = time.monotonic() + timeout
    output: dict[str, Any] = {}
    with processes.ended_descendants() as sessions, log.open("w") as file:
        process = subprocess.Popen(
            [*command, os.fspath(problem), os.fspath(written)],
            cwd=scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        sessions.append(process.pid)
        # The executors of 0.7 to 0.11 have threads that never end, so its result is what counts.
        while process.poll() is None and time.monotonic() < give_up:
            output = _read(written)
            if len(output.get("stages", ())) == len(_STAGES):
                break
            time.sleep(0.2)
        ended = process.poll() is not None
    output = _read(written)
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-_LINES:]
    reason = "" if ended else f"Not done after {timeout:.0f} s.\n"
    return output, reason + "\n".join(lines)


def _read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def _expected() -> list[float]:
    """The weights, bias and loss after the round, all of which start with zeros."""
    rate = _PROBLEM["learning_rate"]
    examples = sum(len(y) for _, y in _PROBLEM["clients"])
    values = [0.0] * 4
    for x, y in _PROBLEM["clients"]:
        for inputs, (label,) in zip(x, y):
            # A prediction is zero, so that the gradient of its squared error is -2 label input. A
            # client's mean over its examples, weighted by their number, is their sum.
            for index, each in enumerate([*inputs, 1.0]):
                values[index] += rate * 2 * label * each / examples
            values[3] += label * label / examples
    return values


def _close(wanted: Sequence[float], given: Sequence[float]) -> bool:
    return len(wanted) == len(given) and all(
        math.isclose(one, other, rel_tol=_RELATIVE) for one, other in zip(wanted, given)
    )
