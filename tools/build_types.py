"""Builds the types of the catalog: reads what the published wheels say of bases and results.

    python tools/build_types.py CACHE

CACHE is the folder that `tools/build_catalog.py` keeps. For each public class: its bases; for each
other public name: the type of what a call gives, or of the value, where the release said it by an
annotation, or at the beginning of "Returns:" by the name of a class. Only types that are TFF's own,
a few of Python's, and containers of these; all else stays unknown. The same sources give the same
bytes.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

from build_catalog import (
    ATTRS_CLASS,
    DATA,
    PACKAGE,
    Definition,
    Entity,
    External,
    Fact,
    ModuleEntity,
    Reader,
    Source,
    merge,
    write_public,
)
from packaging.version import Version

UNKNOWN = "Any"
_PLAIN = frozenset({"bool", "bytes", "int", "str"})
_CONTAINERS = {
    "dict": "dict", "Dict": "dict", "list": "list", "List": "list", "tuple": "tuple",
    "Tuple": "tuple", "set": "set", "Set": "set", "FrozenSet": "frozenset",
    "frozenset": "frozenset", "Sequence": "Sequence", "Mapping": "Mapping",
    "Iterable": "Iterable", "Iterator": "Iterator",
}  # fmt: skip
_UNDECORATED = frozenset(
    "abc.abstractmethod abc.abstractproperty abstractmethod classmethod property staticmethod "
    "functools.cached_property typing.override override".split()
)
_RETURNS = re.compile(r"Returns:\s+(?:An?|The)\s+(?:instance\s+of\s+(?:an?\s+)?)?`(tff\.[\w.]+)`")


class TypeReader(Reader):
    """Collects the types of one release."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._entities: dict[str, Definition] = {}

    def read_types(self) -> dict[str, Fact]:
        """The text of the type of each public symbol that has one."""
        self.read_public()
        found: dict[str, str] = {}
        for path, entity in self._entities.items():
            if self._is_class(entity):
                found.update(self._of_class(path, entity))
            elif (text := self._of_value(entity)) != UNKNOWN:
                found[path] = text
        return {path: Fact(text) for path, text in found.items() if text}

    def _read_entity(
        self, path: str, entity: Entity, above: frozenset[str], members: bool = True
    ) -> None:
        if isinstance(entity, Definition):
            self._entities[path] = entity
        super()._read_entity(path, entity, above, members)

    # --- Classes ----------------------------------------------------------------------------------

    def _of_class(self, path: str, entity: Definition) -> Iterator[tuple[str, str]]:
        canonical = self._public.get(entity, path)
        if canonical != path:
            yield path, f"={canonical}"
            return
        yield path, ", ".join(self._kinship(entity))
        members: dict[str, str] = {}
        for owner in reversed(self._mro(entity)):
            members.update(self._members(owner))
        for name, text in members.items():
            if f"{path}.{name}" in self.facts and text != UNKNOWN:
                yield f"{path}.{name}", text
        if isinstance(entity.node, ast.ClassDef):
            for item in entity.node.body:
                if isinstance(item, ast.ClassDef) and f"{path}.{item.name}" in self.facts:
                    inner = Definition(entity.module, f"{entity.name}.{item.name}", item)
                    yield from self._of_class(f"{path}.{item.name}", inner)

    def _kinship(self, entity: Definition) -> Iterator[str]:
        """The public bases of a class, those of Python, and what makes its fields."""
        yield from dict.fromkeys(self._ancestors(entity))

    def _ancestors(self, entity: Definition) -> Iterator[str]:
        node = entity.node
        if isinstance(node, ast.Call):
            yield "NamedTuple"
            return
        assert isinstance(node, ast.ClassDef)
        style = self._field_style(node)
        if style is not None:
            text = ast.unparse(style.func if isinstance(style, ast.Call) else style)
            yield "attrs" if text in ATTRS_CLASS else text.rpartition(".")[2]
        for base in node.bases:
            if isinstance(base, ast.Call):
                made = Definition(entity.module, f"{entity.name}<base>", base)
                yield "NamedTuple" if self._is_class(made) else UNKNOWN
                continue
            target = self._source.expression(entity.module, base)
            if isinstance(target, Definition) and self._is_class(target):
                public = self._public.get(target)
                if public is not None:
                    yield public
                else:
                    yield from self._ancestors(target)
            elif isinstance(target, External):
                yield from self._outside(target.name)
            else:
                yield UNKNOWN

    @staticmethod
    def _outside(name: str) -> Iterator[str]:
        """What a base from outside the package is, if it is anything."""
        last = name.rpartition(".")[2]
        if last in ("NamedTuple", "Protocol", "Generic", "ABC", "object", "Hashable"):
            return
        if name.startswith("enum."):
            yield name
        elif isinstance(getattr(builtins, name, None), type):
            yield name
        else:
            yield UNKNOWN

    def _members(self, owner: Definition) -> Iterator[tuple[str, str]]:
        if not isinstance(owner.node, ast.ClassDef):
            return
        for item in owner.node.body:
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield item.name, self._of_function(owner.module, item)
            elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                yield item.target.id, self._text(owner.module, item.annotation)

    # --- Functions and values ---------------------------------------------------------------------

    def _of_value(self, entity: Definition) -> str:
        node = entity.node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return self._of_function(entity.module, node)
        if isinstance(node, ast.Call):
            made_from = self._source.expression(entity.module, node.func)
            if isinstance(made_from, Definition) and self._is_class(made_from):
                return self._public.get(made_from, UNKNOWN)
        return UNKNOWN

    def _of_function(self, module: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
        decorators = {ast.unparse(each) for each in node.decorator_list}
        if isinstance(node, ast.AsyncFunctionDef) or decorators - _UNDECORATED:
            return UNKNOWN
        if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(node)):
            return UNKNOWN
        if node.returns is not None:
            return self._text(module, node.returns)
        said = _RETURNS.search(ast.get_docstring(node) or "")
        if said is not None:
            fact = self.facts.get(said[1])
            if fact is not None and fact.kind == "class":
                return self._public.get(self._entities.get(said[1], ModuleEntity("")), said[1])
        return UNKNOWN

    def _text(self, module: str, node: ast.expr) -> str:
        """An annotation in the words of the catalog; `UNKNOWN` where it has none for it."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return UNKNOWN
        if isinstance(node, ast.Subscript):
            container = self._container(module, node.value)
            if container is None:
                return UNKNOWN
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            texts = [
                "..." if isinstance(each, ast.Constant) and each.value is ... else
                self._text(module, each)
                for each in inner
            ]  # fmt: skip
            return f"{container}[{', '.join(texts)}]"
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return UNKNOWN
        target = self._source.expression(module, node)
        if isinstance(target, Definition) and self._is_class(target):
            return self._public.get(target, UNKNOWN)
        if isinstance(target, External) and target.name in _PLAIN:
            return target.name
        return UNKNOWN

    def _container(self, module: str, node: ast.expr) -> str | None:
        target = self._source.expression(module, node)
        if not isinstance(target, External):
            return None
        place, _, name = target.name.rpartition(".")
        return _CONTAINERS.get(name) if place in ("", "typing", "collections.abc") else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cache", type=Path, help="folder of the unpacked releases")
    parser.add_argument("--output", type=Path, default=DATA, help="folder for the data")
    options = parser.parse_args()
    folders = [path for path in options.cache.iterdir() if (path / PACKAGE).is_dir()]
    releases = sorted(Version(path.name) for path in folders if path.name[0].isdigit())
    found = [
        (release, TypeReader(Source(options.cache / str(release))).read_types())
        for release in releases
    ]
    symbols = merge(found)
    write_public(options.output / "types.json", releases, symbols)
    print(f"types of {len(symbols)} public symbols of {len(releases)} releases")


if __name__ == "__main__":
    main()
