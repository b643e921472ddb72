"""Answers which public symbols each TFF release had, and with which signatures."""

from __future__ import annotations

from tff_compat.catalog.history import (
    INTERNAL,
    Catalog,
    Parameter,
    Signature,
    Symbol,
    UnknownReleaseError,
    load,
)
from tff_compat.catalog.primary import PRIMARY

__all__ = [
    "INTERNAL",
    "PRIMARY",
    "Catalog",
    "Parameter",
    "Signature",
    "Symbol",
    "UnknownReleaseError",
    "load",
]
