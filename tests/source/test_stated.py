"""A program's own tests of the version, and its prose, tell its release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import catalog
from tff_compat.source import stated
from tff_compat.source.reading import Source, read

_NEWEST = str(catalog.PRIMARY)
_IMPORT = "import tensorflow_federated as tff\n"


def _read(tmp_path: Path, text: str) -> Source:
    path = tmp_path / "main.py"
    path.write_text(text, encoding="utf-8")
    return read(path)


def _fitting(tmp_path: Path, text: str) -> str | None:
    """The releases that pass the tests of a program; None where it has none."""
    tests = list(stated.version_tests(_read(tmp_path, text).parts))
    known = catalog.load()
    if not tests:
        return None
    return known.runs(r for r in known.releases if all(test.fits(r) for test in tests))


class TestVersionTests:
    @pytest.mark.parametrize(
        ("test", "releases"),
        [
            ("tff.__version__ == '0.17.0'", "0.17.0"),
            ("tff.__version__ == '0.17'", "0.17.0"),
            ("'0.17.0' == tff.__version__", "0.17.0"),
            ("tff.__version__ != '0.1.0'", f"0.2.0–{_NEWEST}"),
            ("tff.__version__ < '0.3'", "0.1.0–0.2.0"),
            ("tff.__version__ <= '0.3.0'", "0.1.0–0.3.0"),
            ("tff.__version__ > '0.85.0'", f"0.86.0–{_NEWEST}"),
            ("tff.__version__ >= '0.85.0'", f"0.85.0–{_NEWEST}"),
            ("tff.__version__ >= '0.85'", f"0.85.0–{_NEWEST}"),
            ("tff.__version__ > (0,)", f"0.1.0–{_NEWEST}"),
            ("tff.__version__ < (1,)", f"0.1.0–{_NEWEST}"),
            ("'0.3' > tff.__version__", "0.1.0–0.2.0"),
            ("'0.3.0' >= tff.__version__", "0.1.0–0.3.0"),
            ("'0.85.0' < tff.__version__", f"0.86.0–{_NEWEST}"),
            ("'0.85.0' <= tff.__version__", f"0.85.0–{_NEWEST}"),
            ("'0.1' != tff.__version__", f"0.2.0–{_NEWEST}"),
            ("version.parse(tff.__version__) >= version.parse('0.85')", f"0.85.0–{_NEWEST}"),
            ("LooseVersion(tff.__version__) < LooseVersion('0.3')", "0.1.0–0.2.0"),
            ("tff.__version__.startswith('0.16')", "0.16.0–0.16.1"),
            ("tff.__version__[:4] == '0.16'", "0.16.0–0.16.1"),
            ("tff.__version__.split('.')[:2] == ['0', '16']", "0.16.0–0.16.1"),
            ("tuple(map(int, tff.__version__.split('.')[:2])) >= (0, 86)", f"0.86.0–{_NEWEST}"),
            ("tff.__version__ in ('0.16.0', '0.17.0')", "0.16.0, 0.17.0"),
            ("tff.__version__ not in ['0.1.0', '0.2.0']", f"0.3.0–{_NEWEST}"),
            ("tff.__version__ >= '0.85.0' and tff.__version__ < '0.87'", "0.85.0–0.86.0"),
            ("not tff.__version__ < '0.86'", f"0.86.0–{_NEWEST}"),
            ("not (tff.__version__ < '0.2' or tff.__version__ >= '0.4')", "0.2.0–0.3.0"),
            ("tensorflow_federated.__version__ == '0.17.0'", "0.17.0"),
            (
                "pkg_resources.get_distribution('tensorflow_federated').version == '0.17.0'",
                "0.17.0",
            ),
            ("metadata.version('tensorflow-federated') == '0.17.0'", "0.17.0"),
        ],
    )
    def test_that_a_program_asserts(self, tmp_path, test, releases):
        assert _fitting(tmp_path, f"{_IMPORT}assert {test}, 'no'\n") == releases

    @pytest.mark.parametrize(
        "body",
        ["raise ValueError('x')", "print('x')\n    sys.exit(1)", "exit()", "quit()", "os._exit(1)"],
    )
    def test_that_stop_it(self, tmp_path, body):
        text = f"{_IMPORT}if tff.__version__ != '0.17.0':\n    {body}\n"
        assert _fitting(tmp_path, text) == "0.17.0"
        text = f"{_IMPORT}if tff.__version__ < '0.2' or tff.__version__ > '0.3':\n    {body}\n"
        assert _fitting(tmp_path, text) == "0.2.0–0.3.0"

    @pytest.mark.parametrize(
        "text",
        [
            "if tff.__version__ < '0.17':\n    f()\n",
            "if tff.__version__ < '0.17':\n    raise X\nelse:\n    f()\n",
            "if tff.__version__ < '0.17':\n    raise_it()\n",
            "assert tff.__version__ > '0.17' or x\n",
            "if tff.__version__ < '0.17' and x:\n    raise X\n",
            "assert tf.__version__ == '0.17'\n",
            "assert tff.__version__\n",
            "assert tff.__version__ == expected\n",
            "assert tff.__version__ == 'x'\n",
            "assert tff.__version__ == tff.y == '0.17'\n",
            "assert tff.__version__ is '0.17'\n",
            "assert tff.__version__ == (a, b)\n",
            "assert tff.__version__ == ()\n",
            "assert tff.__version__.startswith(x)\n",
            "assert tff.__version__.endswith('0')\n",
            "assert tff.__version__ in x\n",
            "assert x < '0.17'\n",
            "assert tff.__version__ and '0.17' > x\n",
            "assert x in tff.__version__\n",
            "print(tff.__version__ == '0.17')\n",
        ],
    )
    def test_that_say_nothing(self, tmp_path, text):
        assert _fitting(tmp_path, _IMPORT + text) is None

    @pytest.mark.parametrize(
        "text",
        [
            "import tensorflow_federated as fed\nassert fed.__version__ == '0.17.0'",
            "from tensorflow_federated import __version__\nassert __version__ == '0.17.0'",
            "from tensorflow_federated import __version__ as v\nassert v == '0.17.0'",
            "import tensorflow_federated as tff\nv = tff.__version__\nassert v == '0.17.0'",
        ],
    )
    def test_other_names(self, tmp_path, text):
        assert _fitting(tmp_path, text) == "0.17.0"

    def test_the_package_of_an_earlier_cell(self, tmp_path):
        assert _fitting(tmp_path, "assert tff.__version__ == '0.17.0'") == "0.17.0"

    def test_names_that_only_contain_it(self, tmp_path):
        text = "import tensorflow_federated as t\nassert not_t.__version__ == '0.17.0'"
        assert _fitting(tmp_path, text) is None

    def test_places(self, tmp_path):
        source = _read(tmp_path, f"{_IMPORT}assert tff.__version__ == '0.17.0'\n")
        (test,) = stated.version_tests(source.parts)
        assert (str(test.place), test.text) == ("line 2", "tff.__version__ == '0.17.0'")


def _mentioned(source: Source, *readmes: Path) -> list[tuple[str, str, bool]]:
    found = stated.mentions(source, readmes)
    return [(mention.place, str(mention.version), mention.or_later) for mention in found]


class TestMentions:
    @pytest.mark.parametrize(
        "text",
        [
            '"""Written for TFF 0.16.1."""',
            '"""Tested with TensorFlow Federated 0.16.1 on Linux."""',
            '"""TensorFlow Federated (TFF) version 0.16.1."""',
            '"""tensorflow_federated==0.16.1"""',
            '"""tensorflow-federated v0.16.1"""',
            '"""TFF release: 0.16.1"""',
            "# needs TFF 0.16.1\n",
            "x = 1  # TFF `0.16.1`\n",
            "def f():\n    '''For TFF 0.16.1.'''\n",
            '"""For TFF 0.16.1."""\n# TFF 0.16.1\n',
        ],
    )
    def test_one_release(self, tmp_path, text):
        ((place, version, later),) = _mentioned(_read(tmp_path, text))
        assert (version, later) == ("0.16.1", False)
        assert place.startswith("line ")

    @pytest.mark.parametrize(
        "text",
        ["TFF 0.16 or later", "TFF 0.16+", "TFF >= 0.16", "TFF 0.16 and above", "TFF>=0.16"],
    )
    def test_or_later(self, tmp_path, text):
        assert _mentioned(_read(tmp_path, f'"""Needs {text}."""')) == [("line 1", "0.16", True)]

    @pytest.mark.parametrize(
        "text",
        [
            '"""Uses TFF."""',
            '"""Version 0.16.1."""',
            '"""Removed in TFF 0.16.1."""',
            '"""Since TFF 0.16 this is so."""',
            '"""Not for TFF 0.16.1."""',
            '"""Needs TFF < 0.16."""',
            '"""Needs TFF > 0.16."""',
            '"""For TFF 0.16.1."""\n# TFF 0.17.0\n',
            '"""For TFF 0.16 or later."""\n# TFF 0.16\n',
            "x = 'TFF 0.16.1'",
            "x = tff - 0.16",
            '"""MYTFF 0.16.1"""',
        ],
    )
    def test_none(self, tmp_path, text):
        assert _mentioned(_read(tmp_path, text)) == []

    @pytest.mark.parametrize(
        "text",
        [
            '"""Training as of 0.16.1."""',
            '"""Training as of 0.16.1\n\nwith a model."""',
            '"""A model of a user, as of\nversion 0.16.1: it trains."""',
            '"""Uses TFF (as of `v0.16.1`)."""',
            "# As of release 0.16.1\n",
        ],
    )
    def test_of_what_is_not_said(self, tmp_path, text):
        program = f"{text}\nimport numpy as np\nimport tensorflow_federated as tff\n"
        ((_, version, later),) = _mentioned(_read(tmp_path, program))
        assert (version, later) == ("0.16.1", False)
        # Of what is known where the program uses TFF alone.
        assert _mentioned(_read(tmp_path, f"{text}\nimport numpy as np\n")) == []

    @pytest.mark.parametrize(
        "text",
        [
            '"""Training as of 0.16.1 of a library."""',
            '"""As of 0.16.1, weights are lists."""',
            '"""With NumPy as of 0.16.1."""',
            '"""What np did as of 0.16."""',
            '"""Not as of 0.16.1."""',
            '"""As of 0.16.1.\n\nIn part as of 0.17."""',
            '"""As of 1.16."""',
            "x = 'as of 0.16.1'",
        ],
    )
    def test_of_something_else(self, tmp_path, text):
        program = f"{text}\nimport numpy as np\nimport tensorflow_federated as tff\n"
        assert _mentioned(_read(tmp_path, program)) == []

    def test_how_it_is_shown(self, tmp_path):
        (found,) = stated.mentions(_read(tmp_path, 'x\n"""Written\nfor TFF  0.16.1 only."""'))
        assert (found.place, found.text) == ("line 2", "TFF 0.16.1")
        (found,) = stated.mentions(_read(tmp_path, "x\n\ny # TFF 0.9"))
        assert (found.place, found.version) == ("line 3", Version("0.9"))

    def test_in_a_notebook(self, tmp_path):
        cells = [
            {"cell_type": "code", "source": "x"},
            {"cell_type": "markdown", "source": "TFF 0.9"},
        ]
        (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
        assert _mentioned(read(tmp_path / "a.ipynb")) == [("text cell 1", "0.9", False)]

    def test_in_readmes(self, tmp_path):
        one, two, three = (tmp_path / name for name in ("README.md", "README", "README.rst"))
        one.write_text("For TFF 0.9.")
        two.write_text("For TFF 0.9. For TFF 0.10.")
        three.write_bytes(b"TFF 0.11 \xff")
        source = _read(tmp_path, '"""For TFF 0.12."""')
        assert _mentioned(source, one, two, three, tmp_path / "none") == [
            ("line 1", "0.12", False),
            ("README.md", "0.9", False),
        ]
