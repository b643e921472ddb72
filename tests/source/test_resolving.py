"""What the expressions of a program may be, without running it."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat.source import documents, resolving
from tff_compat.source.resolving import Resolution, Resolver
from tff_compat.source.values import Class, Container, Function, Instance, Object, Symbol, Value

IMPORTS = "import collections\nimport functools\nimport tensorflow_federated as tff\n"


def resolved(text: str, folder: Path = Path(), release: str = "0.13.1") -> Resolution:
    document = documents.document(folder / "program.py", text.encode())
    resolver = Resolver(Version(release), [folder])
    resolver.document(document)
    return resolver.result


def shown(value: Value) -> str:
    if isinstance(value, Symbol):
        return value.path
    if isinstance(value, Instance):
        return f"<{value.role}>"
    if isinstance(value, Function):
        return f"{value.name}()"
    if isinstance(value, Class):
        return value.node.name
    if isinstance(value, Object):
        return f"<{value.cls.node.name}>"
    if isinstance(value, Container):
        return value.kind
    return type(value).__name__


def of(text: str, folder: Path = Path(), release: str = "0.13.1") -> str:
    """What the argument of the program's last call of `it` may be."""
    result = resolved(IMPORTS + textwrap.dedent(text), folder, release)
    (*_, node) = (
        node.args[0]
        for node in result.seen
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "it"
    )
    return " ".join(sorted(shown(value) for value in result.values(node)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it(tff.CLIENTS)", "tff.CLIENTS"),
        ("it(unknown)", ""),
        ("x = tff.CLIENTS\nit(x)", "tff.CLIENTS"),
        ("x = y = tff.CLIENTS\nit(x)", "tff.CLIENTS"),
        ("x: object = tff.CLIENTS\nit(x)", "tff.CLIENTS"),
        ("x = tff.CLIENTS\nx = tff.SERVER\nit(x)", "tff.SERVER"),
        ("x = tff.CLIENTS\nif c:\n    x = tff.SERVER\nit(x)", "tff.CLIENTS tff.SERVER"),
        ("x, y = tff.CLIENTS, tff.SERVER\nit(y)", "tff.SERVER"),
        ("[x, y] = [tff.CLIENTS, tff.SERVER]\nit(x)", "tff.CLIENTS"),
        ("x, *y = tff.CLIENTS, tff.SERVER\nit(x)", "tff.CLIENTS tff.SERVER"),
        ("(x := tff.CLIENTS)\nit(x)", "tff.CLIENTS"),
        ("def f():\n    global x\n    x = tff.CLIENTS\nf()\nit(x)", "tff.CLIENTS"),
        ("x = tff.CLIENTS\nx += tff.SERVER\nit(x)", "tff.CLIENTS tff.SERVER"),
        ("while c:\n    x = tff.CLIENTS\nelse:\n    y = tff.SERVER\nit(y)", "tff.SERVER"),
        ("for i in a:\n    x = tff.CLIENTS\nelse:\n    y = tff.SERVER\nit(y)", "tff.SERVER"),
        ("while c:\n    it(x)\n    x = tff.CLIENTS", "tff.CLIENTS"),
    ],
)
def test_names(text: str, expected: str) -> None:
    assert of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it([tff.CLIENTS][0])", "tff.CLIENTS"),
        ("it([tff.CLIENTS, tff.SERVER][1])", "tff.SERVER"),
        # Which one is not known: any.
        ("it([tff.CLIENTS, tff.SERVER][i])", "tff.CLIENTS tff.SERVER"),
        ("it([tff.CLIENTS, tff.SERVER][7])", "tff.CLIENTS tff.SERVER"),
        ("x[it(tff.CLIENTS):2]", "tff.CLIENTS"),
        ("x[1::it(tff.CLIENTS)]", "tff.CLIENTS"),
        ("it({'a': tff.CLIENTS, 'b': tff.SERVER}['b'])", "tff.SERVER"),
        ("it({'a': tff.CLIENTS}['c'])", ""),
        ("it(dict(a=tff.CLIENTS)['a'])", "tff.CLIENTS"),
        ("it({'a': tff.CLIENTS}.get('a'))", "tff.CLIENTS"),
        ("it({'a': tff.CLIENTS}.get('b', tff.SERVER))", "tff.SERVER"),
        ("it({'a': tff.CLIENTS}.get(k))", "tff.CLIENTS"),
        ("it({'a': tff.CLIENTS}.pop('a'))", "tff.CLIENTS"),
        ("it({'a': tff.CLIENTS}.copy()['a'])", "tff.CLIENTS"),
        ("for x in [tff.CLIENTS, tff.SERVER]:\n    it(x)", "tff.CLIENTS tff.SERVER"),
        ("for x in {'a': tff.CLIENTS}.values():\n    it(x)", "tff.CLIENTS"),
        ("for k, x in {'a': tff.CLIENTS}.items():\n    it(x)", "tff.CLIENTS"),
        ("d = {}\nd['a'] = tff.CLIENTS\nit(d['a'])", "tff.CLIENTS"),
        ("x = []\nx.append(tff.CLIENTS)\nit(x[0])", "tff.CLIENTS"),
        ("x = []\nx.extend([tff.CLIENTS])\nit(x[0])", "tff.CLIENTS"),
        ("it(list([tff.CLIENTS])[0])", "tff.CLIENTS"),
        ("it(dict({'a': tff.CLIENTS, 'b': tff.SERVER}.items())['b'])", "tff.SERVER"),
        ("it(collections.OrderedDict([[tff.CLIENTS]]))", "dict"),
        ("it(sorted([tff.CLIENTS])[0])", "tff.CLIENTS"),
        ("it(next(iter([tff.CLIENTS])))", "tff.CLIENTS"),
        ("for i, x in enumerate([tff.CLIENTS]):\n    it(x)", "tff.CLIENTS"),
        ("for y, x in zip([1], [tff.CLIENTS]):\n    it(x)", "tff.CLIENTS"),
        ("it([x for x in [tff.CLIENTS]][0])", "tff.CLIENTS"),
        ("it({k: tff.CLIENTS for k in a}['x'])", "tff.CLIENTS"),
        ("for x in (tff.CLIENTS for _ in a):\n    it(x)", "tff.CLIENTS"),
        ("for x in map(lambda y: tff.CLIENTS, a):\n    it(x)", "tff.CLIENTS"),
        ("for x in map(lambda y: y, [tff.CLIENTS]):\n    it(x)", "tff.CLIENTS"),
        ("it(zip([1], [2]))", "list"),
        ("x = collections.OrderedDict([('a', tff.CLIENTS)])\nit(x['a'])", "tff.CLIENTS"),
        ("x = collections.OrderedDict(a=tff.CLIENTS)\nit(x['a'])", "tff.CLIENTS"),
        ("for x in range(3):\n    it(range(3))", "<builtins.range>"),
    ],
)
def test_containers(text: str, expected: str) -> None:
    assert of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f():\n    return tff.CLIENTS\nit(f())", "tff.CLIENTS"),
        ("def f(x):\n    return x\nit(f(tff.CLIENTS))", "tff.CLIENTS"),
        ("def f(x):\n    return x\nit(f(x=tff.CLIENTS))", "tff.CLIENTS"),
        ("def f(x=tff.CLIENTS):\n    return x\nit(f())", "tff.CLIENTS"),
        ("def f(*, x=tff.CLIENTS):\n    return x\nit(f())", "tff.CLIENTS"),
        ("def f(*x):\n    return x[1]\nit(f(1, tff.CLIENTS))", "tff.CLIENTS"),
        ("def f(**x):\n    return x['a']\nit(f(a=tff.CLIENTS))", "tff.CLIENTS"),
        ("def f(x, y):\n    return y\nit(f(*[1, tff.CLIENTS]))", "tff.CLIENTS"),
        ("def f(x, y):\n    return y\nit(f(1, **{'y': tff.CLIENTS}))", "tff.CLIENTS"),
        ("def f(x, /, y):\n    return x\nit(f(tff.CLIENTS, 1))", "tff.CLIENTS"),
        ("it((lambda x: x)(tff.CLIENTS))", "tff.CLIENTS"),
        ("def f():\n    yield tff.CLIENTS\nfor x in f():\n    it(x)", "tff.CLIENTS"),
        ("def f(tff):\n    it(tff.CLIENTS)", ""),
        ("x = tff.CLIENTS\ndef f():\n    it(x)", "tff.CLIENTS"),
        ("def f(x):\n  def g():\n    return x\n  return g\nit(f(tff)().SERVER)", "tff.SERVER"),
        # Recursion ends.
        ("def f(x):\n    return f(x) if c else tff.CLIENTS\nit(f(1))", "tff.CLIENTS"),
    ],
)  # fmt: skip
def test_functions(text: str, expected: str) -> None:
    assert of(text) == expected


