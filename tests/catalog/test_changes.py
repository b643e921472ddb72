"""Which differences of two signatures break a call."""

from __future__ import annotations

import pytest
from tff_compat.catalog import Signature, changes


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        ("(a, b=1)", "(a, b=1)", []),
        ("(a)", "(a, b)", ["`b` is new and required"]),
        ("(a)", "(b, a)", ["`b` is new and required", "`a` moved from position 1 to 2"]),
        ("(func)", "(fn)", ["`func` is now called `fn`"]),
        ("(func, /)", "(fn, /)", []),
        ("(a, b=1)", "(a)", ["`b` is gone"]),
        ("(a, b=1)", "(a, **kwargs)", ["`b` is gone"]),
        ("(a, *, b=1)", "(a, **kwargs)", []),
        ("(a, b)", "(*args, **kwargs)", []),
        ("(a, b=1)", "(a, *, b=1)", ["`b` is keyword-only"]),
        ("(a, *, b=1)", "(a, b=1)", []),
        ("(a=1)", "(a)", ["`a` is required"]),
        ("(a)", "(a, /)", ["`a` cannot be given by keyword"]),
        ("(*args)", "(a=1)", ["takes no further positional arguments"]),
        ("(a, **kwargs)", "(a)", ["takes no further keyword arguments"]),
    ],
)
def test_what_breaks_a_call(old, new, texts):
    found = changes.changes(Signature(old), Signature(new))
    assert [change.text for change in found if change.breaking] == texts
    assert (changes.breakage(Signature(old), Signature(new)) or "") == "; ".join(texts)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("(a=1)", "(a=2)", "the default of `a` is 2, was 1"),
        ("(a)", "(a=2)", "`a` is optional, by default 2"),
        ("(a)", "(a, b=2)", "`b` is new"),
        ("(*, a)", "(a)", "`a` may be given by position"),
        ("(a)", "(a, **kwargs)", "takes further keyword arguments"),
    ],
)
def test_what_changes_and_breaks_nothing(old, new, text):
    assert changes.changes(Signature(old), Signature(new)) == (changes.Change(text, False),)


def test_breaking_changes_come_first():
    found = changes.changes(Signature("(a=1, b=2)"), Signature("(a=3)"))
    assert [change.breaking for change in found] == [True, False]
