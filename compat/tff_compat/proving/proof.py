"""Proves an upgrade by running the program before and after it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from tff_compat.proving import bisecting, comparing, running
from tff_compat.running.console import say
from tff_compat.source import rewriting

if TYPE_CHECKING:
    from tff_compat.source.programs import Checked
    from tff_compat.source.rewriting import Rewritten
    from tff_compat.source.writing import Finding


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
      seconds: How long one run may take.
    """

    command: str
    target: Version
    real: bool = False
    packages: tuple[str, ...] = ()
    unsafe: bool = False
    annotate: bool = False
    seconds: float = 3600.0


def prove(proof: Proof, several: Sequence[Checked], done: list[Rewritten]) -> list[Rewritten]:
    """The rewritten files that keep the results of the program; none where they do not.

    Raises:
      ProvingError: The program cannot be run.
    """
    project = running.Project(Path.cwd(), shlex.split(proof.command), proof.seconds)
    for rewritten in done:
        if not rewritten.document.path.resolve().is_relative_to(Path.cwd().resolve()):
            raise running.ProvingError(
                f"{rewritten.document.path} is not in {Path.cwd()}, a copy of which is run."
            )
    packages = (*project.needs, *proof.packages)
    release = min(checked.release for checked in several)
    say(f"Before: as of TFF {release}, through tff-compat.")
    before = project.as_of(release, running.own_python())
    _tell(before)
    if proof.real:
        _compare_with_the_real(project, release, packages, before)
    python = str(running.environment(proof.target, "plain", packages))
    say(f"After: on plain TFF {proof.target}, in {python}.")
    contents = {each.document.path: each.content for each in done if each.texts}
    after = project.plain(python, contents)
    _tell(after)
    found = comparing.differences(before, after)
    if not found:
        say("The results are the same.")
        return done
    for difference in found:
        say(difference)
    if after.status and after.errors.strip():
        say(after.errors.strip().splitlines()[-1])
    return _without_culprits(proof, several, done, project, python, before)


def _without_culprits(
    proof: Proof,
    several: Sequence[Checked],
    done: list[Rewritten],
    project: running.Project,
    python: str,
    before: comparing.Outcome,
) -> list[Rewritten]:
    edits = [finding for each in done for finding in each.written]

    def without(taken_back: Sequence[Finding]) -> list[Rewritten]:
        places = {(id(finding.unit), finding.line, finding.column) for finding in taken_back}
        return [
            rewriting.rewrite(
                finder,
                checked.findings[path],
                unsafe=proof.unsafe,
                annotate=proof.annotate,
                allow=lambda f: (id(f.unit), f.line, f.column) not in places,
            )
            for checked in several
            for path, finder in checked.finders.items()
        ]

    def holds_without(taken_back: Sequence[Finding]) -> bool:
        say(f"Trying without {len(taken_back)} of {len(edits)} edits.")
        kept = {each.document.path: each.content for each in without(taken_back) if each.texts}
        return not comparing.differences(before, project.plain(python, kept))

    culprits = bisecting.culprits(edits, holds_without)
    if culprits is None:
        say("No part of the edits can be taken back so that the results are the same.")
        return []
    for finding in culprits:
        say(f"Taken back: {finding.path}:{finding.line}: {finding.code} {finding.symbol}")
    return without(culprits)


def _compare_with_the_real(
    project: running.Project,
    release: Version,
    packages: Sequence[str],
    before: comparing.Outcome,
) -> None:
    python = str(running.environment(release, "prove", packages))
    say(f"Before, on the real TFF {release}.")
    real = project.plain(python, {})
    _tell(real)
    for difference in comparing.differences(real, before):
        say(f"The real release differs from tff-compat as of it. {difference}")


def _tell(outcome: comparing.Outcome) -> None:
    if outcome.status == -1:
        say("It ran too long and was ended.")
        return
    tests = ""
    if outcome.tests is not None:
        passed = sum(ended == "passes" for ended in outcome.tests.values())
        tests = f", {passed} of {len(outcome.tests)} tests pass"
    say(f"Exit status {outcome.status}{tests}, {len(outcome.files)} files written.")