C = "class C:\n    a = tff.CLIENTS\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{C}it(C)", "C"),
        (f"{C}it(C())", "<C>"),
        (f"{C}it(C.a)", "tff.CLIENTS"),
        (f"{C}it(C().a)", "tff.CLIENTS"),
        (f"{C}class D(C): ...\nit(D().a)", "tff.CLIENTS"),
        (f"{C}class D(C):\n    a = tff.SERVER\nit(D().a)", "tff.SERVER"),
        (f"{C}    def f(self):\n        return self.a\nit(C().f())", "tff.CLIENTS"),
        (f"{C}    @classmethod\n    def f(cls):\n        return cls\nit(C.f())", "C"),
        (f"{C}    @classmethod\n    def f(cls):\n        return cls\nit(C().f())", "C"),
        (f"{C}    def f(self):\n        return self\nit(C().f())", "<C>"),
        (f"{C}    @staticmethod\n    def f(x):\n        return x\nit(C.f(C))", "C"),
        (
            "class C:\n    def __init__(self, x):\n        self.x = x\nit(C(tff.CLIENTS).x)",
            "tff.CLIENTS",
        ),
        # What is assigned where objects are made is known before anything else of them.
        (
            "class C:\n    def f(self):\n        it(self.x)\n"
            "    def __init__(self):\n        self.x = tff.CLIENTS",
            "tff.CLIENTS",
        ),
        ("class C:\n    pass\nc = C()\nc.x = tff.CLIENTS\nit(c.x)", "tff.CLIENTS"),
        ("class C:\n    def __call__(self):\n        return tff.CLIENTS\nit(C()())", "tff.CLIENTS"),
        (
            "T = collections.namedtuple('T', ['a', 'b'])\nit(T(1, tff.CLIENTS).b)",
            "tff.CLIENTS",
        ),
        ("T = collections.namedtuple('T', 'a b')\nit(T(1, tff.CLIENTS).b)", "tff.CLIENTS"),
        ("T = collections.namedtuple('T', 'a, b')\nit(T(1, tff.CLIENTS)[1])", "tff.CLIENTS"),
        ("T = collections.namedtuple('T', ['a', 'b'])\nit(T(b=tff.CLIENTS, a=1).b)", "tff.CLIENTS"),
    ],
)  # fmt: skip
def test_classes(text: str, expected: str) -> None:
    assert of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it(tff.tf_computation(lambda: 1))", "<computation>"),
        ("@tff.tf_computation\ndef f(): ...\nit(f)", "<computation>"),
        ("@tff.tf_computation()\ndef f(): ...\nit(f)", "<computation>"),
        ("f = tff.tf_computation(lambda: 1)\nit(tff.federated_computation(f))", "<computation>"),
        ("it(getattr(tff, 'CLIENTS'))", "tff.CLIENTS"),
        ("it(getattr(tff, name))", ""),
        ("it(functools.partial(tff.federated_map))", "Partial"),
        ("def f(x, y):\n    it(x)\nfunctools.partial(f, tff.CLIENTS)", "tff.CLIENTS"),
        ("def f(x, y):\n    it(y)\nfunctools.partial(f, y=tff.CLIENTS)", "tff.CLIENTS"),
    ],
)
def test_what_calls_of_tff_give(text: str, expected: str) -> None:
    assert of(text) == expected


