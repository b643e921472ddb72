"""Checkpoints: the state of a simulation in files, from which it goes on."""

from __future__ import annotations

import os.path
import re
from typing import Any

import tensorflow as tf

from tff_compat.adapters.registry import AsOf, adapter, member
from tff_compat.adapters.stand_ins import named

_REPLACEMENT = (
    "tff.program.FileProgramStateManager({root_dir}[?, {prefix}?][?, keep_total={keep_total}?]"
    "[?, keep_first={keep_first}?])"
)
_NOTE = (
    "Its methods are asynchronous: await manager.save(state, version), await "
    "manager.load_latest(structure); it does not read files of the old one%s."
)
_CHECKPOINTS = "checkpoint manager"
_AWAITED = "Inside a coroutine it is awaited instead."
for _name, _parameters, _code, _further in (
    ("save_checkpoint", "(state, round_num)", "save({state}, {round_num})", ""),
    ("load_checkpoint", "(structure, round_num)", "load({round_num}, {structure})", ""),
    (
        "load_latest_checkpoint",
        "(structure)",
        "load_latest({structure})",
        " Where there is none it gives (None, 0).",
    ),
):
    member(
        _CHECKPOINTS,
        f".{_name}()",
        releases="<0.20",
        replacement=f"asyncio.run({{self}}.{_code})",
        note=f"{_AWAITED}{_further}",
        parameters=_parameters,
    )
member(
    _CHECKPOINTS,
    ".load_latest_checkpoint_or_default()",
    releases="<0.20",
    note="Call `load_latest`; where it gives no state, save the default one.",
)


class _Manager:
    """A directory of checkpoints, each a SavedModel named by a prefix and the round."""

    as_of: AsOf
    _step = 1

    def _keep(self, root_dir: str, prefix: str, keep_total: int, keep_first: bool) -> None:
        self._root_dir = root_dir
        self._prefix = prefix
        self._keep_total = keep_total
        self._keep_first = keep_first

    def load_latest_checkpoint_or_default(self, default: Any) -> tuple[Any, int]:
        """The latest state and its round; where there is none, `default`, saved as round 0."""
        state, round_num = self.load_latest_checkpoint(default)
        if state is None:
            self.save_checkpoint(default, 0)
            return default, 0
        return state, round_num

    def load_latest_checkpoint(self, structure: Any) -> tuple[Any, Any]:
        """The latest state and its round; ``(None, None)`` where there is none.

        Args:
          structure: A state of the same structure, in whose containers the tensors come.
        """
        rounds = self._rounds()
        if not rounds:
            return None, None
        return self.load_checkpoint(structure, rounds[-1]), rounds[-1]

    def load_checkpoint(self, structure: Any, round_num: int) -> Any:
        """The state of a round.

        Args:
          structure: A state of the same structure, in whose containers the tensors come.
          round_num: The round.

        Raises:
          FileNotFoundError: It was not saved, or has been removed.
        """
        path = self._path(round_num)
        if not tf.io.gfile.exists(path):
            raise FileNotFoundError(f"No such file or directory: {path}")
        tensors = tf.saved_model.load(path).build_obj_fn()
        return tf.nest.pack_sequence_as(structure, tensors)

    def save_checkpoint(self, state: Any, round_num: int) -> None:
        """Writes the state of a round, if its turn has come, and removes the oldest ones.

        Args:
          state: A structure of what `tf.convert_to_tensor` takes.
          round_num: The round.
        """
        if round_num % self._step != 0:
            return
        model = tf.Module()
        model.obj = tf.nest.flatten(state)
        model.build_obj_fn = tf.function(lambda: model.obj, input_signature=())
        # A name of its own until it is whole: readers look for the prefix.
        unfinished = os.path.join(self._root_dir, f".temp_{self._prefix}{round_num}")
        if tf.io.gfile.exists(unfinished):
            tf.io.gfile.rmtree(unfinished)
        tf.io.gfile.makedirs(unfinished)
        tf.saved_model.save(model, unfinished, signatures={})
        tf.io.gfile.rename(unfinished, self._path(round_num))
        self._remove_old()

    def _remove_old(self) -> None:
        rounds = self._rounds()
        first = 1 if self._keep_first else 0
        if len(rounds) > self._keep_total:
            for round_num in rounds[first : first - self._keep_total]:
                tf.io.gfile.rmtree(self._path(round_num))

    def _path(self, round_num: int) -> str:
        return os.path.join(self._root_dir, f"{self._prefix}{round_num}")

    def _rounds(self) -> list[int]:
        """The rounds that there are checkpoints of, in order."""
        if not tf.io.gfile.exists(self._root_dir):
            return []
        names = [name.rstrip("/") for name in tf.io.gfile.listdir(self._root_dir)]
        found = [re.fullmatch(re.escape(self._prefix) + "([0-9]+)", name) for name in names]
        return sorted(int(match.group(1)) for match in found if match)


@adapter(
    "tff.simulation.FileCheckpointManager",
    releases=">=0.18,<0.19",
    replacement=_REPLACEMENT,
    note=_NOTE % "",
    gives=_CHECKPOINTS,
)
class FileCheckpointManager(_Manager):
    """Saves states to files and reads them back, as of TFF 0.18.

    Args:
      root_dir: The directory for them.
      prefix: What their names start with; the round follows.
      keep_total: How many to keep.
      keep_first: Whether the first one is always among them.
    """

    as_of: AsOf

    def __init__(self, root_dir, prefix="ckpt_", keep_total=5, keep_first=True):
        self.as_of.warn(locals())
        self._keep(root_dir, prefix, keep_total, keep_first)


@adapter(
    "tff.simulation.FileCheckpointManager",
    releases=">=0.19,<0.20",
    replacement=_REPLACEMENT,
    note=_NOTE % "; save only rounds that `step` divides",
    gives=_CHECKPOINTS,
)
class FileCheckpointManager_0_19(_Manager):
    """Saves states to files and reads them back, as of TFF 0.19.

    Args:
      root_dir: The directory for them.
      prefix: What their names start with; the round follows.
      step: Only rounds that this divides are written.
      keep_total: How many to keep.
      keep_first: Whether the first one is always among them.
    """

    as_of: AsOf

    def __init__(self, root_dir, prefix="ckpt_", step=1, keep_total=5, keep_first=True):
        self.as_of.warn(locals())
        self._step = step
        self._keep(root_dir, prefix, keep_total, keep_first)


named("FileCheckpointManager", FileCheckpointManager_0_19)
