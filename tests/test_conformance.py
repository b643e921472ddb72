"""The tool that runs TFF's tutorials: what it takes for a version, what it runs, what it tells."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat.catalog import PRIMARY

TOOL = Path(__file__).parents[1] / "tools" / "conformance.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("conformance", TOOL)
    module = importlib.util.module_from_spec(spec)
    # Its data classes look for their module.
    sys.modules["conformance"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["conformance"]


def _notebook(*cells: str) -> str:
    texts = [{"cell_type": "markdown", "metadata": {}, "source": ["Some text."]}]
    code = [
        {
            "cell_type": "code",
            "metadata": {},
            "source": cell.splitlines(keepends=True),
            "outputs": [],
            "execution_count": None,
        }
        for cell in cells
    ]
    return json.dumps(
        {"cells": [*texts, *code], "metadata": {}, "nbformat": 4, "nbformat_minor": 0}
    )


@pytest.fixture
def repository(tmp_path):
    """A clone with three releases of one notebook, and one that came with the last."""
    root = tmp_path / "clone"
    tutorials = root / "docs" / "tutorials"
    tutorials.mkdir(parents=True)

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@x"]
        subprocess.run(["git", "-C", root, *identity, *arguments], check=True, capture_output=True)

    def release(tag: str, **notebooks: str) -> None:
        for name, text in notebooks.items():
            (tutorials / f"{name}.ipynb").write_text(text)
        git("add", "-A")
        git("commit", "-m", tag)
        git("tag", tag)

    git("init", "-q")
    release("v0.8.0", one=_notebook("!pip install tensorflow_federated==0.8", "x = 1"))
    release("v0.9.0", one=_notebook("!pip install x\nimport pandas", "# One.\nx  =  1"))
    release("v0.10.0", one=_notebook("import pandas", "", "x = 1\n"), two=_notebook("y"))
    release("v0.Y.Z", two=_notebook("z"))
    return root


def test_versions_differ_by_their_code_alone(tool, repository):
    subjects, absent = tool.tutorials(repository)
    assert [(each.key, [str(r) for r in each.releases]) for each in subjects] == [
        ("one@v0.8.0", []),
        ("one@v0.9.0", ["0.9.0", "0.10.0"]),
        ("two@v0.10.0", ["0.10.0"]),
    ]
    assert subjects[1].cells == ("import pandas", "# One.\nx  =  1")
    assert subjects[1].packages == {"pandas"}
    assert absent == []


def test_notebooks_that_the_clone_lacks_are_told(tool, repository):
    arguments = ["git", "-C", repository, "rev-parse", "v0.10.0:docs/tutorials/two.ipynb"]
    object_id = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.strip()
    (repository / ".git" / "objects" / object_id[:2] / object_id[2:]).unlink()
    subjects, absent = tool.tutorials(repository)
    assert absent == ["two@v0.10.0"]
    assert {each.name for each in subjects} == {"one"}


def test_what_is_no_clone_is_an_error(tool, tmp_path, capsys):
    assert tool.main(["--tff-repo", str(tmp_path), "--no-runs"]) == 1
    assert "not a git repository" in capsys.readouterr().err


def test_lines_that_install_are_left_out(tool):
    source = "#@test\n!pip install --quiet x\n  %pip install y\n%load_ext tensorboard\nimport pip\n"
    assert tool.without_installs(source) == "#@test\n%load_ext tensorboard\nimport pip"


def test_patterns_choose_in_their_order(tool, repository):
    subjects, _ = tool.tutorials(repository)

    def chosen(*patterns: str) -> list[str]:
        return [each.key for each in tool._selected(subjects, patterns)]

    assert chosen() == ["one@v0.8.0", "one@v0.9.0", "two@v0.10.0"]
    assert chosen("t*", "*@v0.9.0", "one") == ["two@v0.10.0", "one@v0.9.0", "one@v0.8.0"]
    with pytest.raises(tool.ConformanceError, match="three"):
        chosen("three")


def test_programs_are_of_the_release_that_their_folder_names(tool, tmp_path):
    for name in ("0.12.0", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.py").write_text(
            "import tensorflow_federated as tff\ntff.learning.from_keras_model\n"
        )
    named, inferred = tool.folder(tmp_path, None)
    assert (named.key, inferred.name) == ("0.12.0/train@v0.12.0", "mine/train")
    assert str(inferred.releases[0]) != "0.12.0"
    assert {each.version for each in tool.folder(tmp_path, named.releases[0])} == {"v0.12.0"}


def test_notebooks_in_a_folder_are_programs_too(tool, tmp_path):
    cells = [{"cell_type": "code", "source": ["!pip install tensorflow_federated\n", "x = 1"]}]
    (tmp_path / "old.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
    (notebook,) = tool.folder(tmp_path, Version("0.9.0"))
    assert (notebook.key, notebook.script) == ("old@v0.9.0", None)
    assert "x = 1" in notebook.cells[0] and "install" not in notebook.cells[0]


def _do(tool, folder: Path, **changes) -> dict:
    job = tool.Job(
        column="plain",
        release="0.87.0",
        python=sys.executable,
        cells=[],
        script=None,
        seconds=60,
        data=str(folder / "data"),
    )
    asked = folder / "job.json"
    asked.write_text(json.dumps(dataclasses.asdict(dataclasses.replace(job, **changes))))
    environment = {**os.environ, "TFF_COMPAT_AS_OF": "0.9"}
    with (folder / "log").open("wb") as log:
        subprocess.run(
            [sys.executable, TOOL, "--job", asked], check=True, stdout=log, stderr=log,
            env=environment, timeout=300,
        )  # fmt: skip
    return json.loads((folder / "became.json").read_text())


def test_a_notebook_is_run_to_its_end(tool, tmp_path):
    became = _do(tool, tmp_path, cells=["x = 1", "# Nothing.", "assert x == 1\nprint(x)"])
    assert (became["verdict"], became["reached"], became["cells"]) == ("complete", 3, 3)


def test_the_first_error_of_a_notebook_is_told(tool, tmp_path):
    became = _do(tool, tmp_path, cells=["x = 1", "1 / 0", "x"])
    assert became["verdict"] == "error"
    assert (became["reached"], became["error"]) == (1, "ZeroDivisionError: division by zero")


def test_a_notebook_whose_kernel_dies_has_not_reached_the_cell(tool, tmp_path):
    became = _do(tool, tmp_path, cells=["x = 1", "import os\nos._exit(3)", "x"])
    assert (became["verdict"], became["reached"]) == ("error", 1)
    assert became["error"]


def test_a_notebook_has_a_time_limit(tool, tmp_path):
    cells = ["x = 1", "import time\ntime.sleep(200)", "x"]
    became = _do(tool, tmp_path, cells=cells, seconds=10)
    assert (became["verdict"], became["reached"]) == ("time limit", 1)


@pytest.mark.parametrize(
    ("code", "verdict", "error"),
    [
        # What `run` sets is not there on plain TFF; its own folder is first on the path.
        ("import helper, sys\nassert sys.argv == [__file__]", "complete", None),
        ("def f(): raise ValueError('no')\nf()", "error", "ValueError: no"),
        ("import sys\nsys.exit(3)", "error", "The process ended."),
        ("import threading, time\nthreading.Thread(target=time.sleep, args=[99]).start()",
         "complete", None),
    ],
)  # fmt: skip
def test_a_program_is_run(tool, tmp_path, code, verdict, error):
    (tmp_path / "helper.py").touch()
    script = tmp_path / "program.py"
    script.write_text(code)
    became = _do(tool, tmp_path, script=str(script))
    assert (became["verdict"], became["error"]) == (verdict, error)


def test_a_program_has_a_time_limit(tool, tmp_path):
    script = tmp_path / "program.py"
    script.write_text("import time\ntime.sleep(200)")
    assert _do(tool, tmp_path, script=str(script), seconds=2)["verdict"] == "time limit"


def _became(verdict: str, reached: int = 0, error: str | None = None) -> dict:
    return {
        "verdict": verdict, "reached": reached, "cells": 4, "error": error,
        "release": "0.9.0", "seconds": 1, "date": "2026-01-02", "commit": "abc",
    }  # fmt: skip


def test_only_what_completes_on_the_real_release_counts(tool, tmp_path):
    from packaging.version import Version

    subjects = [
        tool.Subject(name, "v0.9.0", (Version("0.9.0"),), ("x",)) for name in ("a", "b", "c", "d")
    ]
    results = tool.Results(tmp_path / "results.json")
    complete, failed = _became("complete", 4), _became("error", 2, "ValueError: `a|b`")
    for subject, columns in zip(
        subjects,
        [
            {"real": complete, "run": complete, "plain": failed},
            {"real": complete, "run": _became("time limit", 3)},
            {"real": failed, "run": complete},
        ],
    ):
        for column, became in columns.items():
            results.add(subject, column, became)
    again = tool.Results(tmp_path / "results.json")
    lines = tool.page(
        subjects, ["e@v0.1.0"], again, argparse.Namespace(timeout=9, tests=False)
    ).splitlines()
    assert (
        "| a | 0.9.0 | 0.9.0 | complete (4) | complete (4) | 2 of 4: `ValueError: 'a\\|b'` |"
        in lines
    )
    assert "| b | 0.9.0 | 0.9.0 | complete (4) | 3 of 4, time limit | not run |" in lines
    text = "\n".join(lines)
    assert "Through us 1 of 2 of these complete: 50.0%" in text
    assert "3 of the other 4 were run so far" in text and "  2 of these completed." in lines
    assert f"On plain TFF {PRIMARY} 0 of 1 complete" in text
    assert "## Not run yet\n\n* d: 0.9.0\n" in text
    assert text.endswith("## Not in the clone that was used\n\n* e: 0.1.0")
    assert (
        "files of 1 more that the clone lacked" in text and "Run 2026-01-02, at commit abc" in text
    )


def test_what_has_a_result_is_not_run_again(tool, tmp_path):
    from packaging.version import Version

    subject = tool.Subject("a", "v0.9.0", (Version("0.9.0"),), ("x",))
    results = tool.Results(tmp_path / "results.json")
    results.add(subject, "real", _became("complete", 4))
    results.add(subject, "run", _became("time limit", 4))
    options = argparse.Namespace(columns=["real", "run", "plain"], again=[])
    assert tool._open_columns(subject, results, options) == ["plain"]
    options.again = ["time limit"]
    assert tool._open_columns(subject, results, options) == ["run", "plain"]


def test_a_notebook_that_was_ahead_of_its_first_release_is_run_on_its_last(tool):
    from packaging.version import Version

    versions = tuple(map(Version, ("0.16.0", "0.16.1", "0.17.0")))
    subject = tool.Subject("a", "v0.16.0", versions, ("x",))
    assert tool._releases(subject, "real", None) == (versions[0], versions[2])
    assert tool._releases(subject, "run", {"release": "0.17.0"}) == (versions[2],)
    assert tool._releases(subject, "plain", None) == (versions[0],)


def test_what_runs_ends_with_the_tool_and_has_no_result(tool, tmp_path):
    script = tmp_path / "programs" / "program.py"
    script.parent.mkdir()
    seen = tmp_path / "pid"
    script.write_text(
        "import os, time\n"
        f"with open({str(seen)!r}, 'w') as file: file.write(str(os.getpid()))\n"
        "time.sleep(200)\n"
    )
    code = (
        "import runpy, sys\n"
        "from tff_compat import recipes\n"
        "recipes.build = lambda *a, **k: sys.executable\n"
        f"sys.argv = [{str(TOOL)!r}, *sys.argv[1:]]\n"
        f"runpy.run_path({str(TOOL)!r}, run_name='__main__')\n"
    )
    results = tmp_path / "results.json"
    arguments = ["--programs", script.parent, "--as-of", "0.87.0", "--columns", "plain"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, "--results", results, "--data", tmp_path / "data"]
    )
    deadline = time.monotonic() + 60
    while not (seen.exists() and seen.read_text()):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.1)
    process.terminate()
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    while Path("/proc", seen.read_text()).exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not results.exists()


@pytest.fixture
def with_tests(repository):
    """The clone with a release that has tests of examples."""
    files = {
        "tensorflow_federated/python/examples/sums/sums.py": "import tensorflow_federated as tff\n",
        "tensorflow_federated/python/examples/sums/sums_test.py": (
            "from tensorflow_federated.python.examples.sums import sums\n"
            "from tensorflow_federated.python.research.helper import check\n"
        ),
        "tensorflow_federated/python/research/helper.py": "def check(): pass\n",
        "tensorflow_federated/python/research/internal_test.py": (
            "from tensorflow_federated.python.common_libs import py_typecheck\n"
        ),
        "tensorflow_federated/python/core/core_test.py": "import tensorflow_federated\n",
    }
    moved = {
        "examples/sums/sums.py": "import tensorflow_federated as tff\n",
        "examples/sums/sums_test.py": (
            "# Without a dot, as in the tags.\nfrom examplessums import sums\n"
            "from research.helper import check\n"
        ),
        "research/helper.py": "def check(): return 1\n",
    }

    def release(tag: str, contents: dict[str, str]) -> None:
        for name, text in contents.items():
            path = repository / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git = ["git", "-C", repository, "-c", "user.name=x", "-c", "user.email=x@x"]
        for words in (["add", "-A"], ["commit", "-m", tag], ["tag", tag]):
            subprocess.run([*git, *words], check=True, capture_output=True)

    release("v0.11.0", files)
    release("v0.12.0", {"other": ""})
    for name in files:
        (repository / name).unlink()
    release("v0.13.0", moved)
    return repository


def test_tests_are_taken_with_what_they_import(tool, with_tests):
    subjects, absent = tool.tests(with_tests)
    assert absent == []
    assert [(each.key, [str(r) for r in each.releases]) for each in subjects] == [
        ("examples/sums/sums_test@v0.11.0", ["0.11.0", "0.12.0"]),
        ("examples/sums/sums_test@v0.13.0", ["0.13.0"]),
    ]
    old, new = subjects
    assert set(old.files) == set(new.files) == {
        "examples/sums/sums_test.py", "examples/sums/sums.py", "research/helper.py",
    }  # fmt: skip
    assert old.files["examples/sums/sums_test.py"].startswith("from examples.sums import sums\n")
    assert "from examples.sums import sums\n" in new.files["examples/sums/sums_test.py"]
    assert os.fspath(old.script) == "examples/sums/sums_test.py"


@pytest.mark.parametrize(
    ("check", "verdict", "reached"), [("helper.VALUE", "complete", 2), ("1 / 0", "error", 1)]
)
def test_the_tests_that_pass_are_counted(tool, tmp_path, check, verdict, reached):
    files = {
        "examples/helper.py": "VALUE = 1\n",
        "examples/one/one_test.py": (
            "import unittest\nfrom examples import helper\n"
            "class Test(unittest.TestCase):\n"
            f"    def test_one(self): {check}\n"
            "    def test_two(self): pass\n"
            "unittest.main()\n"
        ),
    }
    became = _do(tool, tmp_path, script="examples/one/one_test.py", files=files)
    assert (became["verdict"], became["reached"], became["cells"]) == (verdict, reached, 2)
    assert became["error"] == (
        None if verdict == "complete" else "ZeroDivisionError: division by zero"
    )
