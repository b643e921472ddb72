"""The project of a program ends at its repository, and git tells when it last changed."""

from __future__ import annotations

import datetime
import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from tff_compat.source import projects


def _made(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root / names[0]


def _git(folder: Path, *arguments: str, day: str = "2020-05-20") -> None:
    environment = {
        **os.environ,
        "GIT_COMMITTER_DATE": f"{day}T12:00:00 +0000",
        "GIT_AUTHOR_DATE": f"{day}T12:00:00 +0000",
    }
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder)]
    subprocess.run([*command, *arguments], check=True, env=environment, capture_output=True)


@pytest.mark.parametrize("name", [".git", ".hg", ".svn"])
def test_up_to_the_root_of_the_repository(tmp_path, name):
    program = _made(tmp_path, "repo/a/b/c/x.py", "repo/a/setup.py")
    (tmp_path / "repo" / name).mkdir()
    repo = tmp_path / "repo"
    found = projects.folders(program)
    assert found == (repo / "a/b/c", repo / "a/b", repo / "a", repo)


def test_a_worktree_has_a_file_for_its_repository(tmp_path):
    program = _made(tmp_path, "repo/a/x.py", "repo/.git")
    assert projects.folders(program) == (tmp_path / "repo/a", tmp_path / "repo")


def test_alone_it_has_its_own_folder(tmp_path):
    program = _made(tmp_path, "a/b/x.py")
    assert projects.folders(program) == (tmp_path / "a/b",)


@pytest.mark.parametrize("name", ["setup.py", "pyproject.toml", "setup.cfg", "requirements.txt"])
def test_up_to_the_files_of_a_project(tmp_path, name):
    program = _made(tmp_path, "p/a/b/x.py", f"p/{name}", "pyproject.toml")
    p = tmp_path / "p"
    assert projects.folders(program) == (p / "a/b", p / "a", p)


@pytest.mark.parametrize(
    "name", ["README.md", "README.rst", "README", "Dockerfile", "environment.yml"]
)
def test_up_to_its_description(tmp_path, name):
    program = _made(tmp_path, "p/a/b/x.py", f"p/{name}", "pyproject.toml", "README.md")
    assert projects.folders(program)[-1] == tmp_path  # That of the project.
    (tmp_path / "pyproject.toml").unlink()
    assert projects.folders(program)[-1] == tmp_path / "p"
    _made(tmp_path, "p/a/setup.py")
    assert projects.folders(program)[-1] == tmp_path / "p"


def test_up_to_the_outermost_package(tmp_path):
    program = _made(tmp_path, "p/a/b/x.py", "p/a/__init__.py", "p/a/b/__init__.py")
    assert projects.folders(program)[-1] == tmp_path / "p"


def test_up_to_the_working_directory(tmp_path, monkeypatch):
    program = _made(tmp_path, "p/a/b/x.py")
    monkeypatch.chdir(tmp_path / "p")
    assert projects.folders(Path("a/b/x.py"))[-1] == tmp_path / "p"
    monkeypatch.chdir(tmp_path / "p/a")
    assert projects.folders(program)[-1] == tmp_path / "p/a"


def test_the_highest_of_these_counts(tmp_path, monkeypatch):
    program = _made(tmp_path, "p/a/b/x.py", "p/a/b/setup.py", "p/a/b/__init__.py")
    monkeypatch.chdir(tmp_path / "p")
    assert projects.folders(program)[-1] == tmp_path / "p"
    monkeypatch.chdir(tmp_path)
    _made(tmp_path, "p/a/__init__.py")
    monkeypatch.chdir(tmp_path / "p/a/b")
    assert projects.folders(program)[-1] == tmp_path / "p"


def test_not_the_folder_of_a_user_or_of_temporary_files(tmp_path, monkeypatch):
    home = tmp_path / "home"
    program = _made(home, "p/x.py", ".git", "requirements.txt")
    monkeypatch.setenv("HOME", str(home))
    assert projects.folders(program) == (home / "p",)
    monkeypatch.setenv("HOME", str(tmp_path / "other"))
    assert projects.folders(program) == (home / "p", home)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(home))
    assert projects.folders(program) == (home / "p",)


def test_the_folder_of_the_outermost_package_is_the_last(tmp_path, monkeypatch):
    program = _made(tmp_path, "p/q/a.py", "p/q/__init__.py", "p/__init__.py")
    monkeypatch.chdir(tmp_path.root)
    assert projects.folders(program)[:3] == (tmp_path / "p/q", tmp_path / "p", tmp_path)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    assert projects.folders(program) == (tmp_path / "p/q", tmp_path / "p")
    alone = _made(tmp_path, "o/p/q/a.py", "o/p/q/__init__.py")
    assert projects.folders(alone) == (tmp_path / "o/p/q", tmp_path / "o/p")


class TestLastChanged:
    @pytest.fixture
    def repository(self, tmp_path):
        repo = tmp_path / "repo"
        _made(repo, "a.py", "lib/b.py", "c.py")
        _git(tmp_path, "init", "repo")
        for name, day in (
            ("a.py", "2020-05-20"),
            ("lib/b.py", "2020-07-20"),
            ("c.py", "2021-01-02"),
        ):
            _git(repo, "add", name)
            _git(repo, "commit", "-m", name, day=day)
        return repo

    def test_of_one_file(self, repository):
        assert projects.last_changed(repository / "a.py") == datetime.date(2020, 5, 20)

    def test_of_several(self, repository):
        others = [repository / "lib/b.py"]
        assert projects.last_changed(repository / "a.py", others) == datetime.date(2020, 7, 20)

    def test_files_elsewhere_do_not_count(self, repository, tmp_path):
        other = _made(tmp_path, "elsewhere/x.py")
        assert projects.last_changed(repository / "a.py", [other]) == datetime.date(2020, 5, 20)

    def test_a_file_that_was_changed_since(self, repository):
        (repository / "a.py").write_text("x = 1\n")
        assert projects.last_changed(repository / "a.py") is None
        assert projects.last_changed(repository / "c.py", [repository / "a.py"]) is None

    def test_a_file_that_was_never_committed(self, repository):
        assert projects.last_changed(_made(repository, "new.py")) is None

    def test_outside_of_a_repository(self, tmp_path):
        assert projects.last_changed(_made(tmp_path, "x/a.py")) is None

    def test_without_git(self, repository, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        assert projects.last_changed(repository / "a.py") is None
