"""Boundaries of behaviour: each is used, said once, and about symbols that were there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tff_compat
from packaging.version import Version
from tff_compat import catalog
from tff_compat.catalog import boundaries

_PACKAGE = Path(tff_compat.__file__).parent
_SOURCE = {
    path.relative_to(_PACKAGE).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(_PACKAGE.rglob("*.py"))
}
_KNOWN = catalog.load()

_LITERAL = r'Version\("0\.\d+(?:\.\d+)?"\)'
_RELEASE = r"(?<![\w.])[\w.]*release"
_COMPARED = re.compile(rf"{_RELEASE} *[<>]=? *{_LITERAL}|{_LITERAL} *[<>]=? *{_RELEASE}\b")
_CONSTANT = re.compile(rf"^(_?[A-Z]\w*) = {_LITERAL}", re.MULTILINE)


def test_a_boundary_is_the_release_that_it_is():
    boundary = boundaries.FIRST_WITH_EXECUTORS
    assert boundary == Version("0.12")
    assert Version("0.11.0") < boundary <= Version("0.12.0")
    assert str(boundary) == "0.12"


def test_each_boundary_is_used():
    source = [text for path, text in _SOURCE.items() if path != "catalog/boundaries.py"]
    used = {name for text in source for name in re.findall(r"\bFIRST_\w+", text)}
    assert boundaries.every().keys() - used == set()


@pytest.mark.parametrize("name, boundary", boundaries.every().items())
def test_each_boundary_is_about_symbols_of_the_releases_around_it(name, boundary):
    before = _KNOWN.before(boundary)
    first = next(release for release in _KNOWN.releases if release >= boundary)
    for path in boundary.symbols:
        symbol = _KNOWN.symbol(path)
        assert symbol is not None, path
        assert symbol.exists_in(before) or symbol.exists_in(first), path


@pytest.mark.parametrize("name, boundary", boundaries.every().items())
def test_each_boundary_says_in_a_sentence_what_changed(name, boundary):
    assert re.match(r"(`|[A-Z])", boundary.change)
    assert boundary.change.endswith(".")


def test_no_two_boundaries_say_the_same():
    changes = [boundary.change for boundary in boundaries.every().values()]
    assert len(set(changes)) == len(changes)


def test_they_come_in_the_order_of_their_releases():
    releases = list(boundaries.every().values())
    assert releases == sorted(releases)


@pytest.mark.parametrize("path", _SOURCE)
def test_the_release_of_a_program_is_compared_with_boundaries_alone(path):
    """A constant of a module's own may only say what the installed release is like."""
    text = _SOURCE[path]
    assert not _COMPARED.findall(text)
    for name in _CONSTANT.findall(text):
        compared = re.findall(rf"({_RELEASE}) *[<>]=? *{name}\b", text)
        compared += re.findall(rf"\b{name} *[<>]=? *({_RELEASE})\b", text)
        assert not compared, name
