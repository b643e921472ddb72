"""Infers, from its source alone, the TFF release that a program was written for."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from tff_compat.catalog import Catalog, load
from tff_compat.source import claims as _claims
from tff_compat.source import hints, own_modules, pins, projects, stated
from tff_compat.source.claims import Claim
from tff_compat.source.reading import Files, Part, SourceError
from tff_compat.source.usage import INTERNAL, Usage, collect, public_path

__all__ = ["Inference", "Program", "SourceError", "full_name", "infer"]

_MOST_OTHERS = 2


@dataclass(frozen=True)
class Inference:
    """The release, and why.

    Attributes:
      release: The release that the program was most likely written for.
      reason: One sentence that names the deciding evidence and where it stands.
      evidence: All that bounds the release.
      misfits: What the release does not explain; empty if everything fits.
      doubt: Why the evidence is weak, as the rest of "the evidence is weak: "; None if it is not.
      others: Where it is weak, the releases to try next, best first.
      uses_tff: Whether the program uses TFF at all: where not, the newest release serves.
    """

    release: Version
    reason: str
    evidence: tuple[str, ...] = ()
    misfits: tuple[str, ...] = ()
    doubt: str | None = None
    others: tuple[Version, ...] = ()
    uses_tff: bool = True


def infer(
    path: str | os.PathLike[str],
    newest: Version | None = None,
    *,
    also: Iterable[Path] = (),
    names: Iterable[str] = (),
    files: Files | None = None,
) -> Inference:
    """Infers the release that a script or notebook was written for.

    A release that the program pins wins: where it installs TFF, or in the files around it, up to
    the root of its project. Else it is the newest release that has every name the program uses,
    takes its calls, and gives results the shape that the program reads. If there is none, it is
    the one with the fewest misfits. The program's own modules are read along with it.

    Args:
      path: The script or notebook.
      newest: The newest release that the code may stand for; what it pins may be newer.
      also: More files of the program, which its imports do not lead to.
      names: Names of TFF that the program uses although it does not spell them, such as
        "tff.learning.Model".
      files: Where files were read already, for other programs.

    Raises:
      SourceError: If the file cannot be read as Python 3 or as a notebook.
    """
    program = Program(path, also=also, names=names, files=files)
    found = program.required
    if found.pin is not None and found.pin.published:
        return Inference(
            found.pin.candidates[0], f"{found.pin.place} pins {found.pin.requirement}."
        )
    if found.pin is not None:
        return program.near_pin(found.pin)
    return program.by_evidence(newest)


def full_name(name: str) -> str | None:
    """The path of what an error calls "Class.member"; of an internal path the public one.

    None if no release had such a member of such a class.
    """
    catalog = load()
    if name.startswith(("tff.", INTERNAL)):
        # Modules of TFF are called as they are inside.
        return public_path(name, catalog)
    return next((path for path in catalog.paths() if path.endswith(f".{name}")), None)


def _usage(parts: Sequence[Part]) -> Usage:
    return collect(parts, load())


class Program:
    """A program with its own modules, and what they tell of its release."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        also: Iterable[Path] = (),
        names: Iterable[str] = (),
        files: Files | None = None,
    ) -> None:
        self._catalog = load()
        files = files or Files()
        self._source = files.read(Path(path))
        self._own = own_modules.find(self._source, also, files)
        sources = [self._source, *self._own.sources]
        self._parts = [part for source in sources for part in source.parts]
        self._usage = Usage()
        for source in sources:
            more = source.once(_usage).shown_as(source.file)
            self._usage.uses += more.uses
            self._usage.subclasses += more.subclasses
            self._usage.accesses += more.accesses
            self._usage.foreign += more.foreign
            self._usage.imports = self._usage.imports or more.imports
        self._claims, self._unknown = _claims.of_code(self._usage, self._catalog)
        self._claims += _claims.of_forwarded(self._parts, self._usage, self._catalog)
        self._claims += _claims.of_names(names, self._catalog)
        if self._usage.imports:
            self._claims += _claims.of_members(self._parts, self._catalog)

    @functools.cached_property
    def required(self) -> pins.Pins:
        """What the program and the files around it require."""
        return pins.find(self._source, self._catalog)

    def near_pin(self, pin: pins.Pin) -> Inference:
        """The published release for a pin of another one: by the code, where there are two."""
        release = _best(self._claims, pin.candidates)
        if len(pin.candidates) == 1:
            why = f"a nightly build; {release} is the release that it preceded."
        else:
            why = f"which was never published; {release} is the nearest release."
        return self._result(release, self._claims, f"{pin.place} pins {pin.requirement}, {why}")

    def by_code(self, newest: Version | None = None) -> Inference:
        """The release by the code alone: without pins, prose and the date of the last commit."""
        return self._chosen(self._claims, newest)

    def by_evidence(self, newest: Version | None = None) -> Inference:
        """The release by all evidence but pins."""
        found = self.required
        readmes = [
            path
            for folder in projects.folders(self._source.path)
            for path in sorted(folder.glob("README*"))
        ]
        claims = [
            *self._claims,
            *_claims.of_prose(
                stated.version_tests(self._parts), stated.mentions(self._source, readmes)
            ),
            *map(_claims.of_bound, found.bounds),
        ]
        files = [source.path for source in self._own.sources]
        day = projects.last_changed(self._source.path, files)
        if day is not None:
            claims += _claims.of_date(day.isoformat())
        inferred = self._chosen(claims, newest)
        if found.nightly is None:
            return inferred
        reason = (
            f"{found.nightly.place} installs {found.nightly.requirement}, which is no release;"
            f" going by the code, {inferred.reason}"
        )
        return dataclasses.replace(inferred, reason=reason)

    def missing(
        self, release: Version, names: Iterable[str] | None = None, called: str = ""
    ) -> list[str]:
        """What the program uses and calls that a release lacks; by the catalog alone.

        Args:
          release: Which release.
          names: If given, only these names of TFF count, and calls of functions called `called`.
          called: The last part of a name.
        """
        wanted = None if names is None else set(names)
        return [
            f"{claim.place} {claim.text}: {problem}"
            for claim in self._claims
            if claim.recorded
            and (
                wanted is None
                or claim.recorded in wanted
                or (called and claim.recorded.rpartition(".")[2] == called)
            )
            and (problem := claim.misfit(release)) is not None
        ]

    def differences(self, release: Version, other: Version) -> list[str]:
        """What the program does that two releases explain differently; empty if it does the same.

        Each is a name that one of them lacks, a call that one does not take or whose arguments
        mean other parameters, a class that lacks a member, or a result of another shape.
        """
        found = []
        for claim in self._claims:
            if claim.weak:
                continue
            here, there = claim.misfit(release), claim.misfit(other)
            if (here is None) is not (there is None):
                found.append(f"{claim.place} {claim.text}: {here or there}")
            elif here is None and not claim.same(release, other):
                found.append(f"{claim.place} {claim.text}: it means something else")
        return found

    def _chosen(self, claims: Sequence[Claim], newest: Version | None) -> Inference:
        catalog = self._catalog
        candidates = [r for r in catalog.releases if newest is None or r <= newest]
        release = _best(claims, candidates)
        if not self._usage.imports:
            reason = "it does not use TensorFlow Federated, so the newest release serves."
            return dataclasses.replace(self._result(release, claims, reason), uses_tff=False)
        whole = not any(claim.misfit(release) for claim in claims if not claim.weak)
        reason = _reason(release, claims, catalog, last=candidates[-1], whole=whole)
        inferred = self._result(release, claims, reason)
        doubt = self._doubt(release, claims, candidates)
        if doubt is None:
            return inferred
        others = tuple(_others(release, claims, candidates))
        return dataclasses.replace(inferred, doubt=doubt, others=others)

    def _result(self, release: Version, claims: Sequence[Claim], reason: str) -> Inference:
        misfits = [
            f"{claim.place} {claim.text}: {misfit}"
            for claim in claims
            if not claim.weak and (misfit := claim.misfit(release))
        ]
        evidence = tuple(_bounds(claims, self._catalog))
        return Inference(release, reason, evidence, tuple(misfits + self._unknown))

    def _doubt(
        self, release: Version, claims: Sequence[Claim], candidates: Sequence[Version]
    ) -> str | None:
        """Why the release may well be another one."""
        strong = [claim for claim in claims if not claim.weak]
        misfits = sum(claim.misfit(release) is not None for claim in strong)
        if misfits:
            return f"no release fits all that it does ({misfits} of {len(strong)} do not fit)"
        if self._own.unknown:
            return f"{self._own.unknown[0]} imports modules by names that are not in the code"
        newer = [other for other in candidates if other > release]
        if newer and not any(claim.misfit(newer[0]) for claim in strong):
            return "only habits, dates or prose speak against newer releases"
        if not any(claim.misfit(other) for claim in strong for other in candidates):
            return "all that it uses is in every release"
        return None


