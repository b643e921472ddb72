"""Adapters for what was offered under ``tff.simulation``."""
