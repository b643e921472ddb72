"""Proves an upgrade by running the program before and after it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from tff_compat.proving import bisecting, comparing, running
from tff_compat.running.console import say
from tff_compat.source import rewriting

if TYPE_CHECKING:
    from tff_compat.eras import Eras
    from tff_compat.source.programs import Checked
    from tff_compat.source.rewriting import Rewritten
    from tff_compat.source.writing import Finding

_RUNS_AS_IT_WAS = ("TFF103", "TFF2", "TFF4")
"""The codes of uses whose old form the target may still run, so that an edit can be taken back; a
name that is gone cannot be."""
_MOST_TRIALS = 24


@dataclass(frozen=True)
class Proof:
    """What to prove, and how.

    Attributes:
      command: The command that runs the program.
      target: The release that the result is to run on.
      real: Whether the program is run on the real release too.
      packages: What the program needs besides TFF.
      unsafe: Whether what is for review is written.
      annotate: Whether comments are put above what is left.
      allow: Says of a finding whether it may be written.
      seconds: How long one run may take.
    """

    command: str
    target: Version
    real: bool = False
    packages: tuple[str, ...] = ()
    unsafe: bool = False
    annotate: bool = False
    allow: Callable[[Finding], bool] = lambda finding: True
    seconds: float = 3600.0


def prove(
    proof: Proof, several: Sequence[Checked], done: list[Rewritten]
) -> list[Rewritten] | None:
    """The rewritten files that keep the results of the program; None where none do.

    Args:
      proof: What to prove.
      several: The programs with their findings.
      done: Their files, rewritten.

    Raises:
      ProvingError: The program cannot be run, or does not work before.
    """
    if not done:
        raise running.ProvingError("No file uses TFF: there is nothing to prove.")
    folder = Path.cwd().resolve()
    try:
        words = shlex.split(proof.command)
    except ValueError as error:
        raise running.ProvingError(f"--prove {proof.command!r}: {error}.") from None
    project = running.Project(folder, words, proof.seconds)
    for rewritten in done:
        if not rewritten.document.path.resolve().is_relative_to(folder):
            raise running.ProvingError(
                f"{rewritten.document.path} is not in {folder}, of which a copy is run."
            )
    packages = (*project.needs, *proof.packages)
    as_of = _as_of(project, several)
    say(f"Before: as of TFF {as_of}, through tff-compat.")
    before = project.as_of(as_of, sys.executable)
    _tell(before)
    problem = before.problem
    if problem:
        raise running.ProvingError(f"Before the upgrade, {problem}; so nothing can be proven.")
    if proof.real and as_of.rest is not None:
        _compare_with_the_real(project, as_of.rest, packages, before)
    python = str(running.environment(proof.target, "plain", packages))
    say(f"After: on plain TFF {proof.target}, without tff-compat, by {python}.")
    after = project.plain(python, _contents(done))
    _tell(after)
    found = comparing.differences(before, after)
    if not found:
        say("The results are the same.")
        return done
    for difference in found:
        say(difference)
    if after.status and after.tests is None and after.errors.strip():
        say(f"It ended with: {after.errors.strip().splitlines()[-1]}")
    again = comparing.differences(before, project.as_of(as_of, sys.executable))
    if again:
        raise running.ProvingError(
            f"The program gives other results each time, also before. {again[0]}"
        )
    return _without_culprits(proof, several, done, project, python, before)


def _as_of(project: running.Project, several: Sequence[Checked]) -> Eras:
    """The releases that the program which is run was written for."""
    for checked in several:
        if project.script is not None and any(
            path.resolve() == project.script for path in checked.finders
        ):
            return checked.as_of
    return min((checked.as_of for checked in several), key=lambda each: min(each.releases))


def _contents(done: Sequence[Rewritten]) -> dict[Path, bytes]:
    return {each.document.path: each.content for each in done if each.texts}


def _without_culprits(
    proof: Proof,
    several: Sequence[Checked],
    done: list[Rewritten],
    project: running.Project,
    python: str,
    before: comparing.Outcome,
) -> list[Rewritten] | None:
    written = [finding for each in done for finding in each.written]
    edits = [finding for finding in written if finding.code.startswith(_RUNS_AS_IT_WAS)]
    if not edits:
        say(f"Without any of the {len(written)} edits it would not run on TFF {proof.target}.")
        return None

    def without(taken_back: Sequence[Finding]) -> list[Rewritten]:
        places = {(id(finding.node), finding.name) for finding in taken_back}
        return rewriting.rewrite_all(
            several,
            unsafe=proof.unsafe,
            annotate=proof.annotate,
            allow=lambda f: (id(f.node), f.name) not in places and proof.allow(f),
        )

    def holds_without(taken_back: Sequence[Finding]) -> bool:
        say(f"Trying without {len(taken_back)} of {len(written)} edits.")
        return not comparing.differences(
            before, project.plain(python, _contents(without(taken_back)))
        )

    culprits = bisecting.culprits(edits, holds_without, _MOST_TRIALS)
    if culprits is None:
        say("No part of the edits can be taken back so that the results are the same.")
        return None
    for finding in culprits:
        say(f"Taken back: {finding.path}:{finding.line}: {finding.code} {finding.symbol}")
    return without(culprits)


def _compare_with_the_real(
    project: running.Project,
    release: Version,
    packages: Sequence[str],
    before: comparing.Outcome,
) -> None:
    python = str(running.environment(release, "plain", packages))
    say(f"Before, on the real TFF {release}.")
    real = project.plain(python, {})
    _tell(real)
    found = comparing.differences(real, before)
    for difference in found:
        say(f"The real TFF {release} differs from tff-compat. {difference}")
    if not found:
        say("The results are the same.")


def _tell(outcome: comparing.Outcome) -> None:
    tests = ""
    if outcome.tests is not None:
        passed = sum(ended == "passes" for ended in outcome.tests.values())
        tests = f", {passed} of {len(outcome.tests)} tests pass"
    count = len(outcome.files)
    say(f"Exit status {outcome.status}{tests}, {count} file{'' if count == 1 else 's'} written.")
