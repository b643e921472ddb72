"""Builds the catalog: reads the published TFF wheels, without importing them, and writes the data.

    python tools/build_catalog.py CACHE            download what CACHE lacks, then write the data
    python tools/build_catalog.py CACHE --offline  use only what CACHE has

CACHE keeps the Python sources of each release in a folder of its own; the wheels are deleted as
soon as they are unpacked. The same sources give the same bytes.
"""

from __future__ import annotations

import argparse
import ast
import concurrent.futures
import functools
import json
import shutil
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Union

from packaging.version import Version

DISTRIBUTION = "tensorflow-federated"
PACKAGE = "tensorflow_federated"
INTERNAL = f"{PACKAGE}.python"
DATA = Path(__file__).parent.parent / "compat" / "tff_compat" / "catalog"
# Every wheel so far declares support for one of these; pip looks for them in this order.
PYTHONS = ("3.9", "3.11", "3.7")
PLATFORMS = ("manylinux_2_31_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64")
# Members whose name starts and ends with two underscores are left out, except operators, which
# are what one writes on a value (`value + 1`, `value[0]`, `process()`).
OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        "add and bool bytes call contains delitem enter eq exit float floordiv ge getattr getitem "
        "gt hash index int invert iter le len lt matmul mod mul ne neg next or pos pow radd rmul "
        "rsub rtruediv setattr setitem sub truediv xor aiter anext aenter aexit"
    ).split()
)


# --- The wheels -----------------------------------------------------------------------------------


def published_releases() -> list[Version]:
    """Asks the package index which releases have a wheel that Linux can install."""
    found: set[Version] = set()
    for python in PYTHONS:
        answer = _pip("index", "versions", DISTRIBUTION, *_target(python))
        for line in answer.stdout.splitlines():
            if line.startswith("Available versions:"):
                found.update(Version(text) for text in line.partition(":")[2].split(","))
    if not found:
        raise SystemExit(f"pip lists no release of {DISTRIBUTION}:\n{answer.stderr}")
    return sorted(found)


def download(release: Version, cache: Path) -> None:
    """Puts the Python sources of a release into `cache/<release>`."""
    wheels, unpacked = cache / f"wheel-{release}", cache / f"part-{release}"
    for folder in (wheels, unpacked):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for python in PYTHONS:
        answer = _pip(
            "download", "--quiet", "--no-deps", "--no-cache-dir", *_target(python),
            "--dest", str(wheels), f"{DISTRIBUTION}=={release}",
        )  # fmt: skip
        found = list(wheels.glob("*.whl"))
        if found:
            break
    else:
        raise SystemExit(f"pip cannot download {DISTRIBUTION} {release}:\n{answer.stderr}")
    with zipfile.ZipFile(found[0]) as wheel:
        wheel.extractall(unpacked, [name for name in wheel.namelist() if name.endswith(".py")])
    unpacked.rename(cache / str(release))
    shutil.rmtree(wheels)


def _target(python: str) -> list[str]:
    options = ["--only-binary=:all:", "--python-version", python]
    for platform in PLATFORMS:
        options += ["--platform", platform]
    return options


def _pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# --- What the source of one release says ----------------------------------------------------------


@dataclass(frozen=True)
class ModuleEntity:
    """A module inside the package, by its dotted name."""

    name: str


@dataclass(frozen=True)
class External:
    """Something that comes from outside the package, by its dotted name."""

    name: str


@dataclass(frozen=True)
class Definition:
    """A class, function or value defined in a module of the package."""

    module: str
    name: str
    node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.expr | None


Entity = Union[ModuleEntity, External, Definition]


@dataclass(frozen=True)
class Import:
    """A name that an import statement binds; `attribute` is None for `import module`."""

    module: str
    attribute: str | None = None


Binding = Union[Import, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.expr, None]


@dataclass
class Module:
    """The names that a module binds at its top level, in order."""

    name: str
    is_package: bool
    bindings: dict[str, Binding] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    exported: list[str] | None = None
    imports: list[Import] = field(default_factory=list)
    """All that it imports from the package, also what it binds to no name of its own."""


