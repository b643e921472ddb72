"""Proving an upgrade: a program is run before and after, and what changes its results goes."""
