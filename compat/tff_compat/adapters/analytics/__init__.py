"""Adapters for what was offered under ``tff.analytics``."""
