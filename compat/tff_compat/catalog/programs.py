"""Which programs use a symbol, from `programs.json`, which `tools/list_programs.py` writes.

They are those of `tests/programs` in the repository, by names such as "0.13.1/federated_core", each
with what the real release printed.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.version import Version

DATA = Path(__file__).parent / "programs.json"


def around(paths: Iterable[str], release: Version) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The programs of the nearest releases before one, and from it on, that use any of the symbols.

    Those that use the fewest symbols come first.

    Args:
      paths: The public paths of symbols.
      release: The release, which need not have been published.
    """
    wanted = frozenset(paths)
    found = [(_release(name), len(used), name) for name, used in _used().items() if wanted & used]
    before = max((each for each, _, _ in found if each < release), default=None)
    since = min((each for each, _, _ in found if each >= release), default=None)
    return (
        tuple(name for each, _, name in sorted(found) if each == before),
        tuple(name for each, _, name in sorted(found) if each == since),
    )


def _release(name: str) -> Version:
    return Version(name.partition("/")[0])


@functools.cache
def _used() -> Mapping[str, frozenset[str]]:
    """The public paths that each program uses."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    return {name: frozenset(paths) for name, paths in data.items()}
