"""How the tool reads a package, tried on small ones written for the purpose."""

from __future__ import annotations

import ast
import importlib.util
import json
import textwrap
from pathlib import Path

import pytest
from packaging.version import Version

TOOL = Path(__file__).parents[2] / "tools" / "build_catalog.py"


@pytest.fixture(scope="module")
def tool():
    import sys

    spec = importlib.util.spec_from_file_location("build_catalog", TOOL)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # Dataclasses look their module up there.
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def read(tool, tmp_path):
    def read(**files: str) -> dict:
        for name, text in files.items():
            path = tmp_path / "tensorflow_federated" / (name.replace("__", "/") + ".py")
            path = path.with_name("__init__.py") if path.name == "init.py" else path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return tool.Reader(tool.Source(tmp_path)).read_public()

    return read


def test_follows_reexports(read):
    facts = read(
        init="""
            import sys
            from tensorflow_federated.python import learning
            from tensorflow_federated.python.core import run as execute
            if sys.version_info[0] < 3:
              raise Exception()
            del python
        """,
        python__init="",
        python__learning__init="""
            from tensorflow_federated.python.learning import framework
            from tensorflow_federated.python.learning.models import Model
        """,
        python__learning__framework__init="from typing import Any",
        python__learning__models="""
            import abc, six
            @six.add_metaclass(abc.ABCMeta)
            class Model(object):
              def __init__(self, a, b=u'x'): pass
              @abc.abstractproperty
              def spec(self): pass
              @abc.abstractmethod
              def call(self, x): pass
              def _private(self): pass
        """,
        python__core="async def run(fn, *, seed=None): pass",
    )
    assert set(facts) == {
        "tff",
        "tff.execute",
        "tff.learning",
        "tff.learning.framework",
        "tff.learning.Model",
        "tff.learning.Model.spec",
        "tff.learning.Model.call",
    }
    assert facts["tff.execute"].signature == "(fn, *, seed=None)"
    assert facts["tff.learning.Model"].signature == "(a, b='x')"
    assert facts["tff.learning.Model.spec"].kind == "abstract property"
    assert facts["tff.learning.Model.call"].signature == "(x)"


def test_star_imports_of_plain_modules_bring_no_imports(read):
    facts = read(
        init="from tensorflow_federated.python import *",
        python__init="from tensorflow_federated.python.types import *",
        python__types="""
            import six
            from tensorflow_federated.python import helpers
            CONSTANT = 1
            _HIDDEN = 2
        """,
        python__helpers="def helper(): pass",
    )
    assert set(facts) == {"tff", "tff.CONSTANT"}


def test_plain_modules_offer_only_what_they_define(read):
    facts = read(
        init="from tensorflow_federated.python import tracing as profiler",
        python__tracing="""
            from tensorflow_federated.python.other import thing
            def span(name): pass
        """,
        python__other="def thing(): pass",
    )
    assert set(facts) == {"tff", "tff.profiler", "tff.profiler.span"}


@pytest.mark.parametrize(
    ("source", "signature"),
    [
        ("class X: pass", "()"),
        ("class X(Exception): pass", None),
        ("class X:\n  def __new__(cls, a): pass", "(a)"),
        ("X = collections.namedtuple('X', 'a b')", "(a, b)"),
        ("X = collections.namedtuple('X', ['a', 'b'], defaults=[None])", "(a, b=None)"),
        ("class X(collections.namedtuple('X', ['a'])): pass", "(a)"),
        ("class X(typing.NamedTuple):\n  a: int\n  b: int = 1", "(a, b=1)"),
        ("@attr.s\nclass X:\n  a = attr.ib()\n  _b = attr.ib(default=0)", "(a, b=0)"),
        ("@attr.s\nclass X:\n  a = attr.ib(factory=list)", "(a=Factory(list))"),
        ("@attr.s\nclass X:\n  a = attr.ib(init=False)\n  b = attr.ib()", "(b)"),
        ("@attrs.define\nclass X:\n  a: int\n  b: int = 2", "(a, b=2)"),
        ("@attrs.define(kw_only=True)\nclass X:\n  a: int", "(*, a)"),
        ("@dataclasses.dataclass(frozen=True)\nclass X:\n  a: int = 1", "(a=1)"),
        ("@attr.s\nclass B:\n  a = attr.ib()\n@attr.s\nclass X(B):\n  b = attr.ib()", "(a, b)"),
        ("class B:\n  def __init__(self, a): pass\nclass X(B): pass", "(a)"),
        ("X = lambda a, b=1: a", "(a, b=1)"),
        ("class W:\n  def __call__(self, *args): pass\nX = W()", "(*args)"),
        ("X = 3", None),
    ],
)
def test_signatures(read, source, signature):
    imports = "import attr, attrs, collections, dataclasses, typing\n"
    facts = read(
        init="from tensorflow_federated.python.module import X",
        python__module=imports + source,
    )
    assert facts["tff.X"].signature == signature


