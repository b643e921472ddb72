"""Checks that `--data synthetic` replaces downloads, by the same data each time."""

from __future__ import annotations

import importlib
import io
import json
import sqlite3
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
from tff_compat.running.session import STARTUP

_DOWNLOADING = """
import json, sys, urllib.request
from tensorflow_federated.python.simulation.datasets import download
from keras.utils import data_utils
files = [
    download.get_compressed_file("https://host/data/other.sqlite.lzma"),
    data_utils.get_file("x", "https://host/data/stackoverflow.tag_count.tar.bz2", extract=True),
    data_utils.get_file("x", origin="https://host/data/stackoverflow.word_count.tar.bz2"),
    data_utils.get_file("x", origin="https://host/data/weights.h5"),
    urllib.request.urlretrieve("http://host/datasets/movielens/ml-1m.zip", "movies.zip")[0],
]
print(json.dumps(files))
"""


def _module(folder: Path, name: str, code: str) -> None:
    path = folder
    for part in name.split("."):
        path = path / part
        path.mkdir(exist_ok=True)
        (path / "__init__.py").touch()
    (path / "__init__.py").write_text(code)


@pytest.fixture
def made_up(monkeypatch):
    """The module that makes data up, loaded as a run loads it."""
    monkeypatch.syspath_prepend(str(STARTUP))
    return importlib.import_module("_tff_compat_made_up")


@pytest.fixture
def downloads(run, fake_tff):
    """A program that downloads by the functions of TFF, Keras and Python."""
    _module(
        fake_tff.folder,
        "tensorflow_federated.python.simulation.datasets.download",
        "def get_compressed_file(origin, cache_dir=None): return f'downloaded {origin}'",
    )
    fake_tff.code("")
    _module(
        fake_tff.folder,
        "keras.utils.data_utils",
        "def get_file(fname=None, origin=None, **kwargs): return f'downloaded {origin}'",
    )
    run.write("program.py", _DOWNLOADING)
    return run


def test_known_downloads_are_replaced_and_others_are_not(downloads):
    ended = downloads("program.py", "--as-of", "0.20", "--data", "synthetic")
    assert ended.status == 0, ended.err
    assert ended.err.count("made up") == 1
    tff, tags, words, keras, movies = json.loads(ended.out)
    assert tff == "downloaded https://host/data/other.sqlite.lzma"
    assert keras == "downloaded https://host/data/weights.h5"
    # As an archive that was unpacked: what is asked for lies beside it.
    assert (Path(tags).name, Path(words).name) == (
        "stackoverflow.tag_count.tar.bz2",
        "stackoverflow.word_count.tar.bz2",
    )
    assert not Path(tags).parent.exists(), "it ends with the run"
    with zipfile.ZipFile(downloads.folder / movies) as archive:
        assert set(archive.namelist()) == {f"ml-1m/{n}.dat" for n in ("movies", "ratings", "users")}


def test_nothing_is_replaced_unless_it_is_asked_for(downloads):
    ended = downloads("program.py", "--as-of", "0.20")
    assert ended.status == 1
    assert "urlopen error" in ended.err and "made up" not in ended.err


def test_other_data_than_synthetic_is_an_error(run):
    run.write("program.py", "")
    assert "synthetic" in run("program.py", "--as-of", "0.9", "--data", "real").err


def test_files_are_the_same_each_time_and_made_once(made_up, tmp_path):
    for name in (
        "ml-1m.zip",
        "stackoverflow.word_count.tar.bz2",
        "stackoverflow.tag_count.tar.bz2",
    ):
        one, other = (Path(made_up.make(name, tmp_path / each)) for each in "ab")
        read = [
            [path.name, path.read_bytes() if path.suffix != ".zip" else _members(path)]
            for folder in (one.parent, other.parent)
            for path in sorted(folder.iterdir())
        ]
        half = len(read) // 2
        assert read[:half] == read[half:] != []
        before = [path.stat().st_mtime_ns for path in one.parent.iterdir()]
        assert made_up.make(name, tmp_path / "a") == str(one)
        assert before == [path.stat().st_mtime_ns for path in one.parent.iterdir()]
    assert not [path for path in (tmp_path / "a").iterdir() if path.name.startswith(".")]


def _members(path: Path) -> list[bytes]:
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_every_movie_of_the_ratings_has_a_name(made_up, tmp_path):
    with zipfile.ZipFile(made_up.make("ml-1m.zip", tmp_path)) as archive:
        lines = {
            name: [line.split("::") for line in archive.read(name).decode().splitlines()]
            for name in archive.namelist()
        }
    rated = {movie for _, movie, _, _ in lines["ml-1m/ratings.dat"]}
    assert rated == {movie for movie, _, _ in lines["ml-1m/movies.dat"]}
    users = {user for user, *_ in lines["ml-1m/ratings.dat"]}
    assert users == {user for user, *_ in lines["ml-1m/users.dat"]} and len(users) == 6040


