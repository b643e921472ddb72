"""Every adapter's `def` line is the signature that the real releases had."""

from __future__ import annotations

import ast
import inspect

import pytest
from tff_compat import catalog

pytestmark = pytest.mark.tff


def _adapters():
    from tff_compat.adapters import registry

    return [e for e in registry.entries() if isinstance(e, registry.Adapter)]


def _historical(path: str, release: object) -> list[tuple[str, object, str | None]] | None:
    symbol = catalog.load().symbol(path)
    assert symbol is not None, f"{path} was never public"
    assert symbol.exists_in(release), f"{path} was not there in {release}"
    signature = symbol.signature(release)
    if signature is None:
        return None
    return [(p.name, p.kind, p.default) for p in signature.parameters]


def _default(parameter: inspect.Parameter) -> object:
    return None if parameter.default is parameter.empty else parameter.default


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return False
    return True


def test_every_adapter_has_the_signature_of_each_of_its_releases() -> None:
    wrong = []
    for entry in _adapters():
        if entry.signature is None:
            continue
        for release in entry.releases.filter(catalog.load().releases):
            historical = _historical(entry.path, release)
            if historical is None:
                continue
            found = list(entry.signature.parameters.values())
            if [(p.name, p.kind) for p in found] != [(n, k) for n, k, _ in historical]:
                wrong.append(f"{entry.path} {release}: {entry.signature} for {historical}")
                continue
            for parameter, (name, _, default) in zip(found, historical):
                if (default is None) != (parameter.default is parameter.empty):
                    wrong.append(f"{entry.path} {release}: default of {name}")
                elif default is not None and _is_literal(default):
                    # What is no literal, such as a function that makes an optimizer, is compared
                    # by what the programs print.
                    if ast.literal_eval(default) != parameter.default:
                        wrong.append(f"{entry.path} {release}: {name}={default}")
    assert not wrong, "\n".join(wrong)


def test_every_entry_stands_for_releases_that_had_the_symbol() -> None:
    from tff_compat.adapters import registry

    wrong = []
    for entry in registry.entries():
        symbol = catalog.load().symbol(entry.path)
        releases = list(entry.releases.filter(catalog.load().releases))
        if symbol is None or not releases:
            wrong.append(f"{entry.path} {entry.releases}")
        elif not all(symbol.exists_in(release) for release in releases):
            wrong.append(f"{entry.path} {entry.releases}: there from {symbol.first} {symbol.last}")
    assert not wrong, "\n".join(wrong)


def test_no_release_of_a_symbol_is_claimed_twice() -> None:
    from tff_compat.adapters import registry

    for path in {entry.path for entry in registry.entries()}:
        for release in catalog.load().releases:
            registry.find(path, release)


def test_moves_lead_to_symbols_of_the_installed_release() -> None:
    from tff_compat import modern
    from tff_compat.adapters import registry

    for entry in registry.entries():
        if isinstance(entry, registry.Move):
            modern.symbol(entry.target)
