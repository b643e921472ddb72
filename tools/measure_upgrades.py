"""Measures what `tff-compat upgrade` makes of programs: how many run on plain TFF, and are right.

    python tools/measure_upgrades.py [--traces FOLDER] [--markdown FILE] [PROGRAM...]

upgrades each program of `tests/programs` from its source alone (with `--traces`, also with what a
run knew), runs the result on plain TFF, where tff-compat cannot be imported, and compares the
numbers that it prints with the reference of the real release. Run it with a Python that has TFF.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version
from tff_compat import coverage
from tff_compat.source import findings, programs, rewriting, tracing

_ROOT = Path(__file__).resolve().parent.parent
_PROGRAMS = _ROOT / "tests" / "programs"
_REFERENCES = _ROOT / "tests" / "references"
_SECONDS = 120

RIGHT, WRONG, FAILS, OTHER = "right", "wrong numbers", "fails", "other output"


@dataclasses.dataclass
class Row:
    """What became of one program.

    Attributes:
      program: Its release and name.
      whole: Whether nothing was left to write.
      left: What was left, by code and kind.
      outcome: How its run on plain TFF compares with the reference.
      detail: The first difference, or the error.
      messages: What a person has to do.
    """

    program: str
    whole: bool
    left: dict[str, int]
    outcome: str
    detail: str = ""
    messages: list[str] = dataclasses.field(default_factory=list)


def upgraded(
    path: Path, release: Version, trace: tracing.Trace | None, unsafe: bool
) -> tuple[bytes, list[findings.Finding]]:
    """The program with modern code, and what was left."""
    program = programs.Program([path], path.parent)
    checked = programs.check(program, release, coverage.PRIMARY, trace)
    finder = checked.finders[path]
    result = rewriting.rewrite(finder, checked.findings[path], unsafe=unsafe)
    return result.content, result.left


def numbers(value: object, place: str = "$") -> Iterator[tuple[str, float]]:
    """The numbers of a JSON value, with where each stands."""
    if isinstance(value, (bool, int, float)):
        yield place, float(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from numbers(inner, f"{place}[{position}]")


def compare(expected: object, found: object) -> tuple[str, str]:
    """How the numbers that were printed compare with those of the reference.

    Texts, such as types as they were printed, are those of the installed TFF and not compared.
    """
    then, now = dict(numbers(expected)), dict(numbers(found))
    largest: dict[str, float] = collections.defaultdict(float)
    for place, value in then.items():
        owner = place.rpartition("[")[0]
        largest[owner] = max(largest[owner], abs(value))
    for place, value in then.items():
        if place not in now:
            return OTHER, f"{place} is not printed"
        scale = largest[place.rpartition("[")[0]] if place.endswith("]") else 0.0
        same = math.isclose(value, now[place], rel_tol=1e-5, abs_tol=1e-5 * scale)
        if not same and not (math.isnan(value) and math.isnan(now[place])):
            return WRONG, f"{place}: {value!r} then, {now[place]!r} now"
    return RIGHT, ""


class Plain:
    """Plain TFF, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(_ROOT / "tests" / "plain_server.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "log").open("w"),
            text=True,
        )

    def run(self, content: bytes, name: str) -> tuple[int | None, str, str]:
        """The exit status of a program, and what it printed."""
        folder = self._folder / name.replace("/", "-")
        folder.mkdir()
        program = folder / f"{name.rpartition('/')[2]}.py"
        program.write_bytes(content)
        request = {"program": str(program), "folder": str(folder), "seconds": _SECONDS}
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps(request), file=self._process.stdin, flush=True)
        status = json.loads(self._process.stdout.readline())["status"]
        texts = [(folder / each).read_text("utf-8", "replace") for each in ("out", "err")]
        return status, texts[0], texts[1]

    def close(self) -> None:
        self._process.communicate()


