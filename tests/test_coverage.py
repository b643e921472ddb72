"""What a program of each release finds at a path, told without TensorFlow."""

from __future__ import annotations

import pytest
from packaging.version import Version
from tff_compat import catalog, coverage


@pytest.mark.parametrize(
    ("path", "release", "status"),
    [
        ("tff.federated_mean", "0.87.0", "native"),
        ("tff.TypedObject", "0.9.0", "native"),
        ("tff.learning.from_keras_model", "0.9.0", "adapted"),
        ("tff.learning.Model", "0.20.0", "adapted"),
        ("tff.learning.Model", "0.30.0", "moved"),
        ("tff.learning.Model.forward_pass", "0.30.0", "moved"),
        ("tff.utils.IterativeProcess.next", "0.9.0", "adapted"),
        ("tff.framework.PlacementLiteral.__ne__", "0.22.0", "native"),
    ],
)
def test_status(path, release, status):
    assert coverage.answer(path, Version(release)).status == status


def test_everything_of_the_primary_release_is_native():
    assert {answer.status for answer in coverage.answers(coverage.PRIMARY)} == {"native"}


def test_members_are_told_apart():
    found = coverage.answer("tff.utils.IterativeProcess.next", Version("0.9.0"))
    assert found.member
    assert found.entry is not None
    assert found.entry.file == "tff_compat/adapters/templates/processes.py"
    assert not coverage.answer("tff.utils.IterativeProcess", Version("0.9.0")).member


def test_runs_cover_each_release_of_each_symbol_once():
    known = catalog.load()
    symbol = known.symbol("tff.learning.from_keras_model")
    runs = [run for run in coverage.runs() if run.answer.path == symbol.path]
    releases = [release for run in runs for release in run.releases]
    assert sorted(releases) == list(symbol.releases)


def test_refusals_say_why():
    for answer in coverage.answers(Version("0.19.0")):
        if answer.status == coverage.REFUSED:
            assert answer.reason
            assert answer.entry is not None
            assert answer.entry.replacement


_NAMES = "learning simulation utils templates aggregators types analytics program".split()
_WITH_FEW_REFUSALS = tuple(f"tff.{name}." for name in _NAMES)


@pytest.mark.parametrize("release", catalog.load().releases, ids=str)
def test_nothing_is_missing(release):
    missing = [
        f"{answer.path}: {answer.reason}"
        for answer in coverage.answers(release)
        if answer.status == coverage.MISSING
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("release", catalog.load().releases, ids=str)
def test_few_symbols_are_refused(release):
    """At most 3 % of those of `tff` itself and of the namespaces that programs use."""
    answers = [
        answer
        for answer in coverage.answers(release)
        if not answer.member
        and (answer.path.count(".") == 1 or answer.path.startswith(_WITH_FEW_REFUSALS))
    ]
    refused = [answer.path for answer in answers if answer.status == coverage.REFUSED]
    assert len(refused) <= 0.03 * len(answers), refused


def test_runs_are_the_answers_of_each_release_and_few_are_asked_for(monkeypatch):
    asked = []
    answer = coverage.answer
    monkeypatch.setattr(coverage, "answer", lambda *given: asked.append(given) or answer(*given))
    found = list(coverage.runs())
    assert len(asked) < 15_000
    monkeypatch.undo()
    # As many as it takes to see a difference, of a hundred thousand.
    for release in (Version("0.1.0"), Version("0.16.1"), Version("0.52.0"), Version("0.87.0")):
        of_release = [run.answer for run in found if release in run.releases]
        assert sorted(of_release, key=lambda each: each.path) == sorted(
            coverage.answers(release), key=lambda each: each.path
        )