@pytest.mark.parametrize(
    ("release", "path", "expected"),
    [
        ("0.13.1", "tensorflow_federated", ("tff", False)),
        ("0.13.1", "tensorflow_federated.learning.Model", ("tff.learning.Model", False)),
        ("0.13.1", "numpy.zeros", ("numpy.zeros", False)),
        ("0.13.1", "tensorflow_federated_more.x", ("tensorflow_federated_more.x", False)),
        (
            "0.13.1",
            "tensorflow_federated.python",
            ("tensorflow_federated.python", True),
        ),
        (
            "0.19.0",
            "tensorflow_federated.python.learning.client_weight_lib.ClientWeighting",
            ("tff.learning.ClientWeighting", True),
        ),
    ],
)
def test_the_public_path_of_what_is_imported(
    release: str, path: str, expected: tuple[str, bool]
) -> None:
    assert resolving.public_path(path, Version(release)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "def f() -> tff.Type: ...",
        "def f(x: tff.Type): ...",
        "def f(*x: tff.Type): ...",
        "x: tff.Type",
        "@decorated(tff.Type)\nclass C: ...",
        "class C(metaclass=tff.Type): ...",
    ],
)
def test_names_are_seen_wherever_they_stand(text: str) -> None:
    seen = resolved(IMPORTS + text).seen.values()
    assert "tff.Type" in {shown(value) for _, values in seen for value in values}


