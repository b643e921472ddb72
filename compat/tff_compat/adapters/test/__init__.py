"""Adapters for what was offered under ``tff.test``."""
