"""Checks the ratchet: what fails a run, and when its file shrinks."""

from __future__ import annotations

import pytest

_SECTION = "as of 0.13.1 on 0.87.0"


@pytest.fixture
def ratchet(suite):
    suite.write(
        "tests/test_a.py",
        """
        from tf_keras import legacy

        def test_one():
            legacy.one()

        def test_two():
            legacy.two()
            legacy.two()
        """,
    )
    suite.write("tests/test_b.py", "from tf_keras import legacy\ndef test_b():\n    legacy.one()\n")

    def run(*arguments: str, **environment: str):
        return suite(
            "--tff-as-of", "0.13", "--tff-baseline", "known.json", *arguments, **environment
        )

    suite.run = run
    suite.file = suite.folder / "known.json"
    return suite


def _calls(suite, section=_SECTION):
    return {
        (each["file"], each["symbol"]): each["places"]
        for each in suite.read("known.json")["suites"][section]["calls"]
    }


_ALL = {
    ("tests/test_a.py", "tff.one"): 1,
    ("tests/test_a.py", "tff.two"): 2,
    ("tests/test_b.py", "tff.one"): 1,
}


def test_first_run_makes_it(ratchet):
    ended = ratchet.run()
    assert ended.status == 0, ended.out
    assert f"Baseline known.json made {_SECTION}, with 4 legacy calls." in ended
    assert ratchet.read("known.json")["suites"][_SECTION]["selection"] == ["."]
    assert _calls(ratchet) == _ALL
    before = ratchet.file.read_bytes()
    ended = ratchet.run()
    assert ended.status == 0, ended.out
    assert "Baseline known.json: no new legacy calls." in ended
    assert ratchet.file.read_bytes() == before


def test_first_run_that_fails_does_not_make_it(ratchet):
    ratchet.write("tests/test_c.py", "def test_c():\n    assert False\n")
    ended = ratchet.run()
    assert ended.status == 1, ended.out
    assert "Baseline known.json was not made: the run did not pass." in ended
    assert not ratchet.file.exists()


def test_edits_elsewhere_change_nothing(ratchet):
    ratchet.run()
    file = ratchet.folder / "tests" / "test_a.py"
    file.write_text("# A comment.\n\n\n" + file.read_text())
    ended = ratchet.run()
    assert ended.status == 0, ended.out
    assert "no new legacy calls" in ended


def test_new_call_in_a_new_file(ratchet):
    ratchet.run()
    before = ratchet.file.read_bytes()
    ratchet.write("train.py", "from tf_keras import legacy\n\ndef train():\n    legacy.fit()\n")
    ratchet.write("tests/test_c.py", "import train\ndef test_c():\n    train.train()\n")
    ended = ratchet.run(PYTHONPATH=f"{ratchet.folder}:{ratchet.environment['PYTHONPATH']}")
    assert ended.status == 1, ended.out
    assert "NEW legacy call at train.py:4: tff.fit\n    tff.new_fit()\n" in ended
    assert "FAILED: legacy calls that are not in the baseline known.json: 1." in ended
    assert ended.out.count("NEW legacy call") == 1
    assert ratchet.file.read_bytes() == before


def test_one_more_place_of_a_known_call(ratchet):
    ratchet.run()
    file = ratchet.folder / "tests" / "test_b.py"
    file.write_text(file.read_text() + "    legacy.one()\n")
    ended = ratchet.run()
    assert ended.status == 1, ended.out
    assert "not in the baseline known.json: 1." in ended
    for line in (3, 4):
        assert (
            f"NEW legacy call at tests/test_b.py:{line}: tff.one (the baseline has 1 of these in "
            "this file)"
        ) in ended


