"""Adapters for the core language: types, computations, intrinsics and structures."""
