"""Warnings point at the user's line, once per place, and name the exact replacement."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import advice, deprecation, places

_AS_OF: Version | None = None
_TEMPLATE = "new.load({path}, mode={mode}[?, limit={limit}?])"


def _legacy(path, mode="r", limit=None):
    deprecation.warn_legacy(
        "tff.load",
        last_release=Version("0.9.0"),
        template=_TEMPLATE,
        arguments=locals(),
        signature=inspect.signature(_legacy),
        as_of=_AS_OF,
    )


class _Indexed:
    def __getitem__(self, path):
        return _legacy(path)


# The user's program is made of source text of its own, so that its frames are not this module's.
def _run(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list:
    monkeypatch.setattr(deprecation, "_calls", {})
    monkeypatch.setattr(deprecation, "_of_frames", {})
    # This module plays the library.
    monkeypatch.setitem(places.is_library_file, __file__, True)
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(source), encoding="utf-8")
    code = compile(program.read_text(encoding="utf-8"), str(program), "exec")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", deprecation.LegacyAPIWarning)
        exec(code, {"load": _legacy, "indexed": _Indexed(), "__name__": "program"})
    return caught


def test_an_error_stops_everybody_who_comes_to_the_place(tmp_path, monkeypatch):
    source = """
    import warnings
    def work():
        load("x.csv")
    def outcomes(action, times):
        warnings.simplefilter(action)
        for _ in range(times):
            try:
                work()
            except DeprecationWarning:
                yield "error"
            else:
                yield "done"
    assert list(outcomes("error", 3)) == ["error"] * 3
    assert list(outcomes("always", 3)) == ["done"] * 3
    """
    # The first to come when it is an error no more is told; then it is once per place again.
    assert len(_run(source, tmp_path, monkeypatch)) == 1
    (call,) = deprecation.calls()
    assert call.count == 6


def test_names_the_replacement_with_the_arguments_as_written(tmp_path, monkeypatch):
    caught = _run(
        """
        base = "x"
        load(base + ".csv", limit=10 * 2)
        """,
        tmp_path,
        monkeypatch,
    )
    (warning,) = caught
    assert warning.lineno == 3
    assert warning.filename == str(tmp_path / "program.py")
    assert warning.message.symbol == "tff.load"
    assert warning.message.release == "0.9.0"
    assert warning.message.code == "load(base + '.csv', limit=10 * 2)"
    assert warning.message.replacement == "new.load(base + '.csv', mode='r', limit=10 * 2)"


def test_a_fault_of_ours_in_reading_the_program_does_not_end_it(tmp_path, monkeypatch):
    def fails(*_):
        raise IndexError("none there")

    monkeypatch.setattr(advice, "advice", fails)
    monkeypatch.setattr(sys.modules[__name__], "_AS_OF", Version("0.9.0"))
    (warning,) = _run('load("x.csv")', tmp_path, monkeypatch)
    text = str(warning.message)
    assert "Write instead: new.load('x.csv', mode='r')" in text
    assert text.endswith(
        " (Reading the program failed: IndexError('none there'). Please report it to tff-compat.)"
    )
    warning = deprecation.LegacyAPIWarning("text")
    parts = warning.symbol, warning.release, warning.replacement, warning.code, warning.location
    assert parts == ("", "", "", "", ("", 0))


def test_leaves_out_what_was_not_given(tmp_path, monkeypatch):
    (warning,) = _run("load('a', 'w')", tmp_path, monkeypatch)
    assert warning.message.replacement == "new.load('a', mode='w')"


def test_finds_the_call_among_others_on_the_line(tmp_path, monkeypatch):
    if sys.version_info < (3, 11):
        pytest.skip("before Python 3.11 a frame knows its line only")
    caught = _run("pair = load('a'), load('b')", tmp_path, monkeypatch)
    found = [w.message.replacement for w in caught]
    assert found == ["new.load('a', mode='r')", "new.load('b', mode='r')"]


def test_warns_once_per_place_and_counts(tmp_path, monkeypatch):
    caught = _run(
        """
        for name in ["a", "b", "c"]:
            load(name)
        load("d")
        """,
        tmp_path,
        monkeypatch,
    )
    assert [w.lineno for w in caught] == [3, 4]
    seen = deprecation.calls()
    assert [(call.lineno, call.count) for call in seen] == [(3, 3), (4, 1)]
    # What was seen by then stays as it was.
    deprecation._calls.clear()
    assert len(seen) == 2


def test_calls_with_unpacked_arguments_show_names(tmp_path, monkeypatch):
    (warning,) = _run("load(*['a'])", tmp_path, monkeypatch)
    assert warning.message.replacement == "new.load('a', mode='r')"


def test_report_is_whole(tmp_path, monkeypatch):
    _run("load('a')", tmp_path, monkeypatch)
    target = tmp_path / "report.json"
    deprecation.write_report(target, as_of="0.9.0", installed="0.87.0")
    report = json.loads(target.read_text(encoding="utf-8"))
    assert report["as_of"] == "0.9.0"
    assert report["calls"][0]["symbol"] == "tff.load"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], "always"),
        (["-W", "error::tff_compat.LegacyAPIWarning"], "error"),
        (["-W", "ignore::tff_compat.LegacyAPIWarning"], "ignore"),
        (["-W", "ignore"], "always"),
    ],
)
def test_options_of_the_interpreter_are_kept(options, expected):
    source = (
        "import warnings; from tff_compat import deprecation as d; d.show_warnings();"
        "print([f[0] for f in warnings.filters if f[2] is d.LegacyAPIWarning][0])"
    )
    done = subprocess.run(
        [sys.executable, *options, "-c", source], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == expected


def test_show_warnings_leaves_the_users_filter_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", deprecation.LegacyAPIWarning)
        before = list(warnings.filters)
        deprecation.show_warnings()
        assert list(warnings.filters) == before


def test_only_a_call_with_one_of_the_keywords_is_legacy(tmp_path, monkeypatch):
    def only_limited(path, mode="r", limit=None):
        deprecation.warn_legacy(
            "tff.load",
            last_release=Version("0.9.0"),
            template="new.load({path})",
            arguments={"path": path},
            only_with_keywords=["limit"],
        )

    monkeypatch.setattr(sys.modules[__name__], "_legacy", only_limited)
    monkeypatch.setattr(deprecation, "_not_legacy", set())
    caught = _run(
        """
        for n in range(3):
            load("a", mode="r")
        load("a", limit=1)
        load("a", mode="r", limit=1)
        """,
        tmp_path,
        monkeypatch,
    )
    assert [w.lineno for w in caught] == [4, 5]
    assert [call.count for call in deprecation.calls()] == [1, 1]


def test_what_is_looked_at_often_is_counted_the_short_way(tmp_path, monkeypatch):
    monkeypatch.setattr(deprecation, "_raised", {})

    def look():
        if deprecation.count_again("tff.load"):
            found.append("counted")
        else:
            found.append("warned")
            _legacy("a")

    found: list[str] = []
    monkeypatch.setitem(globals(), "look", look)
    source = """
    import warnings
    for n in range(3):
        load()
    warnings.simplefilter("error")
    for n in range(2):
        try:
            load()
        except DeprecationWarning:
            pass
    """
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(source), encoding="utf-8")
    monkeypatch.setattr(deprecation, "_calls", {})
    monkeypatch.setattr(deprecation, "_of_frames", {})
    monkeypatch.setitem(places.is_library_file, __file__, True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", deprecation.LegacyAPIWarning)
        exec(
            compile(program.read_text(encoding="utf-8"), str(program), "exec"),
            {"load": look, "__name__": "program"},
        )
    # Where it is an error, each has to be told.
    assert found == ["warned", "counted", "counted", "warned", "warned"]
    assert len(caught) == 1
    assert [call.count for call in deprecation.calls()] == [3, 2]


def test_one_call_that_several_frames_execute_is_one_place(tmp_path, monkeypatch):
    caught = _run(
        """
        text = "load('a')\\n"
        for n in range(2):
            exec(compile(text, __file__ + ".other", "exec"))
        """.replace("__file__", repr(str(tmp_path / "program.py"))),
        tmp_path,
        monkeypatch,
    )
    assert len(caught) == 1
    (call,) = deprecation.calls()
    assert call.count == 2


def test_observers_are_told_of_new_places(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(deprecation, "observers", [lambda: told.append(len(deprecation.calls()))])
    _run("for n in range(3):\n    load('a')\nload('b')\n", tmp_path, monkeypatch)
    assert told == [1, 2]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        # Not the source of another call on the line.
        ("load.__call__('a', 'w', 3)", "new.load('a', mode='w', limit=3)"),
        ("load(**{'path': 'a'}, limit=4)", "new.load('a', mode='r', limit=4)"),
        ("load(*['a', 'w'])", "new.load('a', mode='w')"),
        ("load(*['a', 'w', 3])", "new.load('a', mode='w', limit=3)"),
        ("load(b'a', limit=2.5)", "new.load(b'a', mode='r', limit=2.5)"),
    ],
)
def test_the_replacement_has_what_was_given(call, expected, tmp_path, monkeypatch):
    (warning,) = _run(call, tmp_path, monkeypatch)
    assert warning.message.replacement == expected


def test_what_cannot_be_written_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "_TEMPLATE", "new.load({other})")
    (warning,) = _run("load('a')", tmp_path, monkeypatch)
    assert warning.message.replacement == ""
    text = str(warning.message)
    assert text.startswith("tff.load as used here was last in TFF 0.9.0. ")
    assert "`other`" in text and "Write instead" not in text


def test_the_note_follows_the_code(tmp_path, monkeypatch):
    def noted(path):
        deprecation.warn_legacy(
            "tff.load",
            last_release=Version("0.9.0"),
            template="new.load({path})",
            note="look at it",
            arguments=locals(),
        )

    monkeypatch.setattr(sys.modules[__name__], "_legacy", noted)
    (warning,) = _run("load('a')", tmp_path, monkeypatch)
    assert str(warning.message) == (
        "tff.load as used here was last in TFF 0.9.0. Write instead: new.load('a') (look at it)"
    )
    assert warning.message.location == (str(tmp_path / "program.py"), 1)


def test_what_check_finds_is_the_advice(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "_AS_OF", Version("0.13.1"))
    asked = []

    class Found:
        message, last_release, replacement = "the message", "0.8.0", "the.code()"

    def advise(place, call, symbol, as_of):
        asked.append((place.lineno, call.lineno, symbol, str(as_of)))
        return Found

    monkeypatch.setattr(advice, "advice", advise)
    (warning,) = _run("load('a')", tmp_path, monkeypatch)
    assert asked == [(1, 1, "tff.load", "0.13.1")]
    message = warning.message
    assert (str(message), message.release, message.replacement) == (
        "the message", "0.8.0", "the.code()",
    )  # fmt: skip
    Found.last_release = ""
    (warning,) = _run("load('a')", tmp_path, monkeypatch)
    assert warning.message.release == "0.9.0"


def test_methods_have_their_object(tmp_path, monkeypatch):
    class Data:
        def load(self, path):
            deprecation.warn_legacy(
                "tff.Data.load",
                last_release=Version("0.9.0"),
                template="new.load({self}[?, {path}?])",
                arguments={"path": path},
                signature=SIGNATURES.pop(),
            )

    SIGNATURES = [inspect.Signature.from_callable(lambda path: 0), None]
    monkeypatch.setattr(sys.modules[__name__], "_legacy", Data)
    caught = _run("data = load()\ndata.load('a')\ndata.load('a')\n", tmp_path, monkeypatch)
    assert [w.message.replacement for w in caught] == ["new.load(data, 'a')"] * 2


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ("for n in range(2):\n    x = load('a')\n", [(2, 8)] * 2),
        # Where nothing is called by that name the line is all that is known.
        ("x = 1\ny = indexed['a']\n", [(2, 0)]),
    ],
)
def test_a_run_that_is_traced_records_every_call(source, places, tmp_path, monkeypatch):
    recorded = []

    class Recorder:
        @staticmethod
        def active():
            return Recorder

        @staticmethod
        def legacy_call(symbol, filename, line, column, arguments):
            recorded.append((symbol, filename, line, column, arguments["path"]))

    monkeypatch.setitem(sys.modules, "tff_compat.tracing.recorder", Recorder)
    _run(source, tmp_path, monkeypatch)
    program = str(tmp_path / "program.py")
    assert recorded == [("tff.load", program, *place, "a") for place in places]
