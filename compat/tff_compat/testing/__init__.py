"""Test suites as of a release: the plugins for pytest and tox, and the ratchet of legacy calls."""
