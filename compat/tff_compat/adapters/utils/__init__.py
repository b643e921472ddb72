"""Adapters for what was offered under ``tff.utils``, up to TFF 0.18."""
