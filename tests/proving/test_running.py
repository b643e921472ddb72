"""A program is run in a copy of its project, by interpreters that need not have TensorFlow."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import pytest
import tff_compat
import tff_compat.coverage
import tff_compat.recipes
from packaging.version import Version
from tff_compat.proving import running
from tff_compat.proving.running import Project, ProvingError


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def plain(folder: Path, *command: str, seconds: float = 60, **contents: str):
    given = {folder / f"{name}.py": text.encode() for name, text in contents.items()}
    return Project(folder, list(command), seconds).plain(sys.executable, given)


def test_what_a_run_leaves(folder):
    (folder / "old.txt").write_text("old")
    (folder / "train.py").write_text(
        "import sys\n"
        "print('arguments', *sys.argv[1:])\n"
        "print('careful', file=sys.stderr)\n"
        "open('new.txt', 'w').write('1.5')\n"
        "open('old.txt', 'a').write('er')\n"
        "sys.exit(3)\n"
    )
    outcome = plain(folder, "train.py", "--rounds", "a b")
    assert outcome.status == 3
    assert outcome.output.split() == ["arguments", "--rounds", "a", "b"]
    assert outcome.errors.split() == ["careful"]
    assert outcome.files == {"new.txt": b"1.5", "old.txt": b"older"}
    assert outcome.tests is None
    # All that was in a copy.
    assert sorted(path.name for path in folder.iterdir()) == ["old.txt", "train.py"]
    assert (folder / "old.txt").read_text() == "old"


def test_files_with_other_contents(folder):
    (folder / "train.py").write_text("print('before')")
    assert plain(folder, "train.py", train="print('after')").output.strip() == "after"
    assert (folder / "train.py").read_text() == "print('before')"


def test_python_before_the_script_and_modules(folder):
    (folder / "train.py").write_text("print(__name__, len(__import__('sys').argv))")
    assert plain(folder, "python", "train.py").output.split() == ["__main__", "1"]
    assert plain(folder, "python3", "-m", "train", "x").output.split() == ["__main__", "2"]


def test_tests(folder):
    (folder / "test_it.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert 1 == 2\n"
        "@pytest.mark.skip\n"
        "def test_out(): pass\n"
    )
    for command in (["pytest", "."], ["python", "-m", "pytest"]):
        outcome = plain(folder, *command)
        assert outcome.status == 1
        assert outcome.tests == {
            "test_it::test_good": "passes",
            "test_it::test_bad": "fails",
            "test_it::test_out": "is skipped",
        }
        assert outcome.failures == {"test_it::test_bad": "assert 1 == 2"}
        assert outcome.files == {}
    assert Project(folder, ["pytest"], 1).needs == ("pytest>=7",)
    assert plain(folder, "pytest", "nowhere").problem.startswith("no test passes")


def test_places_in_the_copy_are_shown_as_those_of_the_project(folder):
    (folder / "train.py").write_text("import os; print(os.getcwd())")
    assert plain(folder, "train.py").output.strip() == str(folder)


def test_a_folder_for_temporary_files_may_be_a_link(folder, tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "link"))
    (folder / "train.py").write_text("import os; print(os.getcwd(), os.environ['PWD'])")
    monkeypatch.setenv("PWD", "elsewhere")
    assert plain(folder, "train.py").output.split() == [str(folder), "elsewhere"]


def test_tensorflow_is_told_to_be_quiet(folder, monkeypatch):
    (folder / "train.py").write_text("import os; print(os.environ['TF_CPP_MIN_LOG_LEVEL'])")
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    assert plain(folder, "train.py").output.strip() == "3"
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    assert plain(folder, "train.py").output.strip() == "0"


def test_as_of_a_release_it_is_run_by_tff_compat(folder, tmp_path):
    (folder / "train.py").write_text("")
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nshift 2\necho "$@"\n')
    python.chmod(0o755)
    project = Project(folder, ["train.py", "--rounds", "2"], 60)
    outcome = project.as_of(Version("0.13.1"), str(python))
    assert outcome.output == "run --as-of 0.13.1 --quiet train.py --rounds 2\n"


def test_a_run_that_takes_too_long(folder):
    (folder / "train.py").write_text("import time; print('on', flush=True); time.sleep(60)")
    outcome = plain(folder, "train.py", seconds=2)
    assert outcome.problem == "it ran too long and was ended"
    assert outcome.output.strip() == "on"


def test_what_a_run_leaves_running_ends(folder):
    (folder / "train.py").write_text(
        "import subprocess, sys\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)\n"
    )
    process = int(plain(folder, "train.py").output)
    state = Path(f"/proc/{process}/stat")
    until = time.monotonic() + 30
    # Ended, and maybe not yet waited for by whoever has it now.
    while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < until
        time.sleep(0.01)


def test_modules_of_the_project_come_from_the_copy(folder, monkeypatch):
    source = folder / "src"
    source.mkdir()
    (source / "mine.py").write_text("VALUE = 'before'")
    (folder / "train.py").write_text("import mine; print(mine.VALUE)")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(source), "src"]))
    project = Project(folder, ["train.py"], 60)
    outcome = project.plain(sys.executable, {source / "mine.py": b"VALUE = 'after'"})
    assert outcome.output.strip() == "after"


def test_packages_below_src_are_found(folder):
    package = folder / "src" / "mine"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("VALUE = 'before'")
    (folder / "train.py").write_text("import mine; print(mine.VALUE)")
    project = Project(folder, ["train.py"], 60)
    assert project.plain(sys.executable, {}).output.strip() == "before"
    outcome = project.plain(sys.executable, {package / "__init__.py": b"VALUE = 'after'"})
    assert outcome.output.strip() == "after"


def test_tff_compat_is_not_on_the_way(folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(tff_compat.__file__).parents[1]))
    monkeypatch.setenv("TFF_COMPAT_ANYTHING", "1")
    (folder / "train.py").write_text(
        "import os\nprint([n for n in os.environ if 'TFF' in n], os.environ.get('PYTHONPATH'))"
    )
    assert plain(folder, "train.py").output.strip() == "[] None"


def test_an_environment_that_has_tff_compat_is_refused(monkeypatch, tmp_path):
    def build(recipe, path, *, extra_requirements, progress):
        assert recipe == tff_compat.recipes.recipe(release)
        return Path(sys.executable)

    monkeypatch.setattr(tff_compat.recipes, "build", build)
    monkeypatch.setattr(running, "has_us", lambda python: True)
    release = tff_compat.coverage.PRIMARY
    with pytest.raises(ProvingError, match="tff-compat is installed in .* because of mine"):
        running.environment(release, "plain", ["mine"])
    monkeypatch.setattr(running, "has_us", lambda python: False)
    assert running.environment(release, "plain", []) == Path(sys.executable)


def test_an_environment_that_cannot_be_built(monkeypatch):
    def build(*arguments, **keywords):
        raise tff_compat.recipes.RecipeError("No uv here.")

    monkeypatch.setattr(tff_compat.recipes, "build", build)
    with pytest.raises(ProvingError, match=r"No uv here\."):
        running.environment(tff_compat.coverage.PRIMARY, "plain", [])


def test_links_and_what_is_not_copied(folder):
    (folder / "data.txt").write_text("1")
    (folder / "link.txt").symlink_to("data.txt")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("")
    (folder / "train.py").write_text(
        "import os; print(os.path.islink('link.txt'), sorted(os.listdir('.')))"
    )
    assert plain(folder, "train.py").output.strip() == "True ['data.txt', 'link.txt', 'train.py']"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ([], "name a script"),
        (["python"], "name a script"),
        (["trian.py"], "there is no script trian.py"),
        (["../outside.py"], "outside.py is not in"),
        (["report.ipynb"], "runs no notebook"),
        (["folder"], "there is no script folder"),
    ],
)
def test_commands_that_cannot_be_run(folder, command, message):
    (folder.parent / "outside.py").write_text("")
    (folder / "report.ipynb").write_text("{}")
    (folder / "folder").mkdir()
    with pytest.raises(ProvingError, match=message):
        Project(folder, command, 1)
