"""`tff-compat explain`: the life of one symbol, and what to write instead."""

from __future__ import annotations

import argparse
import fnmatch
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tff_compat.commands import explain_release
from tff_compat.commands.errors import CommandError
from tff_compat.commands.releases import named

if TYPE_CHECKING:
    from packaging.version import Version

    from tff_compat.catalog import Signature, Symbol
    from tff_compat.coverage import Answer
    from tff_compat.source.examples import Advice

_GLOB = frozenset("*?[")
_NOT_FOUND = 1


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its options."""
    parser = commands.add_parser(
        "explain",
        description="Shows in which releases a symbol was there, each signature that it had and "
        "what broke with it, what it is on the newest release, and an example before and after. "
        "With --release: what a release changed.",
    )
    parser.add_argument(
        "symbol",
        metavar="SYMBOL",
        nargs="?",
        help="a path such as tff.learning.from_keras_model, or a pattern such as "
        "'tff.learning.*keras*'; internal paths start with tensorflow_federated.python",
    )
    parser.add_argument("--as-of", metavar="RELEASE", help="only what holds for one release")
    parser.add_argument(
        "--release",
        metavar="RELEASE",
        help="instead of a symbol: what this release changed, or each of a series such as 0.16; "
        "what is new, gone, takes other arguments, or means something else, and which programs of "
        "our tests use it",
    )
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Prints what is known; the status is 1 where no release ever had such a symbol.

    Raises:
      CommandError: The release is not a published one, or options do not go together.
    """
    from tff_compat.running.console import say

    if arguments:
        raise CommandError("explain takes one symbol.")
    if (options.symbol is None) == (options.release is None):
        raise CommandError("explain takes a symbol or --release.")
    if options.release is not None:
        if options.as_of is not None:
            raise CommandError("--as-of is for a symbol: --release says what one release changed.")
        explain_release.explain(options.release, as_json=options.json)
        return 0
    release = None if options.as_of is None else named(options.as_of, "--as-of")
    asked = _full(options.symbol)
    symbols = [s for s in _matching(asked) if release is None or s.exists_in(release)]
    if not symbols:
        say(_nothing(asked, release))
        return _NOT_FOUND
    lives = [_life(symbol, release) for symbol in symbols]
    if options.json:
        records = [life.record() for life in lives]
        print(json.dumps(records if _GLOB & set(asked) else records[0], indent=1))
    elif len(lives) == 1:
        print("\n".join(lives[0].lines()))
    else:
        width = max(len(life.symbol.path) for life in lives)
        for life in lives:
            print(f"{life.symbol.path:{width}}  {life.symbol.kind:8}  {life.fate()}")
    return 0


def _full(asked: str) -> str:
    """The path as the catalog knows it."""
    from tff_compat.catalog import history

    package = history.INTERNAL.partition(".")[0]
    internal = asked == history.INTERNAL or asked.startswith(f"{history.INTERNAL}.")
    if not internal and (asked == package or asked.startswith(f"{package}.")):
        return asked.replace(package, "tff", 1)
    return asked


def _matching(asked: str) -> list[Symbol]:
    from tff_compat import catalog

    known = catalog.load()
    if not _GLOB & set(asked):
        symbol = known.symbol(asked)
        return [] if symbol is None else [symbol]
    paths = known.internal_paths() if asked.startswith("tensorflow_federated") else known.paths()
    symbols = [known.symbol(path) for path in fnmatch.filter(paths, asked)]
    found = [symbol for symbol in symbols if symbol is not None]
    # Members of classes only where the pattern names nothing else.
    return [symbol for symbol in found if not _is_member(symbol)] or found


def _is_member(symbol: Symbol) -> bool:
    from tff_compat import catalog

    owner = catalog.load().symbol(symbol.path.rpartition(".")[0])
    return owner is not None and owner.kind == "class"


def _nothing(asked: str, release: Version | None) -> str:
    from tff_compat import catalog

    known = catalog.load()
    if _GLOB & set(asked):
        return f"No release had a symbol that matches {asked}."
    symbol = known.symbol(asked)
    if symbol is not None:
        return f"{asked} was not in TFF {release}, but in {known.runs(symbol.releases)}."
    near = known.near(asked, release)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"No release ever had {asked}.{hint}"


