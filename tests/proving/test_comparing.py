"""When two runs of a program gave the same."""

from __future__ import annotations

import io
import json
import struct
import zipfile

import pytest
from tff_compat.proving import comparing
from tff_compat.proving.comparing import Outcome, of_texts, same_files


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("loss 0.51572\n", "loss 0.51572\n"),
        ("loss 0.5157210\n", "loss 0.5157212\n"),
        ("1e-3 and 2\n", "0.001 and 2\n"),
        ("nan inf -inf\n", "nan inf -inf\n"),
        ("[1.0, 1e-9]\n", "[1.0, 3e-9]\n"),
        ("a\r\nb", "a\nb\n"),
        ("", ""),
    ],
)
def test_texts_that_say_the_same(before, after):
    assert of_texts(before, after) == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("loss 0.51572\n", "loss 0.51575\n"),
        ("loss 0.5\n", "Loss 0.5\n"),
        ("nan\n", "0.5\n"),
        ("0.5\n", "nan\n"),
        ("inf\n", "-inf\n"),
        ("one\n", "one\ntwo\n"),
        ("one\ntwo\n", "one\n"),
        ("1 2\n", "1 2 3\n"),
        ("round 1\n", "round 2\n"),
        ("1e-9\n", "2e-9\n"),
        ("100000.0 1.0\n", "100000.0 1.1\n"),
    ],
)
def test_texts_that_do_not(before, after):
    assert of_texts(before, after)


def test_the_line_is_named():
    assert of_texts("a\nb 1.0\n", "a\nb 2.0\n") == "line 2 was 'b 1.0', and is 'b 2.0'"
    assert of_texts("a\n", "a\nb\n") == "line 2 was '(nothing)', and is 'b'"


def test_json_is_compared_by_its_values():
    then = json.dumps({"a": [1.0, 2.0], "b": "x"}).encode()
    assert same_files("r.json", then, b'{"b": "x",\n "a": [1.0000001, 2.0]}')
    assert not same_files("r.json", then, b'{"b": "x", "a": [1.001, 2.0]}')
    assert not same_files("r.json", then, b'{"b": "y", "a": [1.0, 2.0]}')
    assert not same_files("r.json", then, b'{"a": [1.0, 2.0]}')
    assert not same_files("r.json", then, b'{"b": "x", "a": [1.0]}')
    assert not same_files("r.json", then, b"{")
    # What was a number is none any more; True is no 1.
    assert not same_files("r.json", b"[1]", b'["1"]')
    assert not same_files("r.json", b"[1]", b"[true]")


def archive(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, member in members.items():
            file.writestr(zipfile.ZipInfo(name, (2020, 1, 1 + len(members), 0, 0, 0)), member)
    return content.getvalue()


def numpy_file(*numbers: float, descr: str = "<f4", shape: str = "") -> bytes:
    header = (
        f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape or len(numbers)},), }}"
    )
    header = header.ljust(117) + "\n"
    sort = {"4": "f", "8": "d"}[descr[-1]]
    body = struct.pack(f"{descr[0]}{len(numbers)}{sort}", *numbers)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body


def test_arrays_are_compared_by_their_numbers():
    for descr in ("<f4", "<f8", ">f4"):
        then = numpy_file(1.0, -2.5, descr=descr)
        assert same_files("w.npy", then, numpy_file(1.000001, -2.5, descr=descr))
        assert not same_files("w.npy", then, numpy_file(1.001, -2.5, descr=descr))
        assert not same_files("w.npy", then, numpy_file(1.0, descr=descr))
    assert not same_files("w.npy", numpy_file(1.0), numpy_file(1.0, descr="<f8"))


def test_archives_are_compared_by_their_members():
    then = archive(a=numpy_file(1.0), b=b"text")
    assert same_files("w.npz", then, archive(b=b"text", a=numpy_file(1.000001)))
    assert not same_files("w.npz", then, archive(b=b"text", a=numpy_file(1.1)))
    assert not same_files("w.npz", then, archive(a=numpy_file(1.0)))


def test_other_binary_files_are_compared_exactly():
    assert same_files("m.bin", b"\xff\x00", b"\xff\x00")
    assert not same_files("m.bin", b"\xff\x00", b"\xff\x01")


def test_what_differs_is_said():
    before = Outcome(0, "loss 0.5\n", {"a.txt": b"1", "b.txt": b"2", "c.txt": b"3"})
    after = Outcome(1, "loss 0.6\n", {"b.txt": b"2", "c.txt": b"4", "d.txt": b""})
    assert comparing.differences(before, after) == [
        "The exit status was 0, and is 1.",
        "Standard output differs: line 1 was 'loss 0.5', and is 'loss 0.6'",
        "The file a.txt is not written any more.",
        "The file c.txt differs.",
        "The file d.txt was not written before.",
    ]
    assert comparing.differences(before, before) == []


def test_of_pytest_the_tests_count_and_not_the_output():
    before = Outcome(0, "2 passed in 1s", tests={"t::a": "passes", "t::b": "passes"})
    after = Outcome(
        0, "1 passed in 3s", tests={"t::a": "fails", "t::c": "passes"}, failures={"t::a": "no"}
    )
    assert comparing.differences(before, after) == [
        "The test t::a passes before, and fails after: no",
        "The test t::b passes before, and not run after.",
        "The test t::c not run before, and passes after.",
    ]


REPORT = """<testsuites><testsuite>
<testcase classname="t" name="good"/>
<testcase classname="t" name="bad"><failure message="assert 1 == 2&#10; + x">no</failure></testcase>
<testcase classname="t" name="broken"><error message="fixture">text</error></testcase>
<testcase classname="t" name="out"><skipped message="why"/></testcase>
</testsuite></testsuites>"""


def test_the_report_of_pytest(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    assert comparing.tests(path) == (
        {"t::good": "passes", "t::bad": "fails", "t::broken": "fails", "t::out": "is skipped"},
        {"t::bad": "assert 1 == 2", "t::broken": "fixture"},
    )


def test_runs_that_show_nothing():
    assert Outcome(0, "").problem == ""
    assert Outcome(comparing.TIMED_OUT, "").problem == "it ran too long and was ended"
    failed = Outcome(1, "", errors="Traceback\nValueError: no\n")
    assert failed.problem == "it ends with status 1 (ValueError: no)"
    assert Outcome(5, "no tests ran", tests={}).problem == "no test passes (no tests ran)"
    assert Outcome(1, "", tests={"a": "passes", "b": "fails"}).problem == ""
