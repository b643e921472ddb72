"""What `check` finds of streams and functions that TFF's worker cannot use."""

from __future__ import annotations

import pytest

from tests.source.test_findings import check, upgrade

HEAD = "import contextlib\nimport io\n"
SUMMED = "tff.federated_computation(lambda: tff.federated_value(1, tff.SERVER))()"


def redirecting(stream: str, body: str = SUMMED, which: str = "stderr") -> str:
    return f"{HEAD}\nwith contextlib.redirect_{which}({stream}):\n  {body}\n"


@pytest.mark.parametrize("which", ["stdout", "stderr"])
@pytest.mark.parametrize(
    "stream", ["io.StringIO()", "io.TextIOWrapper(io.BytesIO())", "six.StringIO()"]
)
def test_a_stream_without_a_file_gets_one(which: str, stream: str) -> None:
    written = upgrade(f"import six\n{redirecting(stream, which=which)}", "0.20.0")
    assert f"with contextlib.redirect_{which}(with_file({stream})):\n" in written
    assert "import sys\n" in written


def test_functions_of_the_program_count() -> None:
    source = f"{HEAD}\ndef train():\n  {SUMMED}\n\nprinted = io.StringIO()\n"
    source += "with contextlib.redirect_stdout(printed):\n  train()\n"
    (finding,) = check(source, "0.20.0")
    assert (finding.code, finding.replacement) == (
        "TFF407",
        "contextlib.redirect_stdout(with_file(printed))",
    )


@pytest.mark.parametrize(
    ("source", "release"),
    [
        (redirecting("io.StringIO()", "print(1)"), "0.20.0"),
        (redirecting("open('log', 'w')"), "0.20.0"),
        # As of these the worker could not be started either.
        (redirecting("io.StringIO()"), "0.48.0"),
    ],
)
def test_others_stay(source: str, release: str) -> None:
    assert check(source, release) == []


GENERATED = "data = tf.data.Dataset.from_generator({}, tf.int32, [])\n"


def test_data_sets_of_generators_are_read_at_once() -> None:
    source = "def g():\n  yield 1\n\n" + GENERATED.format("g")
    now = upgrade(source, "0.13.1")
    assert now.endswith("data = in_memory(tf.data.Dataset.from_generator, g, tf.int32, [])\n")


@pytest.mark.parametrize(
    "source",
    [
        "def g():\n  while True:\n    yield 1\n\n" + GENERATED.format("g"),
        "data = data.map(lambda x: tf.py_function(f, [x], tf.int32))\n",
        "@tff.tf_computation\ndef f():\n  return tf.numpy_function(g, [], tf.int32)\n",
    ],
)
def test_functions_of_python_are_said(source: str) -> None:
    (finding,) = [each for each in check(source, "0.18.0") if each.code == "TFF407"]
    assert finding.kind == "none"
    assert check(source.replace("tff.tf_computation", "tff.tensorflow.computation"), "0.71.0") == []


@pytest.mark.parametrize(
    ("before", "body", "redirected"),
    [
        # Whether the program's own functions use TFF is followed, also where they call each other.
        ("def f(x):\n  return f(x - 1) if x else 0\n", "f(2)", False),
        ("def f(x):\n  return g(x)\ndef g(x):\n  return f(x) if x else tff\n", "f(2)", False),
        ("def f(x):\n  return g(x)\ndef g(x):\n  tff.to_value(x)\n  f(x)\n", "f(2)", True),
        ("p = tff.learning.build_federated_sgd_process(fn)\n", "p.initialize()", True),
        ("p = object()\n", "p.initialize()", False),
        ("p = tf.Variable(1)\n", "p.assign(2)", False),
    ],
)
def test_what_runs_while_the_stream_is_redirected(before: str, body: str, redirected: bool) -> None:
    found = check(f"{before}{redirecting('io.StringIO()', body)}", "0.20.0")
    assert any(each.code == "TFF407" for each in found) is redirected