def test_mnist_has_its_real_size(made_up, tmp_path):
    import numpy as np

    with np.load(made_up.make("mnist.npz", tmp_path)) as found:
        assert {name: (found[name].shape, found[name].dtype) for name in found} == {
            "x_train": ((60000, 28, 28), np.uint8),
            "y_train": ((60000,), np.uint8),
            "x_test": ((10000, 28, 28), np.uint8),
            "y_test": ((10000,), np.uint8),
        }
        assert set(found["y_test"].tolist()) == set(range(10))


def test_what_is_not_known_is_not_made(made_up, tmp_path):
    assert made_up.make("x.npz", tmp_path) is None
    assert not list(tmp_path.iterdir())


@pytest.mark.tff
def test_files_of_hdf5_have_the_clients_that_tutorials_name(made_up, tmp_path):
    import h5py

    path = Path(made_up.make("shakespeare.tar.bz2", tmp_path))
    for split in ("train", "test"):
        with h5py.File(path.parent / f"shakespeare_{split}.h5") as file:
            clients = file["examples"]
            assert len(clients) == 715 and "THE_TRAGEDY_OF_KING_LEAR_KING" in clients
            assert all(clients[name]["snippets"].shape[0] >= 30 for name in clients)
    path = Path(made_up.make("fed_emnist_digitsonly.tar.bz2", tmp_path))
    with h5py.File(path.parent / "fed_emnist_digitsonly_train.h5") as file:
        assert len(file["examples"]) == 3383
        for client in file["examples"].values():
            assert client["pixels"].shape == (len(client["label"]), 28, 28)
            assert set(client["label"][()]) == set(range(10))
    assert path.parent.stat().st_size < 50e6


@pytest.mark.tff
def test_databases_hold_what_hdf5_holds(made_up, tmp_path):
    import h5py
    import tensorflow as tf

    file = Path(made_up.make("shakespeare.tar.bz2", tmp_path)).parent / "shakespeare_test.h5"
    connection = sqlite3.connect(made_up.make("shakespeare.sqlite.lzma", tmp_path))
    query = "SELECT serialized_example_proto FROM examples WHERE client_id = ? AND split_name = ?"
    with h5py.File(file) as clients:
        for client in list(clients["examples"])[::100]:
            found = [
                tf.train.Example.FromString(row[0]).features.feature["snippets"].bytes_list.value[0]
                for row in connection.execute(query, (client, "test"))
            ]
            assert found == list(clients["examples"][client]["snippets"])


_USE = """
import os
import tensorflow as tf
import tensorflow_federated as tff
train, test = tff.simulation.datasets.emnist.load_data(only_digits=False)
spec = train.create_tf_dataset_for_client(train.client_ids[7]).element_spec
print(type(train).__name__, len(train.client_ids), spec["pixels"].shape, spec["label"].dtype.name)
url = "https://storage.googleapis.com/tff-models-public/dickens_rnn.batch8.kerasmodel"
file = tf.keras.utils.get_file(os.path.basename(url), origin=url)
print(tf.keras.models.load_model(file, compile=False).output_shape)
(images, labels), _ = tf.keras.datasets.mnist.load_data()
print(images.shape, labels.shape)
"""


@pytest.mark.tff
def test_a_program_for_tff_runs_on_made_up_data(run):
    run.environment.pop("PYTHONPATH")
    run.write("program.py", _USE)
    ended = run("program.py", "--as-of", "0.12", "--data", "synthetic", "--quiet")
    assert ended.status == 0, ended.err
    assert ended.out.splitlines() == [
        "HDF5ClientData 3400 (28, 28) int32",
        "(8, None, 86)",
        "(60000, 28, 28) (60000,)",
    ]


@pytest.mark.tff
def test_requests_are_replaced(downloads, tmp_path, monkeypatch):
    import requests

    monkeypatch.syspath_prepend(str(STARTUP))
    monkeypatch.setenv("TFF_COMPAT_SYNTHETIC_DATA", str(tmp_path / "data"))
    replacing = importlib.import_module("_tff_compat_downloads")
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", requests.adapters.HTTPAdapter.send)
    monkeypatch.setattr(urllib.request.OpenerDirector, "open", urllib.request.OpenerDirector.open)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    replacing.start()
    content = requests.get("http://host/datasets/movielens/ml-1m.zip").content
    assert "ml-1m/users.dat" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    with urllib.request.urlopen("http://host/ml-1m.zip") as answer:
        assert answer.read() == content
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen("http://127.0.0.1:9/other.zip")
