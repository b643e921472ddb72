"""Runs the code of the guides on the installed TFF, without the package."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tff_compat import catalog
from tff_compat.declared import guides

_ROWS = [("ada", 1.0, 2.0, 0), ("ada", 3.0, 4.0, 1), ("bob", 5.0, 6.0, 1)]
_SHOWN = """
for batch in data:
    for example in batch:
        print(example["x"].numpy().tolist(), example["y"].numpy().tolist())
print(clients.client_ids)
"""


def _one_file(folder: Path) -> None:
    lines = ["client,x1,x2,label", *(",".join(map(str, row)) for row in _ROWS)]
    (folder / "examples.csv").write_text("\n".join(lines))


def _a_file_each(folder: Path) -> None:
    (folder / "clients").mkdir()
    for client in {row[0] for row in _ROWS}:
        lines = [",".join(map(str, row[1:])) for row in _ROWS if row[0] == client]
        (folder / "clients" / f"{client}.csv").write_text("\n".join(["x1,x2,label", *lines]))


def test_they_are_about_symbols_that_a_release_had():
    paths = catalog.load().paths()
    for guide in guides.GUIDES:
        for symbol in guide.symbols:
            assert any(path.endswith(f".{symbol}") for path in paths), symbol


def test_only_symbols_of_simulation_have_guides_to_their_data():
    for symbol in (
        "ClientData", "ClientData.from_clients_and_fn", "ClientData.from_clients_and_tf_fn",
        "FilePerUserClientData", "datasets.TestClientData", "FromTensorSlicesClientData",
    ):  # fmt: skip
        assert len(guides.guides(f"tff.simulation.{symbol}")) == 2
    for path in (
        "tff.simulation.ClientData.preprocess",
        "tff.learning.ClientData",
        "tff.ClientData",
    ):
        assert guides.guides(path) == ()


@pytest.mark.tff
@pytest.mark.parametrize(
    ("guide", "data"),
    list(zip(guides.GUIDES, [_one_file, _a_file_each])),
    ids=["table", "files"],
)
def test_clients_from_tables(guide: guides.Guide, data: Callable[[Path], None], tmp_path: Path):
    data(tmp_path)
    program = tmp_path / "program.py"
    program.write_text(guide.code + _SHOWN)
    with (tmp_path / "out").open("w") as out, (tmp_path / "err").open("w") as err:
        status = subprocess.call(
            [sys.executable, str(program)], cwd=tmp_path, stdout=out, stderr=err, timeout=300
        )
    assert status == 0, (tmp_path / "err").read_text()
    assert (tmp_path / "out").read_text().splitlines() == [
        "[[1.0, 2.0], [3.0, 4.0]] [[0], [1]]",
        "[[5.0, 6.0]] [[1]]",
        "['ada', 'bob']",
    ]
