"""Writes down what the adapters declare, so that it can be read where no TensorFlow is.

    python tools/build_adapter_index.py

Run it on the primary release of TFF after each change of what `tff_compat.adapters` declares. The
same declarations give the same bytes, one entry a line.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # The environment with TFF that tox makes has a copy of the package, which is as old as that.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "compat"))

from tff_compat import catalog  # noqa: E402
from tff_compat.adapters import index, registry  # noqa: E402


def content() -> str:
    """The text of the index for what is declared now."""
    rows: list[dict[str, Any]] = sorted(map(_row, registry.entries()), key=_order)
    rows += sorted(map(_member_row, registry.members()), key=_order)
    rows += sorted(map(_method_row, registry.methods()), key=_order)
    rows += [
        {"path": each.name, "kind": "helper", "releases": "", "module": each.module}
        | {"replacement": each.source}
        for each in sorted(registry.helpers(), key=lambda each: each.name)
    ]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    return f"[\n{lines}\n]\n"


def _order(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["path"], row["releases"]


def _row(entry: registry.Adapter | registry.Move | registry.Refusal) -> dict[str, Any]:
    row: dict[str, Any] = {
        "path": entry.path,
        "kind": type(entry).__name__.lower(),
        "releases": str(entry.releases),
        "module": entry.module,
    }
    if isinstance(entry, registry.Move):
        return {**row, "target": entry.target}
    if isinstance(entry, registry.Refusal):
        return {**row, "reason": entry.reason, "replacement": entry.replacement}
    row["replacement"] = entry.replacement
    row |= _said(entry)
    if entry.hands:
        row["hands"] = entry.hands
    if entry.changed:
        row["changed"] = [str(each) for each in entry.changed]
    known = entry.signature.parameters if entry.signature is not None else {}
    without_effect = [name for name in entry.without_effect if name in known]
    if without_effect:
        row["without_effect"] = without_effect
    if not entry.legacy.always:
        row["legacy"] = {
            "keywords": list(entry.legacy.keywords),
            "values": dict(entry.legacy.values),
        }
    if entry.takes:
        row["takes"] = dict(entry.takes)
    if entry.cases:
        row["cases"] = {name: [case.template, case.note] for name, case in entry.cases.items()}
    if entry.signature is not None and not isinstance(entry.target, type):
        row["signature"] = _text(entry.signature)
    members = _members(entry)
    return {**row, "members": members} if members else row


def _said(declared: registry.Adapter | registry.Member) -> dict[str, str]:
    """What is not said is left out."""
    found = {"note": declared.note, "gives": declared.gives}
    return {key: value for key, value in found.items() if value}


def _member_row(member: registry.Member) -> dict[str, Any]:
    row: dict[str, Any] = {
        "path": f"{member.role}: {member.name}",
        "kind": "member",
        "releases": str(member.releases),
        "module": member.module,
        "replacement": member.replacement,
    }
    if not member.legacy.always:
        row["legacy"] = {
            "keywords": list(member.legacy.keywords),
            "values": dict(member.legacy.values),
        }
    return row | _said(member) | ({"signature": member.parameters} if member.parameters else {})


def _method_row(method: registry.Method) -> dict[str, Any]:
    row = {
        "path": f"{method.owner}: {method.name}",
        "kind": "method",
        "releases": str(method.releases),
        "module": method.module,
        "replacement": method.definition,
    }
    said = {"note": method.note, "hands": method.hands}
    return row | {key: value for key, value in said.items() if value}


def _members(entry: registry.Adapter) -> dict[str, str | None]:
    """Of the members that the releases had, those that the adapter has, with their signatures."""
    known = catalog.load()
    names = {
        name
        for release in entry.releases.filter(known.releases)
        for name in known.members(entry.path, release, operators=True)
    }
    target = made(entry.target)
    return {name: _signature(target, name) for name in sorted(names) if has(target, name)}


def made(target: Any) -> object:
    """The class of what a program gets: a target may make objects of another class.

    A class says so by its attribute `makes` or `real`, a function by its return annotation.
    """
    if isinstance(target, type):
        return getattr(target, "makes", None) or getattr(target, "real", target)
    if inspect.isfunction(target):
        return inspect.signature(target, eval_str=True).return_annotation
    return target


def has(target: object, name: str) -> bool:
    """Whether a class or its instances have an attribute."""
    if hasattr(target, name):
        return True
    # What an instance gets when it is made: the fields of attrs and data classes.
    declared: set[str] = set()
    for owner in getattr(target, "__mro__", ()):
        declared |= set(vars(owner).get("__annotations__", ()))
        declared |= {field.name for field in getattr(owner, "__attrs_attrs__", ())}
    return name in declared


def _signature(target: object, name: str) -> str | None:
    """The signature of a method without `self` and annotations; None for what is not called."""
    if not isinstance(target, type):
        return None
    static = inspect.getattr_static(target, name, None)
    if not (inspect.isfunction(static) or isinstance(static, (classmethod, staticmethod))):
        return None
    signature = inspect.signature(getattr(target, name))
    parameters = list(signature.parameters.values())
    if inspect.isfunction(static):
        parameters = parameters[1:]
    return _text(signature.replace(parameters=parameters))


def _text(signature: inspect.Signature) -> str:
    """A signature without annotations; defaults that are no literals are dots."""
    parts = []
    for parameter in signature.parameters.values():
        default = parameter.default
        if default is not parameter.empty and not _is_literal(default):
            default = Ellipsis
        parts.append(parameter.replace(annotation=parameter.empty, default=default))
    empty = signature.empty
    return str(inspect.Signature(parts, return_annotation=empty)).replace("=Ellipsis", "=...")


def _is_literal(value: object) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


if __name__ == "__main__":
    path = Path(index.__file__).with_name(index.FILE)
    path.write_text(content(), encoding="utf-8")
    print(path)
