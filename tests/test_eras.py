"""Each package of a program has its release, and they hand each other objects as they are."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import textwrap
import types
from pathlib import Path

import pytest
import tff_compat
from packaging.version import Version
from tff_compat import eras

_HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("programs", _HERE / "test_programs.py")
assert _spec is not None and _spec.loader is not None
_programs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_programs)


@pytest.mark.parametrize(
    ("module", "release"),
    [
        ("lib", "0.9.0"),
        ("lib.part", "0.9.0"),
        ("lib.new", "0.20.0"),
        ("lib.new.part", "0.20.0"),
        ("lib.newer", "0.9.0"),
        ("library", "0.52.0"),
        ("", "0.52.0"),
    ],
)
def test_the_longest_name_counts(module, release):
    found = eras.read({"lib": "0.9", "*": Version("0.52.0"), "lib.new": "0.20"})
    assert found.of({"__name__": module}) == Version(release)
    assert eras.parse([str(found)]) == found


def test_modules_that_are_run_have_their_names():
    found = eras.read({"lib": "0.9"})
    spec = types.SimpleNamespace(name="lib.__main__")
    assert found.of({"__name__": "__main__", "__spec__": spec}) == Version("0.9.0")
    assert found.of({"__name__": "__mp_main__", "__spec__": spec}) == Version("0.9.0")
    assert found.of({"__name__": "__main__", "__spec__": None}) is None
    assert eras.read({"__main__": "0.9"}).of({"__name__": "__mp_main__"}) == Version("0.9.0")


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ({}, ValueError, "No release was given"),
        ({"lib": "0.8"}, tff_compat.UnknownReleaseError, r"'lib': TFF 0\.8 is a tag"),
        ({"lib": 0.9}, TypeError, r"'lib': A release is a string, found 0\.9 .*Write '0\.9'"),
        ({"*": None}, TypeError, r"'\*': A release is a string"),
        ({"lib-x": "0.9"}, ValueError, "'lib-x' is no name of a package"),
        ({"lib.": "0.9"}, ValueError, r"'lib\.' is no name of a package"),
        ({"lib.*": "0.9"}, ValueError, r"'lib\.\*' is no name of a package"),
        ({"": "0.9"}, ValueError, "'' is no name of a package"),
        ({1: "0.9"}, TypeError, "is a string, found 1"),
        ({"tensorflow_federated.python": "0.9"}, ValueError, "is no package of the program"),
    ],
)
def test_what_cannot_be_meant_is_told_by_its_name(given, kind, text):
    with pytest.raises(kind, match=text):
        tff_compat.activate(given)


def _python(source: str, **variables: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(source)],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **variables},
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    # TFF's own objects go before what they need.
    assert "Exception ignored" not in done.stderr
    return done.stdout.splitlines()


_BOTH = """
import json
import tff_compat
tff_compat.activate({"older_half": "0.9", "*": "0.52"})
import newer_half as new
import older_half as old
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

def old_rounds():
    process = old.build_process()
    state = process.initialize()
    rounds = []
    for _ in range(2):
        # Somebody else's data, which the same numbers are made of.
        state, metrics = process.next(state, new.TRAIN_DATA)
        rounds.append(old.metrics_of(metrics))
    return rounds, state

rounds, state = old_rounds()

@tff.federated_computation(tff.type_at_clients(tf.float32))
def spread(readings):
    return new.mean_kelvin(readings), old.mean_celsius(readings)

kelvin, celsius = spread([32.0, 50.0, 68.0])
pair = old.same_pair(new.summary([1, 2, 4]))
old_pair, new_pair = old.PAIR, tff.StructType([("count", tf.int32), ("mean", tf.float32)])
print(json.dumps({
    "old": old.report(),
    "new": new.report(),
    "rounds": rounds,
    "evaluation": new.evaluate(list(state.model.trainable)),
    "mean of": float(old.mean_of(new.to_kelvin)([14.0, 50.0])),
    "spread": [float(kelvin), float(celsius)],
    "pair": [int(pair.count), float(pair.mean), type(pair).__name__],
    "equal": [old_pair == new_pair, old.READINGS == new.READINGS,
              old.mean_celsius.type_signature == new.mean_kelvin.type_signature],
    "instances": [isinstance(old_pair, tff.Type), isinstance(old.summary, tff.Computation)],
    "versions": [old.tff.__version__, tff.__version__],
}))
"""


@pytest.mark.tff
def test_halves_of_two_eras_give_what_they_gave_and_work_together():
    """What passes between them is compared with what its half gave on its real release."""
    folders = [str(_HERE / "programs" / release) for release in ("0.9.0", "0.52.0")]
    path = os.pathsep.join([*folders, *filter(None, [os.environ.get("PYTHONPATH")])])
    found = json.loads(_python(_BOTH, PYTHONPATH=path)[-1])
    old, new = (
        json.loads((_HERE / "references" / name).read_text("utf-8"))["output"]
        for name in ("0.9.0/older_half.json", "0.52.0/newer_half.json")
    )
    evaluation = {**old["evaluation"], "num_examples": 7.0, "num_batches": 4.0}
    expected = {
        "old": old,
        "new": new,
        "rounds": old["rounds"],
        "evaluation": evaluation,
        "mean of": old["mean_of"] + new["mean"] - old["mean"],
        "spread": [new["mean"], old["mean"]],
        "pair": old["pair"],
        "equal": [True, True, True],
        "instances": [True, True],
        "versions": ["0.9.0", "0.52.0"],
    }
    assert not _programs.differences(expected, found)