# --- Choosing -------------------------------------------------------------------------------------


def _score(release: Version, claims: Sequence[Claim]) -> tuple[int, int]:
    """How many claims a release does not explain; those that are mere signs count behind."""
    weak = [claim.weak for claim in claims if claim.misfit(release) is not None]
    return len(weak) - sum(weak), sum(weak)


def _best(claims: Sequence[Claim], candidates: Sequence[Version]) -> Version:
    return min(reversed(candidates), key=lambda release: _score(release, claims))


def _others(
    release: Version, claims: Sequence[Claim], candidates: Sequence[Version]
) -> Iterator[Version]:
    """The next best releases; of those that behave alike as far as we know, the newest."""
    eras = {_era(release)}
    ranked = sorted(reversed(candidates), key=lambda other: _score(other, claims))
    for other in ranked:
        if _era(other) not in eras:
            eras.add(_era(other))
            yield other
        if len(eras) > _MOST_OTHERS:
            return


def _era(release: Version) -> tuple[bool, ...]:
    return tuple(release in hint.releases for hint in hints.HINTS)


def _reason(
    release: Version, claims: Sequence[Claim], catalog: Catalog, *, last: Version, whole: bool
) -> str:
    """One sentence: what rules out the next newer release, up to the last that was asked for."""
    if whole and release == last:
        which = "newest" if last == catalog.releases[-1] else "installed"
        return f"everything that it uses is in {release}, the {which} release."
    start = "" if whole else f"no release fits everything, and {release} fits best"
    if release == last:
        return f"{start}."
    newer = catalog.releases[catalog.releases.index(release) + 1]
    # Sorting keeps the order of places, and puts mere signs last.
    for claim in sorted(claims, key=lambda claim: claim.weak):
        problem = claim.misfit(newer)
        if problem is not None and claim.misfit(release) is None:
            return f"{start}{'; ' if start else ''}{claim.place} {claim.text}: {problem}."
    raise AssertionError(f"nothing rules out {newer}, but {release} was chosen")


def _bounds(claims: Sequence[Claim], catalog: Catalog) -> list[str]:
    """What each claim says of the releases, for those that do not fit all of them."""
    found = []
    for claim in claims:
        fitting = [release for release in catalog.releases if claim.misfit(release) is None]
        if fitting and len(fitting) < len(catalog.releases):
            span = f"{fitting[0]} to {fitting[-1]}" if len(fitting) > 1 else str(fitting[0])
            found.append(f"{claim.place} {claim.text}: {span}")
    return found
