"""Which release is in place of the installed one, for those that must not know how it got there."""

from __future__ import annotations

from packaging.version import Version

_release: list[Version] = []


def put(release: Version) -> None:
    """Notes that a release is in place."""
    _release[:] = [release]


def clear() -> None:
    """Notes that none is."""
    _release.clear()


def release() -> Version | None:
    """The release that is in place; None where none is."""
    return _release[0] if _release else None
