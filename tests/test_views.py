"""The view of each release has every symbol that the release had, or says that it is refused."""

from __future__ import annotations

import pytest
from packaging.version import Version
from tff_compat import catalog, coverage, views

pytestmark = pytest.mark.tff


def _has(owner: object, name: str) -> bool:
    """Whether the instances of a class have an attribute, as far as the class tells."""
    if hasattr(owner, name):
        return True
    declared: set[str] = set()
    for base in getattr(owner, "__mro__", ()):
        declared |= set(vars(base).get("__annotations__", ()))
        declared |= {field.name for field in getattr(base, "__attrs_attrs__", ())}
    return name in declared


@pytest.mark.parametrize("release", catalog.load().releases, ids=str)
def test_every_symbol_resolves(release: Version) -> None:
    wrong = []
    for answer in coverage.answers(release):
        if answer.member:
            continue
        value, _ = views.resolve(answer.path, release)
        if isinstance(value, views.Refused) != (answer.status == coverage.REFUSED):
            wrong.append(f"{answer.path}: {answer.status}, but found {value!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("release", catalog.load().releases, ids=str)
def test_every_member_of_an_adapted_or_moved_class_is_there(release: Version) -> None:
    wrong = []
    for answer in coverage.answers(release):
        if not answer.member or answer.status not in (coverage.ADAPTED, coverage.MOVED):
            continue
        owner, _, name = answer.path.rpartition(".")
        value, _ = views.resolve(owner, release)
        if isinstance(value, type) and not _has(value, name):
            wrong.append(f"{answer.path}: {answer.status}, but not in {value!r}")
    assert not wrong, "\n".join(wrong)
