"""What a run knew of a program, and what findings take from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import coverage
from tff_compat.source import documents, programs, tracing
from tff_compat.tracing import instrumenting

PROGRAM = """\
import tensorflow_federated as tff
process = tff.learning.build_federated_averaging_process(model_fn, client_optimizer_fn=make())
print(made().optimizer_state)
"""
SGDM = "tff.learning.optimizers.build_sgdm(learning_rate=0.1)"


def checked(tmp_path: Path, *optimizers: object):
    """What is found in the program, where a run had these optimizers and roles in it."""
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    calls = [
        {"line": 2, "column": 10, "arguments": {"client_optimizer_fn": each}} for each in optimizers
    ]
    files = {str(path.resolve()): {"calls": calls}}
    (tmp_path / "trace.json").write_text(json.dumps({"as_of": "0.17.0", "files": files}))
    trace = tracing.read(tmp_path / "trace.json")
    program = programs.Program([path], path.parent)
    return programs.check(program, Version("0.17.0"), coverage.PRIMARY, trace).findings[path]


@pytest.mark.parametrize(
    ("optimizers", "expected"),
    [
        (({"optimizer": SGDM},), SGDM),
        (({"optimizer": SGDM}, {"optimizer": SGDM}), SGDM),
        # Several, one that TFF lacks, none that is known.
        (({"optimizer": SGDM}, {"optimizer": "other"}), "keras_optimizer(make())"),
        (({"optimizer": None},), "keras_optimizer(make())"),
        (({"optimizer": SGDM}, {"optimizer": None}), "keras_optimizer(make())"),
        (({},), "keras_optimizer(make())"),
        ((), "keras_optimizer(make())"),
    ],
)
def test_an_optimizer_that_the_run_made_is_written(
    optimizers: tuple[object, ...], expected: str, tmp_path: Path
) -> None:
    finding = checked(tmp_path, *optimizers)[0]
    assert f"client_optimizer_fn={expected}" in finding.replacement


def test_expressions_have_the_roles_that_they_had(tmp_path: Path) -> None:
    source = documents.document(tmp_path / "program.py", b"f(x)\n")
    (unit,) = source.units
    node = unit.tree.body[0]
    trace = tracing.Trace("0.17.0")
    assert trace.roles_at(unit, node) == []
    path = str((tmp_path / "program.py").resolve())
    trace.roles[path] = {instrumenting.span(node): ["process"]}
    assert trace.roles_at(unit, node) == ["process"]
    assert trace.roles_at(unit, unit.tree.body[0].value.args[0]) == []
    # As a file keeps them.
    (tmp_path / "trace.json").write_text(
        json.dumps({"as_of": "0.17.0", "files": {path: {"roles": trace.roles[path]}}})
    )
    assert tracing.read(tmp_path / "trace.json").roles == trace.roles


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"as_of": "0.9", "files": [1]}'])
def test_what_is_no_trace_is_said(content: str, tmp_path: Path) -> None:
    (tmp_path / "trace.json").write_text(content)
    with pytest.raises(tracing.TraceError, match=r"is no trace of `tff-compat run --trace`: \w+"):
        tracing.read(tmp_path / "trace.json")


def test_a_trace_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(tracing.TraceError, match=r"trace\.json: cannot be read: No such file"):
        tracing.read(tmp_path / "trace.json")
