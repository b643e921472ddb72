"""What does the work of symbols of 0.87.0 that the installed, earlier release lacks."""

from __future__ import annotations

import enum


class LoopImplementation(enum.Enum):
    """How clients go over their data, as of TFF 0.85 on; before, a flag of each builder said so."""

    DATASET_REDUCE = 1
    DATASET_ITERATOR = 2
