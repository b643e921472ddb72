"""Which edits are taken back."""

from __future__ import annotations

import pytest
from tff_compat.proving.bisecting import culprits

EDITS = list(range(16))


class Trials:
    """Holds where all the wrong edits are taken back, and none of those that are needed."""

    def __init__(self, wrong, needed=()):
        self.wrong, self.needed = set(wrong), set(needed)
        self.count = 0

    def __call__(self, without):
        self.count += 1
        return self.wrong <= set(without) and not self.needed & set(without)


@pytest.mark.parametrize("wrong", EDITS)
def test_one_wrong_edit(wrong):
    trials = Trials([wrong])
    assert culprits(EDITS, trials, 100) == [wrong]
    assert trials.count <= 10


@pytest.mark.parametrize("wrong", [[0, 15], [7, 8], [3, 4, 12], EDITS])
def test_several_of_them_wherever_they_are(wrong):
    assert culprits(EDITS, Trials(wrong), 100) == wrong


def test_edits_without_which_it_does_not_run():
    assert culprits(EDITS, Trials([9], needed=[0, 5, 14]), 100) == [9]


def test_no_part_is_enough():
    trials = Trials([1], needed=[1])
    assert culprits(EDITS, trials, 100) is None
    assert trials.count == 31


def test_no_edits():
    assert culprits([], Trials([]), 100) is None


def test_no_more_runs_than_allowed():
    trials = Trials([1], needed=[1])
    assert culprits(EDITS, trials, 5) is None
    assert trials.count == 5
    trials = Trials([0, 15])
    # What was found holds, though there may be less.
    assert {0, 15} <= set(culprits(EDITS, trials, 3))
    assert trials.count == 3
