"""What the stubs of releases hold, by the catalog and by what is declared."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from inspect import _ParameterKind as Kind
from pathlib import PurePath

import pytest
from packaging.version import Version
from tff_compat import catalog, coverage
from tff_compat.source import examples
from tff_compat.stubs import FOLDER, package

RELEASES = ("0.1.0", "0.9.0", "0.20.0", "0.52.0", "0.86.0", "0.87.0")


@functools.cache
def _trees(release: str) -> Mapping[PurePath, ast.Module]:
    return {path: ast.parse(text) for path, text in package(Version(release)).items()}


def _definitions(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name, node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.asname, node) for alias in node.names if alias.asname == alias.name)


def _module(release: str, path: str) -> list[tuple[str, ast.stmt]]:
    place = PurePath(FOLDER, *path.split(".")[1:], "__init__.pyi")
    return list(_definitions(_trees(release)[place].body))


def _advice(node: ast.stmt) -> str:
    for decorator in getattr(node, "decorator_list", ()):
        if isinstance(decorator, ast.Call) and isinstance(decorator.args[0], ast.Constant):
            return str(decorator.args[0].value)
    return ""


@pytest.mark.parametrize("release", RELEASES)
def test_each_public_name_is_there_and_no_other(release):
    known, version = catalog.load(), Version(release)
    for path in known.paths():
        if known.symbol(path).kind_in(version) == "module":
            home = known.home(path, version)
            inner = set(known.members(home, version)) if home is not None else set()
            names = set(known.members(path, version, operators=True))
            found = {name for name, _ in _module(release, path) if name != "_Unknown"}
            assert names <= found <= names | inner, path


@pytest.mark.parametrize("release", RELEASES)
def test_functions_take_what_the_release_took(release):
    known, version = catalog.load(), Version(release)
    compared = 0
    for path in known.paths():
        symbol = known.symbol(path)
        if symbol.kind_in(version) != "function":
            continue
        place, _, name = path.rpartition(".")
        nodes = [node for each, node in _module(release, place) if each == name]
        if len(nodes) == 1:
            expected = [
                (each.name, each.kind, each.default is not None)
                for each in symbol.signature(version).parameters
            ]
            assert list(_parameters(nodes[0].args)) == expected, path
            compared += 1
    assert compared > 20


def _parameters(arguments: ast.arguments) -> Iterator[tuple[str, Kind, bool]]:
    first_default = len(arguments.posonlyargs + arguments.args) - len(arguments.defaults)
    for index, each in enumerate(arguments.posonlyargs + arguments.args):
        only = index < len(arguments.posonlyargs)
        kind = Kind.POSITIONAL_ONLY if only else Kind.POSITIONAL_OR_KEYWORD
        yield each.arg, kind, index >= first_default
    if arguments.vararg:
        yield arguments.vararg.arg, Kind.VAR_POSITIONAL, False
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        yield each.arg, Kind.KEYWORD_ONLY, default is not None
    if arguments.kwarg:
        yield arguments.kwarg.arg, Kind.VAR_KEYWORD, False


@pytest.mark.parametrize("release", RELEASES[:-1])
def test_what_is_always_legacy_says_what_check_says(release):
    known, version = catalog.load(), Version(release)
    told = 0
    for answer in coverage.answers(version):
        entry, symbol = answer.entry, known.symbol(answer.path)
        is_own = entry is not None and entry.path == answer.path and not answer.member
        if not is_own or not entry.legacy.always or symbol.kind_in(version) == "constant":
            continue
        place, _, name = answer.path.rpartition(".")
        advices = {_advice(node) for each, node in _module(release, place) if each == name}
        messages = {
            advice.finding.message
            for found in examples.advice(examples.uses(symbol, answer, version), version)
            for advice in found
        }
        if messages:
            (advice,) = advices
            assert advice.partition(" (with tff-compat explain")[0] in messages
            told += 1
    assert told >= {"0.1.0": 5, "0.86.0": 1}.get(release, 50)


def test_on_the_newest_release_nothing_is_legacy():
    assert not [path for path, text in package(Version("0.87.0")).items() if "deprecated(" in text]


def test_a_class_that_moved_passes_for_itself():
    models = dict(_module("0.52.0", "tff.learning.models"))
    old = dict(_module("0.52.0", "tff.learning"))["Model"]
    assert _advice(models["VariableModel"]) == ""
    assert "Write instead: tff.learning.models.VariableModel" in _advice(old)
    assert ast.unparse(old.bases[0]) == "tff.learning.models.VariableModel"


def test_members_of_what_is_there_may_be_legacy():
    members = dict(_definitions(dict(_module("0.20.0", "tff"))["FederatedType"].body))
    assert "Write instead: isinstance(federated_type, " in _advice(members["is_federated"])
    assert _advice(members["member"]) == ""
    assert "compact_representation" not in members  # Its base says the same.


def test_results_and_bases_are_those_that_the_release_said():
    root = dict(_module("0.52.0", "tff"))
    assert ast.unparse(root["FederatedType"].bases[0]) == "tff.Type"
    assert ast.unparse(root["CLIENTS"].annotation) == "tff.framework.PlacementLiteral"
    assert ast.unparse(root["to_type"].returns) == "Any"
    optimizers = dict(_module("0.52.0", "tff.learning.optimizers"))
    assert ast.unparse(optimizers["build_sgdm"].returns) == "tff.learning.optimizers.Optimizer"


def test_the_inner_package_has_what_tutorials_took_there():
    place = PurePath(FOLDER, "python", "__init__.pyi")
    names = {name for name, _ in _definitions(_trees("0.1.0")[place].body)}
    assert {"federated_computation", "learning", "utils", "CLIENTS"} <= names
