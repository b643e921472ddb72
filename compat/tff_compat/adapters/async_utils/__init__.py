"""Adapters of `tff.async_utils`: concurrency for programs that use `async`."""
