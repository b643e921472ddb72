"""Every replacement is code that the primary release takes, as far as that can be read."""

from __future__ import annotations

import ast
import builtins
import itertools
import re
import symtable
from collections.abc import Iterator

import pytest
from tff_compat import catalog, coverage
from tff_compat.adapters import index
from tff_compat.declared import derivations, legacy
from tff_compat.declared.replacement import IMPORTS, Replacement

_DECLARED = [entry for entry in (*index.every(), *index.members()) if entry.kind != "refusal"]


def _id(entry: index.Entry) -> str:
    return f"{entry.path}{entry.releases}"


def _variants(replacement: Replacement) -> Iterator[str]:
    """The code with all optional parts, with none, and with each alone."""
    names = sorted({hole.name for hole in replacement.holes})
    for given in [names, [], *([name] for name in names)]:
        yield replacement.variant(given).replace("(, ", "(").replace("[, ", "[")


def _replacements(entry: index.Entry) -> list[Replacement]:
    return [entry.modern, *entry.cases.values()]


def _trees(entry: index.Entry) -> Iterator[ast.Expression]:
    for replacement in _replacements(entry):
        if replacement.template:
            for code in _variants(replacement):
                yield ast.parse(code, mode="eval")


def _bound(tree: ast.AST) -> set[str]:
    bound = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
    return bound


@pytest.mark.parametrize("entry", _DECLARED, ids=_id)
def test_a_replacement_is_one_expression_with_known_names_only(entry: index.Entry) -> None:
    for replacement in _replacements(entry):
        # A member without any of these stays as it is, beside others that change.
        assert entry.kind == "member" or replacement.template or replacement.note or entry.gives
        assert "…" not in replacement.template and "..." not in replacement.template
        assert "#" not in replacement.template
        for hole in replacement.holes:
            assert not hole.derivation or hole.derivation in derivations.NAMES, hole
            assert not hole.helper or hole.name in index.helpers(), hole
    for tree in _trees(entry):
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        holes = {name for name in names if re.fullmatch(r"_hole_\d+_", name)}
        known = {*holes, *IMPORTS, *vars(builtins), *_bound(tree)}
        helpers = {hole.name for each in _replacements(entry) for hole in each.holes if hole.helper}
        assert not names - known - helpers, f"free names: {names - known - helpers}"


def _of_module(table: symtable.SymbolTable) -> set[str]:
    """The names that functions and classes take from the module they stand in."""
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return names.union(*map(_of_module, table.get_children()))


@pytest.mark.parametrize("name", sorted(index.helpers()))
def test_a_helper_has_known_names_only(name: str) -> None:
    table = symtable.symtable(index.helpers()[name], name, "exec")
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned()}
    free = _of_module(table) - own - {*IMPORTS, *index.helpers(), *vars(builtins)}
    assert not free, f"free names: {free}"


@pytest.mark.parametrize("entry", _DECLARED, ids=_id)
def test_a_replacement_names_what_is_public_in_the_primary_release(entry: index.Entry) -> None:
    known = catalog.load()
    for tree in _trees(entry):
        for node in ast.walk(tree):
            text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if re.fullmatch(r"tff(\.\w+)+", text):
                symbol = known.symbol(text)
                assert symbol is not None and symbol.exists_in(coverage.PRIMARY), text


@pytest.mark.parametrize("entry", _DECLARED, ids=_id)
def test_the_primary_release_takes_the_calls_of_a_replacement(entry: index.Entry) -> None:
    known = catalog.load()
    for tree in _trees(entry):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            symbol = known.symbol(ast.unparse(node.func))
            signature = symbol.signature(coverage.PRIMARY) if symbol else None
            starred = any(isinstance(argument, ast.Starred) for argument in node.args)
            named = [keyword.arg for keyword in node.keywords]
            if signature is None or starred or None in named:
                continue
            assert len(named) == len(set(named)), ast.unparse(node)
            misfit = signature.misfit(len(node.args), [str(name) for name in named])
            assert misfit is None, f"{ast.unparse(node)}: {misfit}"


def _dropped(entry: index.Entry) -> set[str]:
    """The parameters of the legacy form that the code leaves out."""
    symbol = catalog.load().symbol(entry.path)
    signatures = {
        signature
        for release in entry.stands_for
        if symbol is not None and (signature := symbol.signature(release)) is not None
    }
    if entry.kind != "adapter" or entry.modern.is_name or not entry.modern.template:
        return set()
    used = {hole.name for hole in entry.modern.holes}
    return {
        parameter.name
        for signature in signatures
        for parameter in signature.parameters
        if parameter.name not in used
    }


@pytest.mark.parametrize("entry", _DECLARED, ids=_id)
def test_an_argument_is_dropped_only_where_the_note_says_so(entry: index.Entry) -> None:
    for name in _dropped(entry) - set(entry.without_effect) - set(entry.cases):
        assert name in entry.modern.note, f"{name} is dropped without saying so"


@pytest.mark.parametrize("entry", _DECLARED, ids=_id)
def test_what_is_without_effect_is_a_parameter_left_out(entry: index.Entry) -> None:
    assert set(entry.without_effect) <= _dropped(entry)


@pytest.mark.parametrize("entry", _DECLARED, ids=_id)
def test_holes_are_parameters(entry: index.Entry) -> None:
    symbol = catalog.load().symbol(entry.path)
    if entry.kind != "adapter" or symbol is None:
        return
    known = {"self"}
    for release in entry.stands_for:
        signature = symbol.signature(release)
        if signature is not None:
            known |= {parameter.name for parameter in signature.parameters}
    for replacement, hole in itertools.chain.from_iterable(
        ((each, hole) for hole in each.holes) for each in _replacements(entry)
    ):
        assert hole.helper or hole.name in known, f"{hole} in {replacement.template}"


def test_refusals_name_what_exists():
    known = catalog.load()
    for entry in index.every():
        if entry.kind == "refusal":
            assert entry.reason
            for path in re.findall(r"\btff(?:\.\w+)+", entry.replacement):
                symbol = known.symbol(path)
                assert symbol is not None and symbol.exists_in(coverage.PRIMARY), path


def test_each_kind_of_values_is_declared_of_something() -> None:
    used = {kind for entry in _DECLARED for kind in entry.legacy.values.values()}
    of_cases = {case for entry in _DECLARED for case in entry.cases}
    assert used <= set(legacy.KINDS) <= used | of_cases