@functools.cache
def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Invalid escapes in other people's docstrings.
        tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.kind = None  # u"text" is "text".
    return tree


class Source:
    """The modules of one release, read when they are asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._modules: dict[str, Module | None] = {}

    def module(self, name: str) -> Module | None:
        """Returns the module with this dotted name, or None if the wheel has none."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def module_names(self) -> Iterator[str]:
        """Yields the dotted name of every module of the package."""
        for path in sorted((self._root / PACKAGE).rglob("*.py")):
            parts = path.relative_to(self._root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def loaded(self) -> set[str]:
        """The modules of the package that `import tensorflow_federated` loads."""
        found: set[str] = set()
        waiting = [PACKAGE]
        while waiting:
            name = waiting.pop()
            if name in found or self.module(name) is None:
                continue
            found.add(name)
            # What a module imports comes with the packages around it.
            parts = name.split(".")
            waiting += [".".join(parts[:count]) for count in range(1, len(parts))]
            module = self.module(name)
            assert module is not None
            waiting += module.stars
            for binding in module.imports:
                waiting.append(binding.module)
                if binding.attribute is not None:
                    waiting.append(f"{binding.module}.{binding.attribute}")
        return found

    def _read(self, name: str) -> Module | None:
        base = self._root.joinpath(*name.split("."))
        package_file, module_file = base / "__init__.py", base.with_suffix(".py")
        if package_file.is_file():
            module, path = Module(name, True), package_file
        elif module_file.is_file():
            module, path = Module(name, False), module_file
        elif base.is_dir():
            return Module(name, True)
        else:
            return None
        _bind(module, _parse(path.read_text(encoding="utf-8")).body)
        return module

    def names(self, module: Module) -> list[str]:
        """Names that the module offers: bound there or by a star import, and not private."""
        found = dict.fromkeys(module.bindings)
        for star in module.stars:
            starred = self.module(star)
            if starred is not None:
                found.update(dict.fromkeys(starred.exported or self._starred(starred)))
        public = [name for name in found if not name.startswith("_") or name == "__version__"]
        return [name for name in public if name not in module.deleted]

    def _starred(self, module: Module) -> list[str]:
        # What a plain module imports for its own use leaks through a star import, but nobody
        # meant to offer it.
        return [
            name
            for name in self.names(module)
            if module.is_package or not isinstance(module.bindings.get(name), Import)
        ]

    def lookup(self, module_name: str, name: str, seen: frozenset = frozenset()) -> Entity:
        """Follows a name through imports and aliases to what it stands for."""
        here = (module_name, name)
        module = self.module(module_name)
        submodule = f"{module_name}.{name}"
        if module is None or here in seen:
            # `from package import submodule`, written in the package itself, comes back to here.
            return ModuleEntity(submodule) if self.module(submodule) else External(submodule)
        seen = seen | {here}
        if name in module.bindings:
            binding = module.bindings[name]
            if isinstance(binding, Import):
                return self._imported(binding, seen)
            if isinstance(binding, (ast.Name, ast.Attribute)):
                entity = self.expression(module_name, binding, seen)
                # An alias of something foreign (`T = tf.Tensor`) is a constant of this module.
                return Definition(*here, binding) if isinstance(entity, External) else entity
            return Definition(*here, binding)
        for star in module.stars:
            starred = self.module(star)
            if starred is not None and name in self.names(starred):
                return self.lookup(star, name, seen)
        return ModuleEntity(submodule) if self.module(submodule) else External(submodule)

    def expression(self, module_name: str, node: ast.expr, seen: frozenset = frozenset()) -> Entity:
        """What a name or dotted name stands for in a module."""
        if isinstance(node, ast.Name):
            module = self.module(module_name)
            if module and (node.id in module.bindings or module.stars):
                return self.lookup(module_name, node.id, seen)
            return External(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.expression(module_name, node.value, seen)
            if isinstance(owner, ModuleEntity):
                return self.lookup(owner.name, node.attr, seen)
            if isinstance(owner, External):
                return External(f"{owner.name}.{node.attr}")
        if isinstance(node, ast.Subscript):  # Generic[T], SomeBase[T]
            return self.expression(module_name, node.value, seen)
        return External(ast.unparse(node))

    def _imported(self, binding: Import, seen: frozenset) -> Entity:
        inside = binding.module.split(".")[0] == PACKAGE
        if binding.attribute is None:
            return ModuleEntity(binding.module) if inside else External(binding.module)
        if not inside:
            return External(f"{binding.module}.{binding.attribute}")
        return self.lookup(binding.module, binding.attribute, seen)


def _bind(module: Module, body: Sequence[ast.stmt]) -> None:
    """Records what the statements bind. Of alternatives (if, try) the first that binds wins."""
    bindings = module.bindings
    for statement in body:
        module.imports.extend(_imports(statement))
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bindings[statement.name] = statement
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                if alias.asname:
                    bindings[alias.asname] = Import(alias.name)
                else:
                    bindings[alias.name.split(".")[0]] = Import(alias.name.split(".")[0])
        elif isinstance(statement, ast.ImportFrom):
            origin = statement.module or ""
            for alias in statement.names:
                if alias.name == "*":
                    module.stars.append(origin)
                else:
                    bindings[alias.asname or alias.name] = Import(origin, alias.name)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    bindings[target.id] = statement.value
                    if target.id == "__all__" and isinstance(
                        statement.value, (ast.List, ast.Tuple)
                    ):
                        module.exported = list(ast.literal_eval(statement.value))
                elif isinstance(target, (ast.Tuple, ast.List)):
                    for element in target.elts:
                        if isinstance(element, ast.Name):
                            bindings[element.id] = None
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            if statement.value is not None:
                bindings[statement.target.id] = statement.value
        elif isinstance(statement, ast.Delete):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    bindings.pop(target.id, None)
                    module.deleted.add(target.id)
        elif isinstance(statement, ast.With):
            _bind(module, statement.body)
        elif isinstance(statement, (ast.If, ast.Try)):
            branches = [statement.body, statement.orelse]
            if isinstance(statement, ast.Try):
                branches += [handler.body for handler in statement.handlers]
                branches.append(statement.finalbody)
            elif "PY2" in ast.unparse(statement.test):
                branches.reverse()
            for branch in branches:
                other = Module(module.name, module.is_package)
                _bind(other, branch)
                for name, binding in other.bindings.items():
                    bindings.setdefault(name, binding)
                module.stars.extend(other.stars)
                module.imports.extend(other.imports)


def _imports(statement: ast.stmt) -> Iterator[Import]:
    if isinstance(statement, ast.Import):
        yield from (Import(a.name) for a in statement.names if a.name.startswith(PACKAGE))
    elif isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(PACKAGE):
        yield from (Import(statement.module or "", alias.name) for alias in statement.names)


# --- Signatures -----------------------------------------------------------------------------------


def signature_text(arguments: ast.arguments, drop_first: bool = False) -> str:
    """Writes parameters as source text without annotations: `(a, b=1, *, c=None)`."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += arguments.defaults
    parts = []
    for index, (argument, default) in enumerate(zip(positional, defaults)):
        parts.append(_parameter(argument.arg, default))
        if index + 1 == len(arguments.posonlyargs):
            parts.append("/")
    if drop_first and positional:
        parts.pop(0)
        if parts and parts[0] == "/":
            parts.pop(0)
    if arguments.vararg:
        parts.append(f"*{arguments.vararg.arg}")
    elif arguments.kwonlyargs:
        parts.append("*")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        parts.append(_parameter(argument.arg, default))
    if arguments.kwarg:
        parts.append(f"**{arguments.kwarg.arg}")
    return f"({', '.join(parts)})"


def _parameter(name: str, default: ast.expr | None) -> str:
    return name if default is None else f"{name}={ast.unparse(default)}"


def _decorators(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [
        ast.unparse(item.func if isinstance(item, ast.Call) else item)
        for item in node.decorator_list
    ]


def _keyword(call: ast.expr, name: str) -> ast.expr | None:
    keywords = call.keywords if isinstance(call, ast.Call) else []
    return next((keyword.value for keyword in keywords if keyword.arg == name), None)


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


ATTRS_CLASS = frozenset({"attr.s", "attr.attrs", "attrs.define", "attrs.frozen", "attr.define"})
ATTRS_FIELD = frozenset({"attr.ib", "attr.attrib", "attrs.field", "attr.field"})
NAMEDTUPLE = frozenset({"collections.namedtuple", "namedtuple", "typing.NamedTuple", "NamedTuple"})


def _namedtuple_fields(call: ast.Call) -> list[tuple[str, ast.expr | None]] | None:
    """Fields and defaults of a call of `collections.namedtuple` or `typing.NamedTuple`."""
    listed = call.args[1] if len(call.args) > 1 else _keyword(call, "field_names")
    if isinstance(listed, ast.Constant) and isinstance(listed.value, str):
        names = listed.value.replace(",", " ").split()
    elif isinstance(listed, (ast.List, ast.Tuple)):
        names = []
        for item in listed.elts:
            item = item.elts[0] if isinstance(item, ast.Tuple) else item
            if not isinstance(item, ast.Constant):
                return None
            names.append(str(item.value))
    else:
        return None
    given = _keyword(call, "defaults")
    defaults: list[ast.expr | None] = []
    if isinstance(given, (ast.List, ast.Tuple)):
        defaults = list(given.elts)
    padding: list[ast.expr | None] = [None] * (len(names) - len(defaults))
    return list(zip(names, padding + defaults))


# --- The public names of one release --------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """What one release says of one symbol.

    Attributes:
      kind: Such as "function"; an adjective may stand before it, as in "abstract method".
      signature: Of what can be called.
      public: Of an internal symbol: the public path of the same object, if it had one.
    """

    kind: str
    signature: str | None = None
    public: str | None = None


class Reader:
    """Collects the facts of one release."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.facts: dict[str, Fact] = {}
        self._public: dict[Entity, str] = {}

    def read_public(self) -> dict[str, Fact]:
        """Facts on everything that can be reached from `import tensorflow_federated as tff`."""
        self._read_module("tff", PACKAGE, frozenset())
        return self.facts

    def read_internal(self) -> dict[str, Fact]:
        """Facts on what each module under `tensorflow_federated.python` offers, without members.

        Packages offer what they import, plain modules only what they define. A module that
        `import tensorflow_federated` does not load is an "unloaded module".
        """
        self.read_public()
        public, self.facts = self._public, {}
        loaded = self._source.loaded()
        for name in self._source.module_names():
            if not name.startswith(INTERNAL):
                continue
            module = self._source.module(name)
            if module is None:
                continue
            kind = "module" if name in loaded else "unloaded module"
            self.facts[name] = Fact(kind, public=public.get(ModuleEntity(name)))
            for attribute in self._source.names(module):
                if isinstance(module.bindings.get(attribute), Import) and not module.is_package:
                    continue
                path, entity = f"{name}.{attribute}", self._source.lookup(name, attribute)
                self._read_entity(path, entity, frozenset({name}), members=False)
                if entity in public and path in self.facts:
                    self.facts[path] = replace(self.facts[path], public=public[entity])
        return self.facts

    def _offer(self, path: str, entity: Entity) -> None:
        """Notes that an object is public, and the shortest of its public paths."""
        known = self._public.get(entity, path)
        self._public[entity] = min(known, path, key=lambda text: (text.count("."), text))

    def _read_module(self, path: str, name: str, above: frozenset[str]) -> None:
        self.facts[path] = Fact("module")
        self._offer(path, ModuleEntity(name))
        module = self._source.module(name)
        if module is None:
            return
        for attribute in self._source.names(module):
            entity = self._source.lookup(name, attribute)
            if isinstance(entity, External):
                continue
            binding = module.bindings.get(attribute)
            if isinstance(binding, Import) and not module.is_package:
                continue  # A plain module does not offer what it imports for its own use.
            self._offer(f"{path}.{attribute}", entity)
            self._read_entity(f"{path}.{attribute}", entity, above | {name})

    def _read_entity(
        self, path: str, entity: Entity, above: frozenset[str], members: bool = True
    ) -> None:
        if isinstance(entity, ModuleEntity):
            if entity.name not in above and entity.name != f"{PACKAGE}.python" and members:
                self._read_module(path, entity.name, above)
        elif isinstance(entity, Definition):
            node = entity.node
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.facts[path] = Fact("function", signature_text(node.args))
            elif isinstance(node, ast.Lambda):
                self.facts[path] = Fact("function", signature_text(node.args))
            elif self._is_class(entity):
                self._read_class(path, entity, members)
            else:
                self.facts[path] = Fact("constant", self._call_signature(entity))

    @staticmethod
    def _is_class(entity: Entity) -> bool:
        if not isinstance(entity, Definition):
            return False
        node = entity.node
        return isinstance(node, ast.ClassDef) or (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in NAMEDTUPLE
            and _namedtuple_fields(node) is not None
        )

    def _call_signature(self, entity: Definition) -> str | None:
        """The signature of an instance that can be called, such as `federated_computation`."""
        if not isinstance(entity.node, ast.Call):
            return None
        made_from = self._source.expression(entity.module, entity.node.func)
        if not (isinstance(made_from, Definition) and self._is_class(made_from)):
            return None
        for owner in self._mro(made_from):
            for item in getattr(owner.node, "body", ()):
                if isinstance(item, ast.FunctionDef) and item.name == "__call__":
                    return signature_text(item.args, drop_first=True)
        return None

    def _mro(self, entity: Definition) -> list[Definition]:
        """The class and its bases inside the package, nearest first, as Python orders them."""
        return list(self._linearise(entity, frozenset()))

    def _linearise(self, entity: Definition, seen: frozenset[str]) -> tuple[Definition, ...]:
        key = f"{entity.module}.{entity.name}"
        if key in seen:
            return ()
        bases = [base for base in self._bases(entity) if base is not None]
        sequences = [list(self._linearise(base, seen | {key})) for base in bases] + [bases[:]]
        result = [entity]
        while any(sequences):
            sequences = [sequence for sequence in sequences if sequence]
            for sequence in sequences:
                head = sequence[0]
                if not any(head in other[1:] for other in sequences):
                    break
            else:
                head = sequences[0][0]
            result.append(head)
            sequences = [[item for item in sequence if item != head] for sequence in sequences]
        return tuple(result)

    def _bases(self, entity: Definition) -> list[Definition | None]:
        """Bases inside the package; None stands for one from outside."""
        if not isinstance(entity.node, ast.ClassDef):
            return []
        found: list[Definition | None] = []
        for base in entity.node.bases:
            if isinstance(base, ast.Call):
                made = Definition(entity.module, f"{entity.name}<base>", base)
                found.append(made if self._is_class(made) else None)
                continue
            target = self._source.expression(entity.module, base)
            if isinstance(target, Definition) and self._is_class(target):
                found.append(target)
            elif not (isinstance(target, External) and _adds_nothing(target.name)):
                found.append(None)
        return found

    def _read_class(self, path: str, entity: Definition, members: bool) -> None:
        self.facts[path] = Fact("class", self._constructor(entity))
        if not members:
            return
        found: dict[str, Fact] = {}
        for owner in reversed(self._mro(entity)):
            for name, fact in self._own_members(owner):
                found[name] = fact
        for name, fact in found.items():
            self.facts[f"{path}.{name}"] = fact
        if isinstance(entity.node, ast.ClassDef):
            for item in entity.node.body:
                if isinstance(item, ast.ClassDef) and not item.name.startswith("_"):
                    nested = Definition(entity.module, f"{entity.name}.{item.name}", item)
                    self._read_class(f"{path}.{item.name}", nested, members)

    def _own_members(self, owner: Definition) -> Iterator[tuple[str, Fact]]:
        node = owner.node
        if isinstance(node, ast.Call):
            for name, _ in _namedtuple_fields(node) or ():
                yield name, Fact("field")
            return
        assert isinstance(node, ast.ClassDef)
        has_fields = self._field_style(node) is not None
        enum = any("Enum" in ast.unparse(base) for base in node.bases)
        for item in node.body:
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if _is_public_member(item.name):
                    fact = _method_fact(item)
                    if fact is not None:
                        yield item.name, fact
            elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                if _is_public_member(item.target.id) and (has_fields or item.value is not None):
                    yield item.target.id, Fact("field" if has_fields else "constant")
            elif isinstance(item, ast.Assign):
                for target in item.targets:
                    if isinstance(target, ast.Name) and _is_public_member(target.id):
                        yield target.id, self._assigned_member(node, item.value, has_fields, enum)

    @staticmethod
    def _assigned_member(node: ast.ClassDef, value: ast.expr, has_fields: bool, enum: bool) -> Fact:
        if has_fields and isinstance(value, ast.Call) and ast.unparse(value.func) in ATTRS_FIELD:
            return Fact("field")
        if isinstance(value, ast.Name) and not enum:  # `report = _report`, `b = a`
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name == value.id:
                    return _method_fact(item) or Fact("constant")
        return Fact("constant")

    @staticmethod
    def _field_style(node: ast.ClassDef) -> ast.expr | None:
        """The decorator or base that makes fields of a class's assignments, if any."""
        for item in node.decorator_list:
            text = ast.unparse(item.func if isinstance(item, ast.Call) else item)
            if text in ATTRS_CLASS or text in ("dataclasses.dataclass", "dataclass"):
                return item
        for base in node.bases:
            if ast.unparse(base) in ("NamedTuple", "typing.NamedTuple"):
                return base
        return None

    def _constructor(self, entity: Definition) -> str | None:
        """The signature of the class: of `__init__`, `__new__`, or what its fields generate.

        None where it comes from a base outside the package, which is not read.
        """
        for owner in self._mro(entity):
            node = owner.node
            if isinstance(node, ast.Call):
                fields = _namedtuple_fields(node) or []
                return f"({', '.join(_parameter(*item) for item in fields)})"
            assert isinstance(node, ast.ClassDef)
            own = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
            for name in ("__init__", "__new__"):
                if name in own:
                    return signature_text(own[name].args, drop_first=True)
            style = self._field_style(node)
            if style is not None and not _is_false(_keyword(style, "init")):
                return self._fields_signature(owner)
            if None in self._bases(owner):
                return None
        return "()"

    def _fields_signature(self, entity: Definition) -> str:
        fields: dict[str, tuple[str, bool]] = {}
        for owner in reversed(self._mro(entity)):
            if not isinstance(owner.node, ast.ClassDef):
                continue
            style = self._field_style(owner.node)
            if style is None:
                continue
            class_keyword_only = _is_true(_keyword(style, "kw_only"))
            computed = {
                text[: -len(".default")]
                for item in owner.node.body
                if isinstance(item, ast.FunctionDef)
                for text in _decorators(item)
                if text.endswith(".default")
            }
            for item in owner.node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    name, value = item.target.id, item.value
                    if "ClassVar" in ast.unparse(item.annotation):
                        continue
                elif isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
                    name, value = item.targets[0].id, item.value
                    made = isinstance(value, ast.Call) and ast.unparse(value.func) in ATTRS_FIELD
                    if not made:
                        continue
                else:
                    continue
                text, keyword_only, is_parameter = _field_parameter(name, value, name in computed)
                fields.pop(name, None)
                if is_parameter:
                    fields[name] = (text, keyword_only or class_keyword_only)
        ordinary = [text for text, keyword_only in fields.values() if not keyword_only]
        keywords = [text for text, keyword_only in fields.values() if keyword_only]
        return f"({', '.join(ordinary + (['*', *keywords] if keywords else []))})"


def _field_parameter(name: str, value: ast.expr | None, computed: bool) -> tuple[str, bool, bool]:
    """A field's parameter as text, whether it is keyword-only, whether there is one at all."""
    public = name.lstrip("_")
    if not isinstance(value, ast.Call) or not (
        ast.unparse(value.func) in ATTRS_FIELD
        or ast.unparse(value.func) in ("dataclasses.field", "field")
    ):
        return _parameter(public, value), False, True
    if _is_false(_keyword(value, "init")):
        return "", False, False
    default = _keyword(value, "default")
    factory = _keyword(value, "factory") or _keyword(value, "default_factory")
    if default is not None:
        text = _parameter(public, default)
    elif factory is not None:
        text = f"{public}=Factory({ast.unparse(factory)})"
    elif computed:
        text = f"{public}=Factory({public})"
    else:
        text = public
    return text, _is_true(_keyword(value, "kw_only")), True


def _is_public_member(name: str) -> bool:
    return not name.startswith("_") or name in OPERATORS


def _adds_nothing(base: str) -> bool:
    """True of bases that give a class neither a constructor nor members of interest."""
    return base.split(".")[-1] in {"object", "ABC", "Generic", "Protocol", "ABCMeta", "Hashable"}


def _method_fact(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Fact | None:
    decorators = _decorators(node)
    if any(text.endswith((".setter", ".deleter", ".default", ".validator")) for text in decorators):
        return None
    abstract = any("abstract" in text for text in decorators)
    prefix = "abstract " if abstract else ""
    if any(text.split(".")[-1] in PROPERTY for text in decorators):
        return Fact(prefix + "property")
    if "staticmethod" in decorators:
        return Fact(prefix + "staticmethod", signature_text(node.args))
    bound = signature_text(node.args, drop_first=True)
    return Fact(prefix + ("classmethod" if "classmethod" in decorators else "method"), bound)


PROPERTY = frozenset({"property", "abstractproperty", "cached_property"})


# --- All releases together ------------------------------------------------------------------------


def merge(per_release: Sequence[tuple[Version, dict[str, Fact]]]) -> dict[str, list[list]]:
    """Turns the facts of each release into rows: `[releases, kind, signature, public]` per symbol.

    `releases` is text such as `0.1.0-0.4.0,0.7.0`, where a range runs over published releases.
    What is None at the end of a row is left out.
    """
    held: dict[str, dict[Fact, list[int]]] = {}
    for index, (_, facts) in enumerate(per_release):
        for path, fact in facts.items():
            held.setdefault(path, {}).setdefault(fact, []).append(index)
    names = [str(release) for release, _ in per_release]
    return {
        path: [
            _row(_ranges(indexes, names), fact, path)
            for fact, indexes in sorted(held[path].items(), key=lambda item: item[1])
        ]
        for path in sorted(held)
    }


def _row(ranges: str, fact: Fact, path: str) -> list:
    row = [ranges, fact.kind, fact.signature, _short(fact.public, path)]
    while row[-1] is None:
        row.pop()
    return row


def _short(public: str | None, path: str) -> str | None:
    """A public path, without its last name where that is the last name of the internal path."""
    if public is None:
        return None
    name = path.rpartition(".")[2]
    return public[: -len(name)] if public.endswith(f".{name}") else public


def _ranges(indexes: Sequence[int], names: Sequence[str]) -> str:
    runs: list[list[int]] = []
    for index in indexes:
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ",".join(
        names[first] if first == last else f"{names[first]}-{names[last]}" for first, last in runs
    )


def unmerge(
    releases: Sequence[Version], rows: dict[str, list[list]]
) -> list[tuple[Version, dict[str, Fact]]]:
    """What `merge` made the rows of."""
    names = {str(release): index for index, release in enumerate(releases)}
    found: list[dict[str, Fact]] = [{} for _ in releases]
    for path, held in rows.items():
        for row in held:
            ranges, kind, signature, public = (*row, None, None)[:4]
            if public is not None and public.endswith("."):
                public += path.rpartition(".")[2]
            fact = Fact(kind, signature, public)
            for part in ranges.split(","):
                first, _, last = part.partition("-")
                for index in range(names[first], names[last or first] + 1):
                    found[index][path] = fact
    return list(zip(releases, found))


def read_data(folder: Path) -> list[tuple[Version, dict[str, Fact], dict[str, Fact]]]:
    """The releases of the data that are in a folder, with their public and internal facts."""
    public = json.loads((folder / "public.json").read_text("utf-8"))
    releases = [Version(text) for text in public["releases"]]
    modules = json.loads((folder / "internal.json").read_text("utf-8"))["modules"]
    internal = {
        ".".join(part for part in (INTERNAL, module, name) if part): rows
        for module, names in modules.items()
        for name, rows in names.items()
    }
    together = zip(unmerge(releases, public["symbols"]), unmerge(releases, internal))
    return [(release, facts, inner) for (release, facts), (_, inner) in together]


def write_data(
    folder: Path, facts: Sequence[tuple[Version, dict[str, Fact], dict[str, Fact]]]
) -> None:
    """Writes what `read_data` reads, and tells how much it is."""
    releases = [release for release, _, _ in facts]
    symbols = merge([(release, public) for release, public, _ in facts])
    write_public(folder / "public.json", releases, symbols)
    print(f"{len(symbols)} public symbols of {len(releases)} releases")
    symbols = merge([(release, internal) for release, _, internal in facts])
    write_internal(folder / "internal.json", releases, symbols)
    print(f"{len(symbols)} internal ones")


def read_release(folder: Path) -> tuple[dict[str, Fact], dict[str, Fact]]:
    """The public and the internal facts of the release whose sources are in a folder."""
    source = Source(folder)
    return Reader(source).read_public(), Reader(source).read_internal()


def write_public(path: Path, releases: Sequence[Version], symbols: dict[str, list[list]]) -> None:
    """Writes one symbol a line, so that a new release shows as a readable difference."""
    path.write_text(_text(releases, "symbols", _lines(symbols)), encoding="utf-8")


def write_internal(path: Path, releases: Sequence[Version], symbols: dict[str, list[list]]) -> None:
    """Writes the symbols by module, each without the name of its module.

    The module's own row has the empty name; `tensorflow_federated.python` is left out of names.
    """
    modules = {name for name, rows in symbols.items() if rows[0][1].endswith("module")}
    grouped: dict[str, dict[str, list[list]]] = {}
    for name, rows in symbols.items():
        owner, _, attribute = name.rpartition(".")
        if name in modules:
            owner, attribute = name, ""
        grouped.setdefault(owner[len(INTERNAL) + 1 :], {})[attribute] = rows
    lines = [f"{json.dumps(owner)}: {{\n{_lines(grouped[owner])}\n}}" for owner in sorted(grouped)]
    path.write_text(_text(releases, "modules", ",\n".join(lines)), encoding="utf-8")


def _lines(symbols: dict[str, list[list]]) -> str:
    return ",\n".join(
        f"{json.dumps(name)}: {json.dumps(rows, separators=(',', ':'))}"
        for name, rows in symbols.items()
    )


def _text(releases: Sequence[Version], name: str, content: str) -> str:
    names = json.dumps([str(release) for release in releases])
    return f'{{\n"releases": {names},\n"{name}": {{\n{content}\n}}\n}}\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cache", type=Path, help="folder for the unpacked releases")
    parser.add_argument("--offline", action="store_true", help="download nothing")
    parser.add_argument("--output", type=Path, default=DATA, help="folder for the data")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    if not options.offline:
        missing = [r for r in published_releases() if not (options.cache / str(r)).exists()]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for release, _ in zip(missing, pool.map(lambda r: download(r, options.cache), missing)):
                print("downloaded", release)
    folders = [path for path in options.cache.iterdir() if (path / PACKAGE).is_dir()]
    releases = sorted(Version(path.name) for path in folders if path.name[0].isdigit())
    facts = [(release, *read_release(options.cache / str(release))) for release in releases]
    write_data(options.output, facts)


if __name__ == "__main__":
    main()