def measure(names: Sequence[str], plain: Plain, traces: Path | None, unsafe: bool) -> Iterator[Row]:
    """What becomes of each program."""
    for name in names:
        release, _, _ = name.partition("/")
        trace = None
        if traces is not None and (traces / f"{name}.json").exists():
            trace = tracing.read(traces / f"{name}.json")
        path = _PROGRAMS / f"{name}.py"
        try:
            content, left = upgraded(path, Version(release), trace, unsafe)
        except (rewriting.RewritingError, SyntaxError) as error:
            yield Row(name, False, {}, FAILS, f"not upgraded: {error}")
            continue
        counted = collections.Counter(f"{each.code} {each.kind}" for each in left)
        messages = [f"line {each.line}: {each.message}" for each in left]
        row = Row(name, not left, dict(counted), FAILS, messages=messages)
        status, out, err = plain.run(content, name)
        lines = out.strip().splitlines()
        if status == 0 and lines:
            reference = json.loads((_REFERENCES / f"{name}.json").read_text("utf-8"))
            row.outcome, row.detail = compare(reference["output"], _loaded(lines[-1]))
        else:
            errors = [line for line in err.strip().splitlines() if line.strip()]
            row.detail = "ran too long" if status is None else (errors[-1] if errors else "")
        yield row


def _loaded(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _is_learning_or_core(name: str) -> bool:
    """Whether a program is one of learning or of the core language, by what it uses."""
    text = (_PROGRAMS / f"{name}.py").read_text("utf-8")
    rare = ("tff.program", "tff.analytics", "tff.profiler", "tff.async_utils", "mapreduce")
    return not any(word in text for word in rare)


def table(rows: Sequence[Row], title: str) -> str:
    """The rows as a page."""
    core = [row for row in rows if _is_learning_or_core(row.program)]
    lines = [f"## {title}", "", _shares(rows, "all programs"), _shares(core, "learning and core")]
    lines += ["", "| program | whole | on plain TFF | left | first difference, or error |"]
    lines += ["|---|---|---|---|---|"]
    for row in rows:
        left = ", ".join(f"{code} {count}" for code, count in sorted(row.left.items()))
        detail = row.detail.replace("|", "\\|")[:160]
        whole = "yes" if row.whole else "no"
        lines.append(f"| {row.program} | {whole} | {row.outcome} | {left} | {detail} |")
    return "\n".join(lines) + "\n"


def _shares(rows: Sequence[Row], title: str) -> str:
    counted = collections.Counter(row.outcome for row in rows)
    whole = sum(row.whole and row.outcome == RIGHT for row in rows)
    total = max(len(rows), 1)
    return (
        f"* {title}, {len(rows)}: fully upgraded and right {whole} ({100 * whole // total} %); "
        + ", ".join(f"{outcome} {counted[outcome]}" for outcome in (RIGHT, WRONG, OTHER, FAILS))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help="such as 0.13.1/utils")
    parser.add_argument("--traces", type=Path, help="a folder with RELEASE/NAME.json of runs")
    parser.add_argument("--unsafe", action="store_true", help="write also what is for review")
    parser.add_argument("--markdown", type=Path, help="write the table there")
    parser.add_argument("--json", type=Path, help="write the rows there")
    options = parser.parse_args()
    known = [
        f"{path.parent.name}/{path.stem}"
        for path in sorted(_PROGRAMS.glob("*/*.py"), key=lambda p: (Version(p.parent.name), p))
    ]
    if unknown := set(options.programs).difference(known):
        parser.error(f"no such program in {_PROGRAMS}: {', '.join(sorted(unknown))}")
    names = options.programs or known
    with tempfile.TemporaryDirectory() as folder:
        plain = Plain(Path(folder))
        rows = []
        for row in measure(names, plain, options.traces, options.unsafe):
            rows.append(row)
            print(
                f"{row.program}: {row.outcome}, whole: {row.whole} {row.detail[:120]}", flush=True
            )
        plain.close()
    text = table(rows, "With a trace" if options.traces else "From source alone")
    if options.markdown:
        options.markdown.write_text(text, "utf-8")
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=1))
    print(text.split("\n| program")[0])


if __name__ == "__main__":
    main()
