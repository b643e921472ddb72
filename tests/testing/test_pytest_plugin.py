"""Checks what pytest does in a suite that runs as of a release."""

from __future__ import annotations

import importlib.util
import pathlib
import sys

import pytest

_SUITE = """
from tf_keras import legacy

def test_one():
    for _ in range(3):
        legacy.one()

def test_two():
    legacy.two()
"""


def test_activates_before_conftest_files(suite):
    suite.write("conftest.py", "import tensorflow_federated as tff\nRELEASE = repr(tff)\n")
    suite.write(
        "test_it.py",
        """
        import tensorflow_federated as tff
        import conftest
        def test_it():
            assert type(tff).__name__ == "View", conftest.RELEASE
            assert repr(tff) == conftest.RELEASE
        """,
    )
    ended = suite("--tff-as-of", "0.13")
    assert ended.status == 0, ended.out
    assert "TensorFlow Federated 0.87.0 as of 0.13.1" in ended
    assert "none" in ended


@pytest.mark.parametrize("source", ["ini", "variable"])
def test_release_from_elsewhere(suite, source):
    suite.write("test_it.py", _SUITE)
    environment = {}
    if source == "ini":
        suite.write("pytest.ini", "[pytest]\ntff_as_of = 0.9\n")
    else:
        environment = {"TFF_COMPAT_PYTEST_AS_OF": "0.9"}
    assert "0.87.0 as of 0.9.0" in suite(**environment)
    assert "0.87.0 as of 0.13.1" in suite("--tff-as-of=0.13.1", **environment)


def test_packages_have_releases_of_their_own(suite):
    suite.write("old_lib.py", "import tensorflow_federated as tff\n")
    suite.write(
        "test_it.py",
        """
        import old_lib
        import tensorflow_federated as tff
        def test_it():
            assert (old_lib.tff.__version__, tff.__version__) == ("0.9.0", "0.52.0")
        """,
    )
    ended = suite("--tff-as-of", "0.52, old_lib=0.9")
    assert ended.status == 0, ended.out
    assert "TensorFlow Federated 0.87.0 as of 0.52.0, old_lib=0.9.0" in ended
    ended = suite("--tff-as-of", "old_lib=0.8")
    assert ended.status == 4 and "--tff-as-of: 'old_lib': TFF 0.8 is a tag" in ended


def test_nothing_happens_without_a_release(suite):
    suite.write(
        "test_it.py",
        """
        import sys
        import tensorflow_federated as tff
        def test_it():
            assert type(tff).__name__ == "module"
            assert "tff_compat.testing.report" not in sys.modules
        """,
    )
    ended = suite()
    assert ended.status == 0, ended.out
    assert "legacy calls" not in ended


def test_nothing_is_changed_as_of_the_installed_release(suite):
    suite.write(
        "test_it.py",
        """
        import tensorflow_federated as tff
        def test_it():
            assert type(tff).__name__ == "module"
        """,
    )
    ended = suite("--tff-as-of", "0.87", "--tff-baseline", "known.json", "--tff-report", "r.json")
    assert ended.status == 0, ended.out
    assert "TensorFlow Federated 0.87.0 as it is" in ended
    assert "nothing to compare" in ended
    assert not (suite.folder / "known.json").exists()
    assert suite.read("r.json")["calls"] == []


def test_table(suite):
    suite.write("test_it.py", _SUITE)
    ended = suite("--tff-as-of", "0.13")
    assert ended.status == 0, ended.out
    assert "test_it.py:6      3  tff.one      0.12.0\n    tff.new_one()\n" in ended
    assert "test_it.py:9      1  tff.two      0.12.0\n    tff.new_two()\n" in ended
    # The table stands for the warnings.
    assert "LegacyAPIWarning" not in ended


@pytest.mark.parametrize(
    "options",
    [
        {"arguments": ["-W", "error::tff_compat.LegacyAPIWarning"]},
        {"arguments": [], "python": ("-W", "error::tff_compat.LegacyAPIWarning")},
        {"arguments": [], "ini": "filterwarnings = error"},
    ],
    ids=["pytest", "python", "ini"],
)
def test_warnings_as_errors(suite, options):
    suite.write("pytest.ini", f"[pytest]\n{options.get('ini', '')}\n")
    suite.write("test_it.py", _SUITE)
    ended = suite("--tff-as-of", "0.13", *options["arguments"], python=options.get("python", ()))
    assert ended.status == 1, ended.out
    assert "2 failed" in ended
    assert "tff_compat.deprecation.LegacyAPIWarning: tff.one as used here" in ended


