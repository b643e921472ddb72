"""Test suites as of a release: the plugins for pytest and tox, and the ratchet of legacy calls."""

AS_OF_VARIABLE = "TFF_COMPAT_PYTEST_AS_OF"
"""The environment variable by which the tox plugin tells the pytest plugin the release."""
