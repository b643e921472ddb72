"""Checks that a script runs as with `python PATH ARGS`, as of a release."""

from __future__ import annotations

import json
import sys
import zipfile

import pytest

_LEGACY_CALL = """
from packaging.version import Version
from tff_compat import deprecation
def call():
    deprecation.warn_legacy("tff.old", last_release=Version("0.12.0"), template="tff.new()")
"""


def test_runs_like_python(run):
    run.write("helper.py", "value = 5")
    run.write(
        "program.py",
        """
        import os, sys
        import helper
        print(sys.argv, __name__, __file__, os.getcwd() == sys.path[0], helper.value)
        print(sys.stdin.read())
        """,
    )
    ended = run("program.py", "--as-of", "0.9", "--", "--lr", "0.1", "--", "x", stdin="given")
    assert ended.status == 0, ended.err
    assert ended.out.splitlines() == [
        f"['program.py', '--lr', '0.1', '--', 'x'] __main__ {run.folder / 'program.py'} True 5",
        "given",
    ]


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("pass", 0),
        ("sys.exit(3)", 3),
        ("sys.exit('no')", 1),
        ("1 / 0", 1),
        ("os._exit(7)", 7),
        ("os.kill(os.getpid(), 15)", 143),
        ("os.kill(os.getpid(), 9)", 137),
    ],
)
def test_exit_status_is_the_programs(run, statement, status):
    run.write("program.py", f"import os, sys\n{statement}\n")
    assert run("program.py", "--as-of", "0.9").status == status


_WHAT = "import sys, tensorflow_federated as t\nprint(t, sys.argv[1:], __name__)\n"
_AS_OF_9 = "<view of 'tff' as of TFF 0.9.0> ['--rounds', '3'] __main__\n"


def test_what_python_runs_is_run(run):
    for path in ("package/part/__init__.py", "package/__init__.py"):
        (run.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (run.folder / path).touch()
    for path in ("package/part/module.py", "package/__main__.py", "package/tool"):
        (run.folder / path).write_text(_WHAT)
    with zipfile.ZipFile(run.folder / "program.pyz", "w") as archive:
        archive.writestr("__main__.py", _WHAT)
    for words in (["-m", "package.part.module"], ["-m", "package"], ["package"], ["program.pyz"],
                  ["package/tool"], ["-"]):  # fmt: skip
        ended = run(*words, "--rounds", "3", "--as-of", "0.9", stdin=_WHAT)
        assert (ended.status, ended.out) == (0, _AS_OF_9), (words, ended.err)


def test_the_release_of_a_module_is_inferred(run):
    (run.folder / "package").mkdir()
    (run.folder / "package" / "module.py").write_text(
        "import tensorflow_federated as tff\nprint(tff)\n"
        "def f(m, b):\n  return tff.learning.from_keras_model(m, dummy_batch=b, loss=None)\n"
    )
    ended = run("-m", "package.module")
    assert ended.out == "<view of 'tff' as of TFF 0.13.1>\n", ended.err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["empty"], "a folder without a __main__.py"),
        (["-m", "empty.of.all"], "No module named"),
        (["notebook"], "rename it to notebook.ipynb"),
        (["text"], "text:1: "),
    ],
)
def test_what_python_does_not_run_is_refused(run, words, text):
    (run.folder / "empty").mkdir()
    (run.folder / "notebook").write_text('{"cells": [], "nbformat": 4, "metadata": {}}')
    (run.folder / "text").write_text("This is no program.")
    ended = run(*words, "--as-of", "0.9")
    assert ended.status != 0 and text in ended.err and "Traceback" not in ended.err


def test_packages_are_for_the_cached_environment(run):
    run.write("program.py", "import tensorflow_federated")
    ended = run("program.py", "--as-of", "0.9", "--with", "seaborn", "six")
    assert ended.status == 2
    assert "-m pip install seaborn six, or add --cached" in ended.err


def test_a_module_that_is_missing_is_told(run):
    # One that does not come with TFF.
    run.write("program.py", "import skimage.of_old")
    ended = run("program.py", "--as-of", "0.9")
    assert "There is no module `skimage` in" in ended.err
    assert "pip install scikit-image" in ended.err


def test_quiet_shows_only_what_is_the_programs(run):
    run.write("legacy.py", _LEGACY_CALL)
    run.write("program.py", "import tensorflow_federated, legacy\nlegacy.call()\nprint(1)")
    ended = run("program.py", "--quiet")
    assert (ended.out, ended.err) == ("1\n", "")
    shown = run("program.py", "--quiet", "-W", "default::tff_compat.LegacyAPIWarning")
    assert "LegacyAPIWarning: tff.old" in shown.err and "Running on" not in shown.err


