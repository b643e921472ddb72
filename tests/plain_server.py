"""Runs programs on plain TFF, each in a fork of one process that has imported it once.

    python tests/plain_server.py

answers requests as `forked_programs.serve` says. tff-compat is not imported, and cannot be.
"""

from __future__ import annotations

import importlib.abc
import runpy
import sys

import forked_programs
import tensorflow
import tensorflow_federated as tff


class _Without(importlib.abc.MetaPathFinder):
    """Makes sure that no program finds tff-compat."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] == "tff_compat":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def _run(request: forked_programs.Request) -> None:
    # The default context of the parent waits for a thread that only the parent has.
    tff.backends.native.set_sync_local_cpp_execution_context()
    runpy.run_path(request["program"], run_name="__main__")


def main() -> None:
    assert tensorflow.__version__ and "tff_compat" not in sys.modules
    sys.meta_path.insert(0, _Without())
    forked_programs.serve(_run)


if __name__ == "__main__":
    main()
