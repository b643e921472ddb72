"""Measures what `tff-compat upgrade` makes of programs: how many run on plain TFF, and are right.

    python tools/measure_upgrades.py [--traces FOLDER] [--markdown FILE] [PROGRAM...]
    python tools/measure_upgrades.py --folder FOLDER [--as-of RELEASE]

upgrades each program of `tests/programs` from its source alone (with `--traces`, also with what a
run knew), runs the result on plain TFF, where tff-compat cannot be imported, and compares the
numbers that it prints with the reference of the real release. Of a folder of other programs the
whole output is compared with that of a run as of the release that they were written for. Run it
with a Python that has TFF.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import itertools
import json
import math
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version
from program_servers import Server
from tff_compat import catalog, coverage
from tff_compat.proving import comparing
from tff_compat.source import findings, programs, rewriting, tracing

_ROOT = Path(__file__).resolve().parent.parent
_PROGRAMS = _ROOT / "tests" / "programs"
_REFERENCES = _ROOT / "tests" / "references"
_SECONDS = 120

RIGHT, WRONG, FAILS, OTHER = "right", "wrong numbers", "fails", "other output"
NOT_RUN = "not measured"


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


def _run(server: Server, program: Path, folder: Path, **more: str) -> tuple[int | None, str, str]:
    """The exit status of a program, and what it printed."""
    status = server.run(program, folder, _SECONDS, **more)["status"]
    out, err = ((folder / each).read_text("utf-8", "replace") for each in ("out", "err"))
    return status, out, err


def measure(
    names: Sequence[str], scratch: Path, traces: Path | None, unsafe: bool
) -> Iterator[Row]:
    """What becomes of each program of `tests/programs`."""
    plain = Server("plain_server.py", scratch / "log")
    for name in names:
        release, _, short = name.partition("/")
        trace = None
        if traces is not None and (traces / f"{name}.json").exists():
            trace = tracing.read(traces / f"{name}.json")
        path = _PROGRAMS / f"{name}.py"
        try:
            content, left = upgraded(path, Version(release), trace, unsafe)
        except (rewriting.RewritingError, SyntaxError) as error:
            yield Row(name, False, {}, FAILS, f"not upgraded: {error}")
            continue
        row = _row(name, left)
        program = scratch / release / f"{short}.py"
        program.parent.mkdir(exist_ok=True)
        program.write_bytes(content)
        status, out, err = _run(plain, program, scratch / "runs" / name)
        lines = out.strip().splitlines()
        if status == 0 and lines:
            reference = json.loads((_REFERENCES / f"{name}.json").read_text("utf-8"))
            row.outcome, row.detail = compare(reference["output"], _loaded(lines[-1]))
        else:
            row.detail = _error(status, err)
        yield row
    plain.close()


def measure_folder(
    folder: Path, scratch: Path, release: Version | None, unsafe: bool
) -> Iterator[Row]:
    """What becomes of each script in a folder that uses TFF, runs as of its release and prints."""
    legacy = Server("program_server.py", scratch / "legacy-log")
    plain = Server("plain_server.py", scratch / "plain-log")
    several = [
        programs.check(program, release, coverage.PRIMARY)
        for program in programs.programs(programs.files([folder]))
    ]
    modern = scratch / "modern"
    shutil.copytree(folder, modern, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    rewritten = [rewriting.rewrite_all([checked], unsafe=unsafe) for checked in several]
    for each in itertools.chain(*rewritten):
        (modern / each.document.path.relative_to(folder)).write_bytes(each.content)
    for checked, done in zip(several, rewritten):
        left = [finding for each in done for finding in each.left]
        for path in checked.finders:
            name = str(path.relative_to(folder))
            if path.suffix != ".py":
                continue
            status, before, err = _run(
                legacy, path, scratch / "legacy" / name, release=str(checked.as_of)
            )
            row = _row(f"{name} (as of {checked.as_of})", left)
            if status != 0 or not before.strip():
                row.outcome, row.detail = NOT_RUN, _error(status, err) or "prints nothing"
                yield row
                continue
            status, after, err = _run(plain, modern / name, scratch / "plain" / name)
            row.detail = comparing.of_texts(before, after) if status == 0 else _error(status, err)
            if status == 0:
                texts = [re.sub(r"[\d.]+", "0", text) for text in (before, after)]
                row.outcome = RIGHT if not row.detail else WRONG if len(set(texts)) == 1 else OTHER
            yield row
    legacy.close()
    plain.close()


def _row(name: str, left: Sequence[findings.Finding]) -> Row:
    counted = collections.Counter(f"{each.code} {each.kind}" for each in left)
    messages = [f"line {each.line}: {each.message}" for each in left]
    return Row(name, not left, dict(counted), FAILS, messages=messages)


def _error(status: int | None, err: str) -> str:
    """Why a program failed, in one line."""
    lines = [line for line in err.splitlines() if line.strip()]
    # Where a module was found is of this machine alone.
    last = re.sub(r" \(/[^()]+\)$", "", lines[-1]) if lines else ""
    return "ran too long" if status is None else last if status else ""


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
    lines = [f"## {title}", "", _shares(rows, "all programs")]
    if all((_PROGRAMS / f"{row.program}.py").exists() for row in rows):
        core = [row for row in rows if _is_learning_or_core(row.program)]
        lines.append(_shares(core, "learning and core"))
    lines += ["", "| program | whole | on plain TFF | left | first difference, or error |"]
    lines += ["|---|---|---|---|---|"]
    for row in rows:
        left = ", ".join(f"{code} {count}" for code, count in sorted(row.left.items()))
        detail = row.detail.replace("|", "\\|")[:160]
        whole = "yes" if row.whole else "no"
        lines.append(f"| {row.program} | {whole} | {row.outcome} | {left} | {detail} |")
    return "\n".join(lines) + "\n"


def _shares(rows: Sequence[Row], title: str) -> str:
    rows = [row for row in rows if row.outcome != NOT_RUN]
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
    parser.add_argument("--folder", type=Path, help="measure the programs in a folder instead")
    parser.add_argument("--as-of", help="of a folder: the release that its programs are for")
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
    with tempfile.TemporaryDirectory() as scratch:
        if options.folder is None:
            measured = measure(names, Path(scratch), options.traces, options.unsafe)
        else:
            release = options.as_of and catalog.load().resolve(options.as_of)
            folder = options.folder.resolve()
            measured = measure_folder(folder, Path(scratch), release, options.unsafe)
        rows = []
        for row in measured:
            rows.append(row)
            print(
                f"{row.program}: {row.outcome}, whole: {row.whole} {row.detail[:120]}", flush=True
            )
    text = table(rows, "With a trace" if options.traces else "From source alone")
    if options.markdown:
        options.markdown.write_text(text, "utf-8")
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=1))
    print(text.split("\n| program")[0])


if __name__ == "__main__":
    main()