@pytest.mark.parametrize(
    ("words", "given", "level"),
    [([], None, "3"), (["--tensorflow-log"], None, "None"), ([], "0", "0")],
)
def test_what_tensorflow_logs_is_kept_out_unless_asked_for(run, words, given, level):
    run.environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    if given is not None:
        run.environment["TF_CPP_MIN_LOG_LEVEL"] = given
    run.write("program.py", "import os\nprint(os.environ.get('TF_CPP_MIN_LOG_LEVEL'))")
    assert run("program.py", "--as-of", "0.9", *words).out == f"{level}\n"


def test_import_gives_the_view_of_the_release(run):
    run.write("program.py", "import tensorflow_federated as tff\nprint(tff)")
    ended = run("program.py", "--as-of", "0.9")
    assert ended.out == "<view of 'tff' as of TFF 0.9.0>\n", ended.err
    assert "Running on TensorFlow Federated 0.87.0 of" in ended.err
    assert "no legacy calls" in ended.err


def test_a_program_that_activates_a_release_itself_keeps_it(run):
    run.write(
        "program.py",
        """
        import tff_compat
        tff_compat.activate("0.5")
        import tensorflow_federated as tff
        print(tff)
        """,
    )
    assert run("program.py", "--as-of", "0.9").out == "<view of 'tff' as of TFF 0.5.0>\n"


def test_start_imports_nothing_heavy(run):
    run.write(
        "program.py",
        """
        import sys
        print(sorted({"tensorflow", "tensorflow_federated", "tff_compat"} & set(sys.modules)))
        """,
    )
    assert run("program.py", "--as-of", "0.9").out == "[]\n"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python still has some of the names")
def test_names_that_python_took_away_are_there_from_the_first_line(run):
    run.write(
        "program.py",
        """
        from collections import Mapping, OrderedDict
        from fractions import gcd
        import inspect, sys, time
        print(Mapping.__module__, gcd(4, 6), time.clock() >= 0)
        print(inspect.getargspec(lambda a, b=2: None), "tensorflow" in sys.modules)
        print(hasattr(time, "no_such_name"), hasattr(inspect, "__getattr__"))
        """,
    )
    ended = run("program.py", "--as-of", "0.9")
    assert ended.out.splitlines() == [
        "collections.abc 2 True",
        "ArgSpec(args=['a', 'b'], varargs=None, keywords=None, defaults=(2,)) False",
        "False False",
    ], ended.err
    assert "cannot import name 'Mapping'" in run("program.py", "--as-of", "0.87").err


def test_the_users_sitecustomize_runs_too(run, fake_tff):
    (fake_tff.folder / "sitecustomize.py").write_text("import builtins\nbuiltins.mine = 'mine'\n")
    run.write(
        "program.py",
        "import sitecustomize, tensorflow_federated as t\nprint(mine, sitecustomize.__file__, t)",
    )
    ended = run("program.py", "--as-of", "0.9")
    own = fake_tff.folder / "sitecustomize.py"
    assert ended.out == f"mine {own} <view of 'tff' as of TFF 0.9.0>\n", ended.err


def test_our_folder_is_not_on_the_programs_path(run):
    run.write("program.py", "import sys\nprint([p for p in sys.path if 'startup' in p])")
    assert run("program.py", "--as-of", "0.9").out == "[]\n"