def test_warnings_are_shown_where_asked_for(suite):
    suite.write("test_it.py", _SUITE)
    ended = suite("--tff-as-of", "0.13", "-W", "default::tff_compat.LegacyAPIWarning")
    assert ended.status == 0, ended.out
    assert "LegacyAPIWarning: tff.one as used here" in ended


def test_report(suite):
    suite.write("test_it.py", _SUITE)
    ended = suite("--tff-as-of", "0.13", "--tff-report", "report.json")
    assert ended.status == 0, ended.out
    report = suite.read("report.json")
    calls = report.pop("calls")
    assert report.pop("python")
    assert report.pop("program").startswith("pytest ")
    assert report == {"as_of": "0.13.1", "installed": "0.87.0", "exit_status": 0}
    assert [(each["symbol"], each["lineno"], each["count"]) for each in calls] == [
        ("tff.one", 6, 3),
        ("tff.two", 9, 1),
    ]
    assert set(calls[0]) == {
        "symbol", "release", "replacement", "filename", "cell", "lineno", "count",
    }  # fmt: skip


@pytest.mark.parametrize("workers", ["0", "2"])
def test_xdist(suite, workers):
    suite.write("shared.py", "from tf_keras import legacy\ndef shared():\n    legacy.shared()\n")
    for number in range(4):
        suite.write(
            f"test_{number}.py",
            f"""
            import shared
            import tensorflow_federated as tff
            from tf_keras import legacy
            def test_it():
                assert type(tff).__name__ == "View"
                shared.shared()
                legacy.own_{number}()
            """,
        )
    options = ["--tff-as-of=0.13", "-n", workers, "--tff-baseline=b.json", "--tff-report=r.json"]
    ended = suite(*options)
    assert ended.status == 0, ended.out
    counts = {each["symbol"]: each["count"] for each in suite.read("r.json")["calls"]}
    assert counts == {"tff.shared": 4, **{f"tff.own_{number}": 1 for number in range(4)}}
    assert "Baseline b.json made as of 0.13.1 on 0.87.0, with 5 legacy calls." in ended
    assert ended.out.count("shared.py:3") == 1
    (suite.folder / "test_3.py").write_text("def test_it():\n    pass\n")
    ended = suite(*options)
    assert "Baseline b.json: 1 legacy calls fewer; rewritten." in ended


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--tff-as-of", "0.8"],
            "--tff-as-of: TFF 0.8 is a tag of TFF's repository that was never published",
        ),
        (["--tff-as-of", "new"], "--tff-as-of: TFF new is not a published release"),
        (["--tff-report", "r.json"], "--tff-report needs a release"),
        (["--tff-baseline", "b.json"], "--tff-baseline needs a release"),
        (["--tff-as-of=0.9", "--tff-report", "no/r.json"], "--tff-report: "),
        (["--tff-as-of=0.9", "--tff-baseline", "no/b.json"], "--tff-baseline: "),
        (["--tff-as-of=0.9", "--tff-baseline", "pytest.ini"], "is not a baseline of tff-compat"),
    ],
)
def test_usage_errors(suite, arguments, message):
    suite.write("test_it.py", "raise SystemExit")
    ended = suite(*arguments)
    assert ended.status == 4, ended.out
    assert ended.out.count("ERROR") == 1
    assert message in ended
    assert "Traceback" not in ended


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow_federated") is not None,
    reason="needs an interpreter without TensorFlow Federated",
)
def test_no_tff_in_the_interpreter(suite):
    suite.install(None)
    ended = suite("--tff-as-of", "0.13")
    assert ended.status == 4, ended.out
    assert "--tff-as-of: TensorFlow Federated is not installed for " in ended


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the name of a process")
def test_runtime_is_ended(suite, tmp_path):
    """The process that TFF leaves behind would keep `pytest | cat` from ending."""
    program = tmp_path / "worker_binary"
    program.symlink_to("/bin/sleep")
    suite.write(
        "test_it.py",
        f"""
        import pathlib, subprocess
        def test_it():
            process = subprocess.Popen([{str(program)!r}, "120"])
            pathlib.Path("pid").write_text(str(process.pid))
        """,
    )
    ended = suite("--tff-as-of", "0.13")
    assert ended.status == 0, ended.out
    pid = (suite.folder / "pid").read_text()
    state = pathlib.Path(f"/proc/{pid}/stat")
    # In a container nobody may wait for orphans: a zombie has ended.
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] in "ZX"
