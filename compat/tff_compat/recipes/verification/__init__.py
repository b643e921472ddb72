"""Verifies an environment: the real release in it imports, computes and trains as it should."""

from __future__ import annotations

from tff_compat.recipes.verification.verifying import Result, verify

__all__ = ["Result", "verify"]