def test_subprocesses_and_spawned_children_see_the_release_and_report(run):
    run.write("legacy.py", _LEGACY_CALL)
    run.write("part.py", "import tensorflow_federated as t, legacy\nlegacy.call()\nprint(t)")
    run.write(
        "program.py",
        """
        import multiprocessing, subprocess, sys
        import tensorflow_federated as tff
        import legacy

        def work():
            import tensorflow_federated as tff
            print(tff, flush=True)
            legacy.call()

        if __name__ == "__main__":
            legacy.call()
            subprocess.run([sys.executable, "part.py"], check=True)
            child = multiprocessing.get_context("spawn").Process(target=work)
            child.start()
            child.join()
        """,
    )
    ended = run("program.py", "--as-of", "0.9", "--report", "report.json")
    assert ended.out == "<view of 'tff' as of TFF 0.9.0>\n" * 2, ended.err
    calls = json.loads((run.folder / "report.json").read_text())["calls"]
    assert {c["symbol"] for c in calls} == {"tff.old"}
    assert sum(c["count"] for c in calls) == 3


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_that_end_without_atexit_report_their_own_calls(run, method):
    run.write("legacy.py", _LEGACY_CALL + _LEGACY_CALL.replace("call()", "other()"))
    run.write(
        "program.py",
        f"""
        import multiprocessing, os, sys
        import tensorflow_federated as tff
        import legacy

        def work():
            import tensorflow_federated as tff
            for _ in range(3): legacy.call()

        def terminated(_):
            legacy.other()

        if __name__ == "__main__":
            legacy.call()
            context = multiprocessing.get_context({method!r})
            child = context.Process(target=work)
            child.start()
            child.join()
            # Its worker is ended by a signal.
            with context.Pool(1) as pool:
                pool.map(terminated, [0])
        """,
    )
    ended = run("program.py", "--as-of", "0.9", "--report", "report.json")
    calls = json.loads((run.folder / "report.json").read_text())["calls"]
    # Once in the main process, three times in the child; the worker came to its own place.
    counts = {call["lineno"]: call["count"] for call in calls}
    assert sorted(counts.values()) == [1, 4], (calls, ended.err)


def test_other_interpreters_are_left_alone(run):
    run.write(
        "program.py",
        """
        import os, subprocess, sys
        environment = {**os.environ, "TFF_COMPAT_PREFIX": "/elsewhere"}
        code = "import tensorflow_federated as t; print(t.__name__, type(t).__name__)"
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
        """,
    )
    assert run("program.py", "--as-of", "0.9").out == "tensorflow_federated module\n"


def test_report_and_table(run):
    run.write("legacy.py", _LEGACY_CALL)
    run.write("program.py", "import tensorflow_federated, legacy\nfor _ in range(3): legacy.call()")
    ended = run("program.py", "--as-of", "0.9", "--report", "report.json")
    report = json.loads((run.folder / "report.json").read_text())
    assert (report["program"], report["as_of"], report["installed"], report["exit_status"]) == (
        "program.py", "0.9.0", "0.87.0", 0,
    )  # fmt: skip
    assert [(c["symbol"], c["count"], c["cell"]) for c in report["calls"]] == [("tff.old", 3, None)]
    assert "Legacy calls as of TFF 0.9.0, run on 0.87.0" in ended.err
    assert "tff.new()" in ended.err


def test_no_summary(run):
    run.write("program.py", "import tensorflow_federated")
    assert "legacy calls" not in run("program.py", "--as-of", "0.9", "--no-summary").err


@pytest.mark.parametrize("how", ["option", "variable"])
def test_legacy_calls_as_errors(run, how):
    run.write("legacy.py", _LEGACY_CALL)
    run.write("program.py", "import tensorflow_federated, legacy\nlegacy.call()")
    text = "error::tff_compat.LegacyAPIWarning"
    if how == "variable":
        run.environment["PYTHONWARNINGS"] = text
    ended = run("program.py", "--as-of", "0.9", *(["-W", text] if how == "option" else []))
    assert ended.status == 1
    assert "LegacyAPIWarning: tff.old" in ended.err


def test_a_tff_that_cannot_be_imported_is_told(run, fake_tff):
    fake_tff.code("raise ImportError('no libcudart')")
    run.write("program.py", "import tensorflow_federated")
    ended = run("program.py", "--as-of", "0.9")
    assert ended.status == 1
    assert "could not be imported" in ended.err
    assert "--cached" in ended.err


def test_isolated_interpreter_falls_back_to_runpy(run, fake_tff):
    # Isolated, Python sees no PYTHONPATH: the fake TFF has to come with the program.
    program = f"""
        import sys
        sys.path.insert(0, {str(fake_tff.folder)!r})
        import tensorflow_federated as tff
        print(tff, sys.argv, __name__)
        sys.exit(4)
        """
    run.write("program.py", program)
    source = f"""
        import sys
        sys.path.insert(0, {str(fake_tff.folder)!r})
        from tff_compat.cli import main
        sys.exit(main(["run", "program.py", "--as-of", "0.9", "--", "a"]))
        """
    run.write("start.py", source)
    import subprocess

    out, err = run.folder / "out", run.folder / "err"
    with out.open("w") as stdout, err.open("w") as stderr:
        status = subprocess.run(
            [sys.executable, "-I", "start.py"], cwd=run.folder, stdout=stdout, stderr=stderr
        ).returncode
    assert "runpy" in err.read_text()
    assert out.read_text() == "<view of 'tff' as of TFF 0.9.0> ['program.py', 'a'] __main__\n"
    assert status == 4