def test_attributes_are_below_the_path_of_their_object() -> None:
    assert resolving.under("tff", "Type") == "tensorflow_federated.Type"
    assert resolving.under("tff.learning", "Model") == "tensorflow_federated.learning.Model"
    assert resolving.under("numpy", "zeros") == "numpy.zeros"


def test_imports_of_tff_are_kept() -> None:
    text = (
        "import tensorflow_federated as tff\nimport tensorflow_federated.learning\n"
        "from tensorflow_federated import learning as l\nimport os\nfrom numpy import zeros\n"
        "import tensorflow as tf\nfrom os import path\n"
    )
    found = [(name, symbol.path) for _, _, name, symbol in resolved(text).imports]
    assert found == [
        ("tff", "tff"), ("tensorflow_federated", "tff.learning"), ("l", "tff.learning"),
        ("zeros", "numpy.zeros"),
    ]  # fmt: skip


def test_all_names_of_tff_may_be_imported() -> None:
    text = "from tensorflow_federated import *\nit(CLIENTS)"
    assert of(text) == "tff.CLIENTS"
    assert of("from tensorflow_federated.learning import *\nit(Model)") == "tff.learning.Model"
    assert of("from os import *\nit(CLIENTS)") == ""
    (doubt,) = resolved(text).doubts
    assert doubt.reason == "which names come from `from tensorflow_federated import *`"


FILES = {
    "own.py": "import tensorflow_federated as tff\nx = tff.CLIENTS\n_y = tff.SERVER\n",
    "pack/__init__.py": "from .inner import z\nfrom . import inner\n",
    "pack/inner.py": "from ..own import x as z\nfrom .deep.down import w\nfrom tff import a\n",
    "pack/deep/__init__.py": "",
    "pack/deep/down.py": "from ... import own\nfrom ...own import x\nw = own.x\n",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import own\nit(own.x)", "tff.CLIENTS"),
        ("import own as o\nit(o.x)", "tff.CLIENTS"),
        ("from own import x\nit(x)", "tff.CLIENTS"),
        ("from own import x as y\nit(y)", "tff.CLIENTS"),
        ("from own import *\nit(x)", "tff.CLIENTS"),
        ("from own import *\nit(_y)", ""),
        ("from own import nothing\nit(nothing)", ""),
        ("import pack\nit(pack.z)", "tff.CLIENTS"),
        ("import pack\nit(pack.inner.z)", "tff.CLIENTS"),
        ("from pack import inner\nit(inner.z)", "tff.CLIENTS"),
        ("from pack.inner import w\nit(w)", "tff.CLIENTS"),
        ("from pack.deep import down\nit(down.x)", "tff.CLIENTS"),
        ("import pack.deep.down as d\nit(d.w)", "tff.CLIENTS"),
        ("from .own import x\nit(x)", "tff.CLIENTS"),
        ("from . import own\nit(own.x)", "tff.CLIENTS"),
        ("from . import nothing\nit(nothing)", ""),
    ],
)
def test_modules_of_the_program_are_followed(text: str, expected: str, tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    assert of(text, tmp_path) == expected


def test_what_a_program_puts_into_its_modules(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("placement = None\n", "utf-8")
    text = "import own\nown.placement = tff.CLIENTS\nit(own.placement)"
    assert of(text, tmp_path) == "tff.CLIENTS"
