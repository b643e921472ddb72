"""The page of an upgrade: what it shows, and that all of it is text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from tff_compat import cli
from tff_compat.declared.codes import CODES

VOID = {"meta", "col"}


class Page(HTMLParser):
    """The texts of the cells and items of a page; its elements have to close one another."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: dict[str, list[str]] = {"gone": [], "new": [], "": [], "number": []}
        self.items: list[str] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._class = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self._class = dict(attributes).get("class") or ""
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")
            self.cells.setdefault(self._class, []).append("")
        if tag == "li":
            self.items.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open and self.open[-1] == "td":
            self.rows[-1][-1] += data
            self.cells[self._class][-1] += data
        elif "li" in self.open:
            self.items[-1] += data


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def page(source: str) -> Page:
        (tmp_path / "a<b>.py").write_text(source)
        options = ["--as-of", "0.16.1", "--report", "out.html", "--diff"]
        assert cli.main(["upgrade", "a<b>.py", *options]) == 0
        return Page((tmp_path / "out.html").read_text("utf-8"))

    return page


def test_both_sides(page):
    shown = page(
        "import tensorflow_federated as tff\n\n"
        "x = tff.tf_computation(lambda: 1 if 1 < 2 else '<script>')\n"
        "y = '&amp;'\n"
    )
    assert shown.cells["gone"] == ["x = tff.tf_computation(lambda: 1 if 1 < 2 else '<script>')"]
    assert shown.cells["new"] == [
        "x = tff.tensorflow.computation(lambda: 1 if 1 < 2 else '<script>')"
    ]
    assert shown.cells[""].count("y = '&amp;'") == 2
    assert shown.cells["number"] == ["1", "1", "2", "2", "3", "3", "4", "4"]


def test_far_lines_are_left_out(page):
    shown = page(
        "import tensorflow_federated as tff\n"
        + "\n".join(f"a{n} = {n}" for n in range(50))
        + "\nx = tff.tf_computation\n"
    )
    assert "a0 = 0" not in shown.cells[""]
    assert "a49 = 49" in shown.cells[""]


def test_between_changes_that_are_far_from_each_other_is_a_gap(page):
    changed = "x = tff.tf_computation\n"
    between = "".join(f"a{n} = {n}\n" for n in range(50))
    shown = page(f"import tensorflow_federated as tff\n{changed}{between}{changed}")
    assert shown.rows.count(["⋯"]) == 1
    place = shown.rows.index(["⋯"])
    before, after = shown.rows[place - 1], shown.rows[place + 1]
    assert before[1] < "a9" < "x" and after[1].startswith("a4")
    assert len(shown.cells["gone"]) == 2


def test_how_much_of_each_code(page):
    shown = page(
        "import tensorflow_federated as tff\nx = tff.tf_computation\ny = tff.tf_computation\n"
        "tff.framework.EagerTFExecutor()\n"
    )
    assert [row for row in shown.rows if row[:1] and row[0].startswith("TFF")] == [
        ["TFF102", CODES["TFF102"], "2", "0"],
        ["TFF104", CODES["TFF104"], "0", "1"],
    ]
    assert "1 of 1 file changed; 2 findings written, 1 left." in shown.text
    assert "\\n" not in shown.text and "['" not in shown.text


def test_what_is_left(page):
    shown = page("import tensorflow_federated as tff\ntff.framework.EagerTFExecutor()\n")
    (item,) = shown.items
    assert item.startswith("a<b>.py:2:1 TFF104: tff.framework.EagerTFExecutor")
    assert shown.cells["gone"] == []


def test_nothing_to_show(page):
    shown = page("import tensorflow_federated as tff\n")
    assert (shown.cells["gone"], shown.cells["new"], shown.items) == ([], [], [])