def test_shrinks_and_does_not_grow_back(ratchet):
    ratchet.run()
    file = ratchet.folder / "tests" / "test_a.py"
    before = file.read_text()
    file.write_text(before.replace("    legacy.two()\n    legacy.two()\n", "    legacy.two()\n"))
    ended = ratchet.run()
    assert ended.status == 0, ended.out
    assert "Baseline known.json: 1 legacy calls fewer; rewritten." in ended
    assert _calls(ratchet) == {**_ALL, ("tests/test_a.py", "tff.two"): 1}
    file.write_text(before)
    assert ratchet.run().status == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["tests/test_a.py"], "it was made by a run of `.`"),
        (["-k", "one"], "it was made by a run of `.`"),
        (["-m", "slow"], "the run did not pass"),
        (["--deselect", "tests/test_b.py::test_b"], "it was made by a run of `.`"),
        (["--ignore", "tests/test_b.py"], "it was made by a run of `.`"),
        (["--collect-only"], "no test was run"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_partial_runs_keep_it(ratchet, arguments, reason):
    ratchet.run()
    before = ratchet.file.read_bytes()
    ended = ratchet.run(*arguments)
    assert "of its places were not reached, and it stays as it is because" in ended
    assert reason in ended
    assert ratchet.file.read_bytes() == before


def test_failures_keep_it(ratchet):
    ratchet.run()
    before = ratchet.file.read_bytes()
    ratchet.write("tests/test_b.py", "def test_b():\n    assert False\n")
    ended = ratchet.run()
    assert ended.status == 1
    assert "it stays as it is because the run did not pass" in ended
    assert ratchet.file.read_bytes() == before
    # Of the tests that failed last, none may be left.
    ratchet.write("tests/test_b.py", "def test_b():\n    pass\n")
    ended = ratchet.run("--lf")
    assert "because --lf chose the tests" in ended
    assert ratchet.file.read_bytes() == before


def test_tests_deselected_by_others_keep_it(ratchet):
    ratchet.run()
    before = ratchet.file.read_bytes()
    ratchet.write(
        "conftest.py",
        """
        def pytest_collection_modifyitems(config, items):
            config.hook.pytest_deselected(items=items[1:])
            del items[1:]
        """,
    )
    assert "because 2 tests were deselected" in ratchet.run()
    assert "because 2 tests were deselected" in ratchet.run("-n", "2")
    assert ratchet.file.read_bytes() == before


def test_tests_that_skip_now_keep_it(ratchet):
    ratchet.write("tests/test_c.py", "import pytest\ndef test_c():\n    pytest.skip('always')\n")
    ratchet.run()
    before = ratchet.file.read_bytes()
    b = (ratchet.folder / "tests" / "test_b.py").read_text()
    ratchet.write("tests/test_b.py", "import pytest\ndef test_b():\n    pytest.skip('now')\n")
    assert "because tests/test_b.py::test_b was skipped" in ratchet.run()
    assert ratchet.file.read_bytes() == before
    # A test that was always skipped gave nothing to the baseline.
    ratchet.write("tests/test_b.py", b.replace("legacy.one()", "pass"))
    assert "1 legacy calls fewer; rewritten" in ratchet.run()


def test_selection_of_the_first_run_may_shrink_it(ratchet):
    options = ["tests", "-m", "not slow"]
    ratchet.run(*options)
    assert ratchet.read("known.json")["suites"][_SECTION]["selection"] == options
    ratchet.write("tests/test_b.py", "def test_b():\n    pass\n")
    assert "it was made by a run of `tests -m 'not slow'`" in ratchet.run()
    assert "1 legacy calls fewer; rewritten" in ratchet.run(*options)


def test_one_file_for_several_installed_releases(ratchet):
    ratchet.run()
    ratchet.install("0.64.0")
    ended = ratchet.run()
    assert "made as of 0.13.1 on 0.64.0, with 4 legacy calls" in ended
    assert _calls(ratchet) == _calls(ratchet, "as of 0.13.1 on 0.64.0") == _ALL


def test_in_the_ini_file(ratchet):
    ratchet.write("pytest.ini", "[pytest]\ntff_baseline = known.json\n")
    assert "Baseline" not in ratchet()
    assert "Baseline known.json made" in ratchet("--tff-as-of", "0.13")
    assert ratchet.file.exists()


def test_nothing_is_left_beside_it(ratchet):
    ratchet.run()
    names = {path.name for path in ratchet.folder.iterdir()}
    assert names - {".pytest_cache", "__pycache__"} == {"known.json", "pytest.ini", "tests"}
