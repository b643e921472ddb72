"""Measures what `tff-compat check` finds against what runs of the programs showed.

    python tools/measure_findings.py --traces FOLDER [--programs FOLDER] [PROGRAM...]

`FOLDER/RELEASE/NAME.json` are traces (`tools/record_traces.py`, or `tff-compat run --trace`). A
legacy use of a run is a legacy call, or a read of a declared member of an object of a role, by
its line and symbol. Recall is the share of these that `check` finds; precision the share of what
`check` reports, on lines that a run reached, that a run confirms. It needs no TensorFlow.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from pathlib import Path

from packaging.version import Version
from tff_compat import coverage
from tff_compat.adapters import index
from tff_compat.source import programs, tracing
from tff_compat.source.findings import Finder

_ROOT = Path(__file__).resolve().parent.parent
_Use = tuple[int, str]


def found(path: Path, release: Version) -> tuple[set[_Use], set[int], Finder]:
    """What `check` reports of a program, by line and symbol, and the lines it says are unclear."""
    program = programs.Program([path], path.parent)
    checked = programs.check(program, release, coverage.PRIMARY)
    uses = {
        (finding.line, finding.symbol)
        for finding in checked.findings[path]
        # An optimizer that stands elsewhere is reported beside the call that takes it.
        if finding.code not in ("TFF106", "TFF901") and finding.symbol != "tf.keras.optimizers"
    }
    unclear = {each.line for each in checked.findings[path] if each.code == "TFF901"}
    return uses, unclear, checked.finders[path]


def confirmed(
    finder: Finder, trace: tracing.Trace, reported: set[_Use]
) -> tuple[set[_Use], set[int]]:
    """The legacy uses of a run, and the lines that it reached as far as it knows.

    Of a member that only some uses of are legacy, a run tells that it was used, not how.
    """
    uses: set[_Use] = set()
    reached: set[int] = set()
    for unit in finder.document.units:
        for (_, line, _), calls in trace.calls.items():
            uses |= {(line, call["symbol"]) for call in calls}
            reached.add(line)
        for node in ast.walk(unit.tree):
            if isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Compare)):
                for receiver, name in _receivers(node):
                    for role in trace.roles_at(unit, receiver):
                        reached.add(node.lineno)
                        symbol = finder.member_of(role, node, name)
                        sometimes = _sometimes(node, role, name)
                        if symbol or (node.lineno, sometimes) in reported:
                            symbol = symbol or sometimes
                            uses.add((node.lineno, symbol))
    return uses, reached


def _sometimes(node: ast.expr, role: str, name: str) -> str:
    """The symbol of a member of which only some uses are legacy, as `check` reports it."""
    if name and not name.startswith("."):
        return f"{role}: {name}"
    return f"{role}()" if isinstance(node, ast.Call) else ""


def _receivers(node: ast.expr) -> list[tuple[ast.expr, str]]:
    """The objects whose members a node reads; with the name of what is done with it, if it has one.

    That is the method that is called, or what Python does: calls a function, or compares.
    """
    if isinstance(node, ast.Compare):
        name = {ast.Eq: "==", ast.NotEq: "!="}.get(type(node.ops[0]), "")
        return [(each, name) for each in (node.left, node.comparators[0]) if name]
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return [(node.value, "")]
    assert isinstance(node, ast.Call)
    if isinstance(node.func, ast.Attribute):
        return [(node.func, ""), (node.func.value, f".{node.func.attr}()")]
    asked = f"{node.func.id}()" if isinstance(node.func, ast.Name) else ""
    return [(node.func, ""), *((each, asked) for each in node.args[:1] if asked)]


def _agreed(reported: set[_Use], uses: set[_Use]) -> tuple[set[_Use], set[_Use]]:
    """What was reported and confirmed, and the uses that it confirms.

    A run names the class where the source names one of its members.
    """
    named = {(line, symbol): _either(line, symbol) & uses for line, symbol in reported}
    sure = {use for use, confirming in named.items() if confirming}
    owners = {
        (line, symbol)
        for line, symbol in reported - sure
        if (line, symbol.rpartition(".")[0]) in uses
    }
    covered = set().union(*named.values())
    covered |= {(line, symbol.rpartition(".")[0]) for line, symbol in owners}
    # The run names what made the object, or its method, the source its role; where the run knew
    # the role too, it names one use twice.
    for line, symbol in reported - owners:
        for other in [use for use in uses - covered if use[0] == line]:
            if any(symbol.startswith(role) for role in _roles(other[1])):
                owners.add((line, symbol))
                covered.add(other)
    return sure | owners, covered


def _either(line: int, symbol: str) -> set[_Use]:
    """What a run may name a use: the source may know of an object that it has one of some roles."""
    match = re.match(r"(?P<roles>.+? or [^.\[(:]+)(?P<member>.*)", symbol)
    if match is None:
        return {(line, symbol)}
    return {(line, f"{role}{match['member']}") for role in match["roles"].split(" or ")}


def _roles(path: str) -> set[str]:
    """The roles of what a symbol gives, or the class whose method it is."""
    entries = [*index.entries(path), *index.entries(path.rpartition(".")[0])]
    return {entry.gives for entry in entries if entry.gives}


def _named_elsewhere(missed: set[_Use], reported: set[_Use], path: Path) -> set[_Use]:
    """The uses of a run at a line that does not name the symbol, such as ``function(*args)``.

    `check` reports these where the program names it.
    """
    lines = path.read_text("utf-8").splitlines()
    symbols = {symbol for _, symbol in reported}
    return {
        (line, symbol)
        for line, symbol in missed
        if symbol in symbols and symbol.rpartition(".")[2] not in lines[line - 1]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="*", metavar="PROGRAM")
    parser.add_argument("--traces", type=Path, required=True)
    parser.add_argument("--programs-folder", type=Path, default=_ROOT / "tests" / "programs")
    parser.add_argument("--verbose", action="store_true", help="show each that differs")
    options = parser.parse_args()
    names = options.programs or sorted(
        str(path.relative_to(options.traces).with_suffix(""))
        for path in options.traces.glob("*/*.json")
    )
    hit = missed = told = extra = kept = 0
    for name in names:
        path = options.programs_folder / f"{name}.py"
        trace = tracing.read(options.traces / f"{name}.json")
        release = Version(json.loads((options.traces / f"{name}.json").read_text())["as_of"])
        reported, unclear, finder = found(path, release)
        uses, reached = confirmed(finder, trace, reported)
        sure, covered = _agreed(reported, uses)
        covered |= _named_elsewhere(uses - covered, reported, path)
        hit += len(covered)
        missed += len(uses - covered)
        told += sum(line in unclear for line, _ in uses - covered)
        doubtful = {use for use in reported - sure if use[0] in reached}
        extra += len(doubtful)
        kept += len(sure)
        if options.verbose:
            for line, symbol in sorted(uses - covered):
                print(f"missed  {name}:{line} {symbol}")
            for line, symbol in sorted(doubtful):
                print(f"extra   {name}:{line} {symbol}")
    total = hit + missed
    print(f"{len(names)} programs, {total} legacy uses in their runs")
    print(f"found: {hit} ({100 * hit / max(total, 1):.1f} %)")
    print(
        f"not found, on lines that check says it does not understand: {told}; without these found: "
        f"{100 * hit / max(total - told, 1):.1f} %"
    )
    print(
        f"reported on lines that a run reached: {kept + extra}, not confirmed {extra} "
        f"({100 * extra / max(kept + extra, 1):.1f} %)"
    )


if __name__ == "__main__":
    main()
