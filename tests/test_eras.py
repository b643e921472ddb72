"""Each package of a program has its release, by the names that are given."""

from __future__ import annotations

import types

import pytest
import tff_compat
from packaging.version import Version
from tff_compat import eras


@pytest.mark.parametrize(
    ("module", "release"),
    [
        ("lib", "0.9.0"),
        ("lib.part", "0.9.0"),
        ("lib.new", "0.20.0"),
        ("lib.new.part", "0.20.0"),
        ("lib.newer", "0.9.0"),
        ("library", "0.52.0"),
        ("", "0.52.0"),
    ],
)
def test_the_longest_name_counts(module, release):
    found = eras.read({"lib": "0.9", "*": Version("0.52.0"), "lib.new": "0.20"})
    assert found.of({"__name__": module}) == Version(release)
    assert eras.parse([str(found)]) == found


def test_modules_that_are_run_have_their_names():
    found = eras.read({"lib": "0.9"})
    spec = types.SimpleNamespace(name="lib.__main__")
    assert found.of({"__name__": "__main__", "__spec__": spec}) == Version("0.9.0")
    assert found.of({"__name__": "__mp_main__", "__spec__": spec}) == Version("0.9.0")
    assert found.of({"__name__": "__main__", "__spec__": None}) is None
    assert eras.read({"__main__": "0.9"}).of({"__name__": "__mp_main__"}) == Version("0.9.0")


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ({}, ValueError, "No release was given"),
        ({"lib": "0.8"}, tff_compat.UnknownReleaseError, r"'lib': TFF 0\.8 is a tag"),
        ({"lib": 0.9}, TypeError, r"'lib': A release is a string, found 0\.9 .*Write '0\.9'"),
        ({"*": None}, TypeError, r"'\*': A release is a string"),
        ({"lib-x": "0.9"}, ValueError, "'lib-x' is no name of a package"),
        ({"lib.": "0.9"}, ValueError, r"'lib\.' is no name of a package"),
        ({"lib.*": "0.9"}, ValueError, r"'lib\.\*' is no name of a package"),
        ({"": "0.9"}, ValueError, "'' is no name of a package"),
        ({1: "0.9"}, TypeError, "is a string, found 1"),
        ({"tensorflow_federated.python": "0.9"}, ValueError, "is no package of the program"),
    ],
)
def test_what_cannot_be_meant_is_told_by_its_name(given, kind, text):
    with pytest.raises(kind, match=text):
        tff_compat.activate(given)
