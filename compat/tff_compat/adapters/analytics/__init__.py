"""Adapters of `tff.analytics`."""
