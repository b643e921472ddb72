"""The ratchet: a file of known legacy calls that a run may not exceed, and that shrinks with it."""

from __future__ import annotations

import collections
import dataclasses
import json
import os
import shlex
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Any

from tff_compat import whole_files
from tff_compat.running import summary
from tff_compat.running.session import LegacyCall

_ABOUT = "Known legacy calls, kept by `pytest --tff-baseline`. `places` counts lines of code."


class BaselineError(ValueError):
    """The file is not a baseline; the text says what to do."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What a run has against its baseline.

    Attributes:
      new: The legacy calls that are not in the baseline, all places of their file and symbol.
      known: The number of places that the baseline has for the file and symbol of each new call.
      message: What became of the file, in a sentence.
    """

    new: tuple[LegacyCall, ...]
    known: tuple[int, ...]
    message: str

    def lines(self) -> Iterator[str]:
        """What to tell the user."""
        for call, known in zip(self.new, self.known):
            among = f" (the baseline has {known} of these in this file)" if known else ""
            yield f"NEW legacy call at {summary.place(call)}: {call.symbol}{among}"
            yield f"    {call.replacement}"
        yield self.message


class Baseline:
    """The known legacy calls of one suite, as of one release on one installed release.

    Entries are kept by file and symbol, with the number of places: edits elsewhere in a file, which
    move its lines, change nothing. A file has a section for each pair of releases, so that one
    file serves a matrix.
    """

    def __init__(self, path: Path, as_of: str, installed: str):
        """Reads the file, where there is one.

        Raises:
          BaselineError: It is not a baseline.
        """
        self._path = path
        self._name = f"as of {as_of} on {installed}"
        self._sections: dict[str, Any] = {}
        if path.exists():
            try:
                self._sections = json.loads(path.read_text("utf-8"))["suites"]
                _counts(self._sections.get(self._name))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BaselineError(
                    f"--tff-baseline: {path} is not a baseline of tff-compat ({error!r}). "
                    "Name another file, or restore it."
                ) from None

    def compare(
        self,
        calls: Sequence[LegacyCall],
        *,
        root: Path,
        selection: Sequence[str],
        skipped: Set[str],
        incomplete: str,
    ) -> Comparison:
        """Compares the legacy calls of a run, and makes or shrinks the file where it may.

        It shrinks only after a run that passed and ran what it ran when the file was written: the
        same selection, with no test skipped that ran then. Otherwise a legacy call that was not
        seen may still be there.

        Args:
          calls: All legacy calls of the run.
          root: The folder that file names are relative to.
          selection: What chose the tests, such as paths and `-k`.
          skipped: The tests that were skipped.
          incomplete: Why the run cannot tell that a legacy call is gone; empty where it can.

        Raises:
          OSError: The file cannot be written.
        """
        found = _by_key(calls, root)
        section = self._sections.get(self._name)
        shown = os.path.relpath(self._path)
        if section is None:
            if incomplete:
                return Comparison((), (), f"Baseline {shown} was not made: {incomplete}.")
            self._write(found, selection, skipped)
            places = sum(map(len, found.values()))
            return Comparison(
                (), (), f"Baseline {shown} made {self._name}, with {places} legacy calls."
            )
        known = _counts(section)
        new = [
            (call, known[key])
            for key, places in found.items()
            if len(places) > known[key]
            for call in places
        ]
        if new:
            count = sum(max(0, len(places) - known[key]) for key, places in found.items())
            return Comparison(
                tuple(call for call, _ in new),
                tuple(before for _, before in new),
                f"FAILED: legacy calls that are not in the baseline {shown}: {count}.",
            )
        gone = sum(known.values()) - sum(map(len, found.values()))
        if not gone:
            return Comparison((), (), f"Baseline {shown}: no new legacy calls.")
        reason = incomplete
        if not reason and list(selection) != section["selection"]:
            reason = f"it was made by a run of `{shlex.join(section['selection'])}`"
        newly_skipped = sorted(skipped - set(section["skipped"]))
        if not reason and newly_skipped:
            reason = f"{newly_skipped[0]} was skipped"
        if reason:
            return Comparison(
                (),
                (),
                f"Baseline {shown}: no new legacy calls; {gone} of its places were not reached, "
                f"and it stays as it is because {reason}.",
            )
        self._write(found, selection, skipped)
        return Comparison((), (), f"Baseline {shown}: {gone} legacy calls fewer; rewritten.")

    def _write(
        self,
        found: dict[tuple[str, str], list[LegacyCall]],
        selection: Sequence[str],
        skipped: Set[str],
    ) -> None:
        self._sections[self._name] = {
            "selection": list(selection),
            "skipped": sorted(skipped),
            "calls": [
                {"file": file, "symbol": symbol, "places": len(places)}
                for (file, symbol), places in sorted(found.items())
            ],
        }
        data = {"about": _ABOUT, "suites": dict(sorted(self._sections.items()))}
        whole_files.write(self._path, json.dumps(data, indent=1) + "\n")


def _counts(section: Any) -> collections.Counter[tuple[str, str]]:
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    for entry in section["calls"] if section is not None else ():
        counts[entry["file"], entry["symbol"]] = int(entry["places"])
    return counts


def _by_key(calls: Sequence[LegacyCall], root: Path) -> dict[tuple[str, str], list[LegacyCall]]:
    found: dict[tuple[str, str], list[LegacyCall]] = {}
    for call in calls:
        file = os.path.relpath(call.filename, root) if os.path.isabs(call.filename) else ""
        if not file or file.startswith(os.pardir):
            file = call.filename
        found.setdefault((file.replace(os.sep, "/"), call.symbol), []).append(call)
    return found