# --- What is known of one symbol ------------------------------------------------------------------


@dataclass(frozen=True)
class _Form:
    """One signature, the releases it held for, and how it differs from the one before."""

    releases: tuple[Version, ...]
    signature: Signature | None
    breaking: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True)
class _Present:
    """What a program of some releases finds today, with an example.

    `after` is code of the kind "exact" or "review", with the imports and helper functions that it
    needs in `additions`; of the kind "none" it is what a person has to do.
    """

    releases: tuple[Version, ...]
    answer: Answer
    before: str
    kind: str = ""
    after: str = ""
    additions: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Life:
    symbol: Symbol
    release: Version | None
    forms: tuple[_Form, ...]
    presents: tuple[_Present, ...]

    def fate(self) -> str:
        """The releases and today's statuses in a few words."""
        from tff_compat import catalog

        when = catalog.load().runs(self.symbol.releases)
        statuses = dict.fromkeys(present.answer.status for present in self.presents)
        return f"{when}  {', '.join(statuses)}".rstrip()

    def lines(self) -> Iterator[str]:
        """The text for a person."""
        from tff_compat import catalog, coverage
        from tff_compat.declared import guides

        known = catalog.load()
        yield f"{self.symbol.path}: a {self.symbol.kind} of TFF {known.runs(self.symbol.releases)}"
        for releases, public in _public_paths(self.symbol):
            yield f"  public as {public} in {known.runs(releases)}"
        if any(form.signature for form in self.forms):
            yield ""
            yield "Signatures"
        for form in self.forms:
            if form.signature is None:
                continue
            yield f"  {known.runs(form.releases)}"
            yield f"    {self.symbol.path.rpartition('.')[2]}{form.signature}"
            for text in form.breaking:
                yield f"    breaks: {text}"
            for text in form.other:
                yield f"    changes: {text}"
        if self.presents:
            yield ""
            yield f"On TFF {coverage.PRIMARY}"
        for present in self.presents:
            answer = present.answer
            yield f"  {known.runs(present.releases)}: {_status(answer)}"
            if answer.reason:
                yield f"    why:    {answer.reason}"
            if answer.entry is not None:
                yield f"    in:     {answer.entry.place}"
            if present.after:
                yield f"    before: {present.before}"
                yield f"    after:  {present.after}"
            for text in present.additions:
                yield f"    with:   {_shown(text)}"
        added = [text for present in self.presents for text in present.additions]
        for text in dict.fromkeys(text for text in added if "\n" in text):
            yield ""
            yield from text.splitlines()
        members = self._members()
        if members:
            yield ""
            yield f"{len(members)} members: tff-compat explain '{self.symbol.path}.*'"
        for guide in guides.guides(self.symbol.path):
            yield ""
            yield f"How to {guide.task}, on TFF {coverage.PRIMARY}"
            for line in guide.code.splitlines():
                yield f"    {line}".rstrip()

    def _members(self) -> set[str]:
        from tff_compat import catalog

        if self.symbol.kind not in ("class", "module"):
            return set()
        releases = self.symbol.releases if self.release is None else (self.release,)
        return {
            name
            for release in releases
            for name in catalog.load().members(self.symbol.path, release)
        }

    def record(self) -> dict[str, Any]:
        """The same as JSON."""
        from tff_compat.declared import guides

        record: dict[str, Any] = {
            "symbol": self.symbol.path,
            "kind": self.symbol.kind,
            "releases": [str(release) for release in self.symbol.releases],
            "signatures": [
                {
                    "releases": [str(release) for release in form.releases],
                    "signature": str(form.signature),
                    "breaking": list(form.breaking),
                    "other": list(form.other),
                }
                for form in self.forms
                if form.signature is not None
            ],
            "today": [
                {
                    "releases": [str(release) for release in present.releases],
                    "status": present.answer.status,
                    "reason": present.answer.reason,
                    "translated_in": present.answer.entry.place if present.answer.entry else "",
                    "before": present.before,
                    "kind": present.kind,
                    "after": present.after,
                    "with": present.additions,
                }
                for present in self.presents
            ],
            "guides": [
                {"task": guide.task, "code": guide.code}
                for guide in guides.guides(self.symbol.path)
            ],
        }
        public = _public_paths(self.symbol)
        if public:
            record["public"] = [
                {"path": path, "releases": [str(release) for release in releases]}
                for releases, path in public
            ]
        return record


