"""Proving an upgrade: the program is run before and after, and only what keeps its results stays."""
