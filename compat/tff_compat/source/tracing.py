"""What a run of a program knew, read from the file that `tff-compat run --trace` writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Trace:
    """What a run knew of the expressions of a program."""


def read(path):
    raise NotImplementedError