def _shown(addition: str) -> str:
    match = re.match(r"(def|class) (\w+)", addition)
    if match is None:
        return addition
    return f"the {'function' if match[1] == 'def' else 'class'} {match[2]}, see below"


def _status(answer: Answer) -> str:
    from tff_compat import coverage

    if answer.status == coverage.MOVED and answer.entry is not None:
        return f"moved to {answer.entry.target}{answer.path[len(answer.entry.path) :]}"
    return answer.status


def _public_paths(symbol: Symbol) -> list[tuple[tuple[Version, ...], str]]:
    held: dict[str, list[Version]] = {}
    for release in symbol.releases:
        public = symbol.public(release)
        if public is not None:
            held.setdefault(public, []).append(release)
    return [(tuple(releases), public) for public, releases in held.items()]


def _life(symbol: Symbol, release: Version | None) -> _Life:
    forms = tuple(form for form in _forms(symbol) if release is None or release in form.releases)
    presents = tuple(
        present for present in _presents(symbol) if release is None or release in present.releases
    )
    return _Life(symbol, release, forms, presents)


def _forms(symbol: Symbol) -> Iterator[_Form]:
    from tff_compat.catalog import changes

    before: Signature | None = None
    for releases, signature in symbol.signatures:
        found = changes.changes(before, signature) if before and signature else ()
        yield _Form(
            releases,
            signature,
            tuple(change.text for change in found if change.breaking),
            tuple(change.text for change in found if not change.breaking),
        )
        before = signature or before


def _presents(symbol: Symbol) -> Iterator[_Present]:
    """Today's answers; releases for which the same is to be written count as one."""
    from tff_compat import coverage
    from tff_compat.catalog import history
    from tff_compat.source import examples

    if symbol.kind == "module" or symbol.path.startswith(history.INTERNAL):
        return
    held: dict[tuple[object, object], tuple[Answer, list[Version]]] = {}
    for release in symbol.releases:
        answer = coverage.answer(symbol.path, release)
        advice = answer.entry.advice if answer.entry else ""
        place = answer.entry.place if answer.entry else ""
        same_answer = answer.status, answer.reason, advice, place
        uses = examples.uses(symbol, answer, release)
        held.setdefault((same_answer, uses), (answer, []))[1].append(release)
    # Uses that differ in what the replacement does not take may have the same example.
    merged: dict[tuple[object, ...], tuple[Answer, tuple[Any, ...], list[Version]]] = {}
    for (key, _), (answer, releases) in held.items():
        example = _example(symbol, answer, releases[-1])
        merged.setdefault((key, example), (answer, example, []))[2].extend(releases)
    for answer, example, releases in merged.values():
        yield _Present(tuple(sorted(releases)), answer, *example)


def _example(symbol: Symbol, answer: Answer, release: Version) -> tuple[Any, ...]:
    """A use of a form of a release, and what is advised for it: the rest of a `_Present`."""
    from tff_compat.declared.replacement import EXACT, NONE
    from tff_compat.source import examples

    entry, path = answer.entry, symbol.path
    if entry is None:
        return ("",)
    uses = examples.uses(symbol, answer, release)
    for use in uses:
        advised = _advised(use, release)
        if advised is not None and advised.finding.replacement:
            if advised.finding.end_column <= len(path) + 1:  # It is about the name alone.
                return path, *_shown_advice(_advised(path, release))
            return use, *_shown_advice(advised)
    if advised is not None:
        return uses[-1], *_shown_advice(advised)
    code = entry.modern.template
    if uses != (path,) or code == path or entry.path != path:
        return (uses[-1],)  # It is written so today, too, as are members of what is made anew.
    return path, EXACT if code else NONE, code or entry.note or entry.advice


def _advised(use: str, release: Version) -> Advice | None:
    from tff_compat.source import examples

    return next(iter(examples.advice([use], release)[0]), None)


def _shown_advice(advised: Advice | None) -> tuple[str, str, tuple[str, ...]]:
    """The kind of code to write instead, that code or what to do, and what it needs."""
    if advised is None:
        return "", "", ()
    return advised.finding.kind, advised.after or advised.finding.message, advised.additions
