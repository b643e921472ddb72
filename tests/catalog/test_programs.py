"""Which programs use a symbol."""

from __future__ import annotations

from packaging.version import Version
from tff_compat.catalog import programs


def test_programs_of_the_nearest_releases():
    before, since = programs.around(["tff.templates.MeasuredProcess"], Version("0.17"))
    assert before == ("0.16.1/measured_processes",)
    assert since[0].startswith("0.18.0/")


def test_those_that_use_least_come_first():
    before, _ = programs.around(["tff.learning.from_keras_model"], Version("0.14"))
    used = programs._used()
    assert len(before) > 1
    assert [len(used[name]) for name in before] == sorted(len(used[name]) for name in before)


def test_a_symbol_without_programs():
    assert programs.around(["tff.no_such_symbol"], Version("0.16")) == ((), ())
