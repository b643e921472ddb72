"""Where `tff-compat stubs` writes, and when it does not."""

from __future__ import annotations

import pytest
from tff_compat import cli


def _files(folder):
    return {
        path.relative_to(folder): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_writes_into_typings(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["stubs", "0.1"]) == 0
    assert "TensorFlow Federated 0.1.0 to typings/tensorflow_federated." in capsys.readouterr().err
    text = (tmp_path / "typings/tensorflow_federated/__init__.pyi").read_text("utf-8")
    assert text.startswith("# TensorFlow Federated 0.1.0, by `tff-compat stubs 0.1.0`.\n")
    assert [path.name for path in (tmp_path / "typings").iterdir()] == ["tensorflow_federated"]


def test_what_is_there_stays(tmp_path, capsys):
    (tmp_path / "tensorflow_federated").mkdir()
    (tmp_path / "tensorflow_federated/mine.pyi").write_text("x: int\n")
    before = _files(tmp_path)
    assert cli.main(["stubs", "0.1", "--output", str(tmp_path)]) == 2
    assert "is there already, and stays as it is" in capsys.readouterr().err
    assert _files(tmp_path) == before


def test_a_file_in_the_place_of_the_folder(tmp_path, capsys):
    (tmp_path / "typings").write_text("")
    assert cli.main(["stubs", "0.1", "--output", str(tmp_path / "typings")]) == 2
    assert "The stubs cannot be written" in capsys.readouterr().err


def test_half_a_folder_is_none(tmp_path, monkeypatch):
    from tff_compat import stubs

    texts = stubs.package
    monkeypatch.setattr(stubs, "package", lambda release: {**texts(release), **_broken()})
    with pytest.raises(TypeError):
        cli.main(["stubs", "0.1", "--output", str(tmp_path)])
    assert list(tmp_path.iterdir()) == []


def _broken():
    from pathlib import PurePath

    return {PurePath("tensorflow_federated/last.pyi"): None}


@pytest.mark.parametrize(
    ("words", "said"),
    [(["0.8"], "never published"), (["x"], "not a published release"), ([], "required")],
)
def test_releases_that_there_are_not(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    try:
        status = cli.main(["stubs", *words])
    except SystemExit as error:
        status = error.code
    assert status == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
