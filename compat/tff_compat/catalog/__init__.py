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

__all__ = ["INTERNAL", "Catalog", "Parameter", "Signature", "Symbol", "UnknownReleaseError", "load"]
