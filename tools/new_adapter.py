"""Begins an adapter: the declaration, the historical signature, and a program that will show it.

    python tools/new_adapter.py tff.learning.from_keras_model 0.9.0 [--program NAME]

appends the adapter to the module that has what is nearest to it, and writes a program
`tests/programs/0.9.0/NAME.py`. Both run into `NotImplementedError` until they are written.
Where other releases of the symbol have adapters it says where: what differs from one of them in its
parameters alone is a form of that (`forms=True`). CONTRIBUTING.md shows it on an example.
"""

from __future__ import annotations

import argparse
import ast
import collections
import textwrap
from collections.abc import Sequence
from inspect import _ParameterKind as Kind
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from tff_compat import catalog
from tff_compat.adapters import forms, index

ROOT = Path(__file__).resolve().parent.parent

_ADAPTER = """

@adapter(
    "{path}",
    releases="{releases}",
    replacement="{replacement}",
)
{definition}
"""

_PROGRAM = '''"""What the program shows, in one line."""

import json

import tensorflow_federated as tff

# Written as its time wrote it: {path}{signature}
raise NotImplementedError

print(json.dumps({{}}))
'''


class NothingToDo(SystemExit):
    """The release's form needs no adapter, or has one; the text says which."""


def specifier(symbol: catalog.Symbol, release: Version) -> str:
    """The releases around one that had the same signature, such as ``>=0.6,<0.13``."""
    every = catalog.load().releases
    wanted = symbol.signature(release)
    first = last = every.index(release)
    while first > 0 and _same(symbol, every[first - 1], wanted):
        first -= 1
    while last + 1 < len(every) and _same(symbol, every[last + 1], wanted):
        last += 1
    if every[last] == catalog.PRIMARY:
        raise NothingToDo(f"{catalog.PRIMARY} has {symbol.path} as it was in {release}.")
    parts = [f"<{forms.short(every[last + 1])}"]
    if first > 0:
        parts.insert(0, f">={forms.short(every[first])}")
    return ",".join(parts)


def _same(symbol: catalog.Symbol, release: Version, wanted: catalog.Signature | None) -> bool:
    return symbol.exists_in(release) and symbol.signature(release) == wanted


def module(path: str) -> str:
    """The module of adapters that has this symbol, or most of what is beside it."""
    if found := index.entries(path):
        return found[-1].module
    owner = path.rpartition(".")[0]
    while owner:
        near = collections.Counter(
            entry.module for entry in index.every() if entry.path.rpartition(".")[0] == owner
        )
        if near:
            return near.most_common(1)[0][0]
        owner = owner.rpartition(".")[0]
    raise NothingToDo(f"Nothing near {path} is adapted: make a module for it first.")


def free_name(path: str, releases: str, file: Path) -> str:
    """The symbol's name; with its first release where the module has another form by that name."""
    name = path.rpartition(".")[2]
    taken = {getattr(each, "name", "") for each in ast.parse(file.read_text("utf-8")).body}
    if name not in taken:
        return name
    first = next(iter(SpecifierSet(releases).filter(catalog.load().releases)))
    return f"{name}_{first.major}_{first.minor}"


def definition(symbol: catalog.Symbol, release: Version, name: str) -> str:
    """The function, or class, with the historical signature and the release."""
    signature = symbol.signature(release)
    parameters = signature.parameters if signature is not None else ()
    doc = f'"""As of {release}: what it does and gives.\n\n    Args:\n'
    doc += "".join(f"      {each.name}: What it is.\n" for each in parameters)
    doc = (doc if parameters else doc.partition("\n\n")[0] + "\n") + '    """'
    if symbol.kind_in(release) == "class":
        made = f"def __init__({_parameters(parameters, first='self')}):\n"
        made += f"    {doc}\n    raise NotImplementedError"
        body = textwrap.indent(made, "    ")
        return f'class {name}:\n    """What it is."""\n\n    as_of: AsOf\n\n{body}'
    made = _parameters(parameters, last="as_of: AsOf")
    body = f"    {doc}\n    as_of.warn(locals())\n    raise NotImplementedError"
    return f"def {name}({made}):\n{body}"


def _parameters(parameters: Sequence[catalog.Parameter], first: str = "", last: str = "") -> str:
    """The text of parameters, `last` among those that are only keywords."""
    marks = {Kind.VAR_POSITIONAL: "*", Kind.VAR_KEYWORD: "**"}
    written = [first] if first else []
    starred = False
    for each in parameters:
        if each.kind is Kind.KEYWORD_ONLY and not starred:
            written.append("*")
        starred |= each.kind in (Kind.KEYWORD_ONLY, Kind.VAR_POSITIONAL)
        if each.kind is Kind.VAR_KEYWORD and last:
            written += [last] if starred else ["*", last]
            last = ""
        default = "" if each.default is None else f"={each.default}"
        written.append(f"{marks.get(each.kind, '')}{each.name}{default}")
    if last:
        written += [last] if starred else ["*", last]
    return ", ".join(written)


def replacement(symbol: catalog.Symbol, release: Version) -> str:
    """A first template: the modern symbol of the same name, with the parameters that it shares."""
    known = catalog.load()
    primary = catalog.PRIMARY
    paths = [symbol.path] if symbol.exists_in(primary) else known.near(symbol.path, primary)
    now = known.symbol(paths[0]) if paths else None
    if now is None:
        return ""
    then, signature = symbol.signature(release), now.signature(primary)
    old = {each.name for each in then.parameters} if then is not None else set()
    new = signature.parameters if signature is not None else ()
    given = ", ".join(f"{each.name}={{{each.name}}}" for each in new if each.name in old)
    return f"{now.path}({given})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", help="a public path, such as tff.learning.from_keras_model")
    parser.add_argument("release")
    parser.add_argument("--program", metavar="NAME", help="also begin a program of the release")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository (default: this)")
    options = parser.parse_args()
    release = catalog.load().resolve(options.release)
    symbol = catalog.load().symbol(options.path)
    if symbol is None or not symbol.exists_in(release):
        near = ", ".join(catalog.load().near(options.path, release))
        raise NothingToDo(f"TFF {release} has no {options.path}. Near are: {near}")
    entry = index.find(options.path, release)
    if entry is not None:
        raise NothingToDo(f"{options.path} as of {release} is declared in {entry.place}.")
    program = options.root / "tests" / "programs" / str(release) / f"{options.program}.py"
    if program.exists():
        raise NothingToDo(f"{program.relative_to(options.root)} is there: name another --program.")
    file = options.root / "compat" / f"{module(symbol.path).replace('.', '/')}.py"
    releases = specifier(symbol, release)
    text = _ADAPTER.format(
        path=symbol.path,
        releases=releases,
        replacement=replacement(symbol, release),
        definition=definition(symbol, release, free_name(symbol.path, releases, file)),
    )
    with file.open("a", encoding="utf-8") as opened:
        opened.write(text)
    print(f"{file.relative_to(options.root)} ends with the adapter.")
    for place in sorted({each.place for each in index.entries(symbol.path)}):
        print(f"Other releases are served at {place}: forms=True there if only parameters differ.")
    if options.program:
        program.parent.mkdir(parents=True, exist_ok=True)
        with program.open("w", encoding="utf-8") as opened:
            signature = symbol.signature(release) or ""
            opened.write(_PROGRAM.format(path=symbol.path, signature=signature))
        print(f"{program.relative_to(options.root)} is the program that will show it.")


if __name__ == "__main__":
    main()
