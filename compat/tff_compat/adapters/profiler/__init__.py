"""Adapters of `tff.profiler`: traces of what TFF and programs do."""
