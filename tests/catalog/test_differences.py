"""What a release changed, by the catalog."""

from __future__ import annotations

import pytest
from packaging.version import Version
from tff_compat import catalog
from tff_compat.catalog import boundaries
from tff_compat.catalog.differences import difference

RELEASES = catalog.load().releases


@pytest.fixture(scope="module")
def all_of_them():
    return [difference(release) for release in RELEASES]


def test_what_came_went_and_changed():
    found = difference(Version("0.16.0"))
    assert found.before == Version("0.15.0")
    assert "tff.StructType" in [symbol.path for symbol in found.new]
    assert "tff.NamedTupleType" in [symbol.path for symbol in found.gone]
    (form,) = [form for form in found.forms if form.symbol.path == "tff.utils.build_dp_aggregate"]
    assert [change.text for change in form.changes] == ["`from_tff_result_fn` is gone"]
    assert "FIRST_WITH_STRUCTS" in found.boundaries


def test_members_are_those_of_their_class():
    found = difference(Version("0.16.0"))
    assert not [each for each in found.new if each.path.startswith("tff.StructType.")]
    assert "tff.TensorType.is_struct" in [symbol.path for symbol in found.new]


def test_with_the_first_release_came_the_package():
    found = difference(RELEASES[0])
    assert found.before is None
    assert [symbol.path for symbol in found.new] == ["tff"]
    assert not found.gone
    assert not found.boundaries


def test_each_boundary_is_of_one_release(all_of_them):
    found = [name for each in all_of_them for name in each.boundaries]
    assert sorted(found) == sorted(boundaries.every())


def test_nothing_is_new_twice_without_having_gone(all_of_them):
    had: set[str] = set()
    for found in all_of_them:
        gone = {symbol.path for symbol in found.gone}
        # With a class or module goes what is inside of it.
        had = {path for path in had if not gone & set(_with_owners(path))}
        new = {symbol.path for symbol in found.new}
        assert not had & new
        had |= new


def _with_owners(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
