"""How the tool reads bases and results, tried on small packages written for the purpose."""

from __future__ import annotations

import importlib
import textwrap
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture
def read(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(TOOLS)
    tool = importlib.import_module("build_types")

    def read(**files: str) -> dict[str, str]:
        for name, text in files.items():
            path = tmp_path / "tensorflow_federated" / (name.replace("__", "/") + ".py")
            path = path.with_name("__init__.py") if path.name == "init.py" else path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        facts = tool.TypeReader(tool.Source(tmp_path)).read_types()
        return {path: fact.kind for path, fact in facts.items()}

    return read


ROOT = "from tensorflow_federated.python.types import *\n"


def test_bases(read):
    types = read(
        init=ROOT,
        python__init="",
        python__types="""
            import abc, collections, enum, attr
            import tensorflow as tf
            class Type(abc.ABC): pass
            class _Hidden(Type): pass
            class Tensor(_Hidden): pass
            class Kind(enum.Enum): A = 1
            class Wrong(ValueError): pass
            class Model(tf.keras.Model): pass
            class Pair(collections.namedtuple('Pair', ['a', 'b'])): pass
            @attr.s
            class State: x = attr.ib()
        """,
    )
    assert types == {
        "tff.Tensor": "tff.Type",
        "tff.Kind": "enum.Enum",
        "tff.Wrong": "ValueError",
        "tff.Model": "Any",
        "tff.Pair": "NamedTuple",
        "tff.State": "attrs",
    }


def test_results(read):
    types = read(
        init=ROOT,
        python__init="",
        python__types="""
            import contextlib
            from typing import Dict, Iterator, List, Optional, Tuple
            import tensorflow as tf
            class Type:
                @property
                def name(self) -> str: ...
                def inner(self) -> 'Type': ...
            class _Hidden: pass
            def one() -> Type: ...
            def several() -> Tuple[Type, List[int]]: ...
            def perhaps() -> Optional[Type]: ...
            def outside() -> tf.Tensor: ...
            def hidden() -> _Hidden: ...
            def nothing() -> None: ...
            async def later() -> Type: ...
            @contextlib.contextmanager
            def within() -> Iterator[Type]: ...
            def documented():
                '''Makes one.

                Returns:
                  A `tff.Type`, always.
                '''
            def told():
                '''Makes one.

                Returns:
                  A function that makes a `tff.Type`.
                '''
            FIRST = Type()
        """,
    )
    assert types == {
        "tff.Type.name": "str",
        "tff.Type.inner": "tff.Type",
        "tff.one": "tff.Type",
        "tff.several": "tuple[tff.Type, list[int]]",
        "tff.documented": "tff.Type",
        "tff.FIRST": "tff.Type",
    }


def test_the_same_class_at_two_paths(read):
    types = read(
        init="from tensorflow_federated.python import models\n"
        "from tensorflow_federated.python.models import Model\n",
        python__init="",
        python__models="class Model: pass",
    )
    assert types == {"tff.models.Model": "=tff.Model"}