def test_members_of_classes(read):
    facts = read(
        init="from tensorflow_federated.python.module import X",
        python__module="""
            class Base:
              def inherited(self, a): pass
              def replaced(self, a): pass
            class X(Base):
              LIMIT = 3
              def __init__(self): self.attribute = 1
              def __add__(self, other): pass
              def __repr__(self): pass
              def replaced(self, b): pass
              @staticmethod
              def static(a): pass
              @classmethod
              def made(cls, a): pass
              @property
              def value(self): pass
              @value.setter
              def value(self, new): pass
        """,
    )
    members = {path[len("tff.X.") :]: fact for path, fact in facts.items() if path > "tff.X."}
    assert {name: fact.kind for name, fact in members.items()} == {
        "LIMIT": "constant",
        "__add__": "method",
        "inherited": "method",
        "made": "classmethod",
        "replaced": "method",
        "static": "staticmethod",
        "value": "property",
    }
    assert members["replaced"].signature == "(b)"
    assert members["static"].signature == members["made"].signature == "(a)"


def test_merge_writes_ranges_over_published_releases(tool):
    old, new = tool.Fact("function", "(a)"), tool.Fact("function", "(b)")
    rows = tool.merge(
        [
            (Version("0.1.0"), {"tff.f": old}),
            (Version("0.2.0"), {"tff.f": old}),
            (Version("0.3.0"), {}),
            (Version("0.4.0"), {"tff.f": new}),
            (Version("0.5.0"), {"tff.f": old}),
        ]
    )
    assert rows == {
        "tff.f": [["0.1.0-0.2.0,0.5.0", "function", "(a)"], ["0.4.0", "function", "(b)"]]
    }


@pytest.mark.parametrize(
    ("source", "drop_first", "text"),
    [
        ("def f(a: int, b: str = \"x\", *c, d, e=(1,2), **g): pass", False,
         "(a, b='x', *c, d, e=(1, 2), **g)"),
        ("def f(self, a, *, b=None): pass", True, "(a, *, b=None)"),
        ("def f(self, /, a): pass", True, "(a)"),
        ("def f(*args): pass", True, "(*args)"),
    ],
)  # fmt: skip
def test_signature_text(tool, source, drop_first, text):
    assert tool.signature_text(ast.parse(source).body[0].args, drop_first) == text


@pytest.fixture
def cache(tmp_path):
    """Two releases of a small package, unpacked as the tool keeps them."""
    files = {
        "__init__.py": "from tensorflow_federated.python import learning\n",
        "python/__init__.py": "",
        "python/learning/__init__.py": (
            "from tensorflow_federated.python.learning.keras_utils import from_keras_model\n"
        ),
        "python/learning/keras_utils.py": (
            "import six\n\ndef from_keras_model(a{more}): pass\n\ndef helper(): pass\n"
        ),
        "python/learning/never_imported.py": "def other(): pass\n",
    }
    for release, more in (("0.2.0", ", b=1"), ("0.10.0", "")):
        for name, text in files.items():
            path = tmp_path / "cache" / release / "tensorflow_federated" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{more}", more))
    return tmp_path / "cache"


def _build(tool, cache, output, monkeypatch):
    output.mkdir()
    monkeypatch.setattr(
        "sys.argv", ["build_catalog", str(cache), "--offline", "--output", str(output)]
    )
    tool.main()
    return {path.name: path.read_bytes() for path in output.iterdir()}


def test_the_same_sources_give_the_same_bytes(tool, cache, tmp_path, monkeypatch):
    first = _build(tool, cache, tmp_path / "first", monkeypatch)
    assert first == _build(tool, cache, tmp_path / "second", monkeypatch)
    assert set(first) == {"public.json", "internal.json"}


def test_internal_symbols_are_kept_apart_by_module(tool, cache, tmp_path, monkeypatch):
    files = _build(tool, cache, tmp_path / "output", monkeypatch)
    data = json.loads(files["internal.json"])
    assert data["releases"] == ["0.2.0", "0.10.0"]
    assert data["modules"]["learning"][""] == [["0.2.0-0.10.0", "module", None, "tff."]]
    assert data["modules"]["learning.keras_utils"] == {
        "": [["0.2.0-0.10.0", "module"]],
        "from_keras_model": [
            ["0.2.0", "function", "(a, b=1)", "tff.learning."],
            ["0.10.0", "function", "(a)", "tff.learning."],
        ],
        "helper": [["0.2.0-0.10.0", "function", "()"]],
    }
    assert data["modules"]["learning.never_imported"][""] == [["0.2.0-0.10.0", "unloaded module"]]
    assert json.loads(files["public.json"])["symbols"].keys() == {
        "tff",
        "tff.learning",
        "tff.learning.from_keras_model",
    }
