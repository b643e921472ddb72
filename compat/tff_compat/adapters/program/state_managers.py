"""Managers of program state: synchronous up to 0.21, in flat files up to 0.82."""

from __future__ import annotations

import abc
from typing import Any

import tensorflow as tf
import tree
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.program import calls, errors
from tff_compat.adapters.program.references import materialized
from tff_compat.adapters.registry import NEVER, AsOf, adapter, member, method
from tff_compat.catalog.boundaries import (
    FIRST_TO_KEEP_THE_FIRST_ALONE,
    FIRST_TO_LOAD_ARRAYS,
    FIRST_WITH_ATTRS_AS_VALUES,
    FIRST_WITH_PATH_IN_ERROR,
    FIRST_WITH_PROGRAM_ERRORS,
)

tff = modern.package()

_Manager: Any = tff.program.ProgramStateManager
_FileManager: Any = tff.program.FileProgramStateManager

_COROUTINES = "`get_versions`, `load`, `load_latest` and `save` are coroutine functions."
STATES = "program state manager"
for _name, _parameters in {
    "load": "version, structure",
    "load_latest": "structure",
    "save": "program_state, version",
}.items():
    _given = ", ".join(f"{{{each}}}" for each in _parameters.split(", "))
    member(
        STATES,
        f".{_name}()",
        releases=">=0.20,<0.22",
        replacement=f"asyncio.run({{self}}.{_name}({_given}))",
        note="Inside a coroutine it is awaited instead.",
        parameters=f"({_parameters})",
    )
    method(
        "tff.program.ProgramStateManager",
        f"async def {_name}(self, {_parameters})",
        releases=">=0.20,<0.22",
    )
member(
    STATES,
    ".versions()",
    releases=">=0.20,<0.22",
    replacement="asyncio.run({self}.get_versions())",
    note="Inside a coroutine it is awaited instead.",
    parameters="()",
)


class _Synchronous:
    """The methods of synchronous managers that follow from `versions` and `load`."""

    versions: Any
    load: Any

    def load_latest(self, structure):
        """The latest saved state and its version, (None, 0) where there is none."""
        versions = self.versions()
        if versions is None:
            return calls.AwaitableTuple((None, 0))
        latest = max(versions)
        try:
            return calls.AwaitableTuple((self.load(latest, structure), latest))
        except tff.program.ProgramStateNotFoundError:
            return calls.AwaitableTuple((None, 0))

    async def get_versions(self) -> Any:
        """What `versions` returns, under the name of TFF 0.22 and later."""
        return self.versions()


@adapter(
    "tff.program.ProgramStateManager",
    releases=">=0.20,<0.22",
    replacement="tff.program.ProgramStateManager",
    note=_COROUTINES,
)
class ProgramStateManager(_Synchronous, calls.Interface, _Manager):
    """The base class of managers that save and load program state, as of TFF 0.20 and 0.21.

    A subclass has the ordinary methods `versions`, `load` and `save`.

    Raises:
      TypeError: A subclass that lacks one of them is instantiated.
    """

    as_of: AsOf
    stands_for = (_Manager,)
    _warns = True

    @classmethod
    def _adapt(cls, release: Version) -> None:
        for name in ("save", "load_latest"):
            calls.wrap(cls, name, _awaitable)

    @abc.abstractmethod
    def versions(self):
        """The versions that are saved, None where there are none."""

    @abc.abstractmethod
    def load(self, version, structure):
        """The state of a version in the containers of `structure`."""

    @abc.abstractmethod
    def save(self, program_state, version):
        """Saves the state of a version."""


def _awaitable(method: Any) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return calls.awaitable(method(self, *args, **kwargs))

    return call


class _Files(calls.Subclassed, _FileManager):
    """A manager of program state in files as each release had it.

    The files have the values of a state in a list, which those releases read as well.
    """

    as_of: AsOf

    def __init__(self, root_dir, prefix="program_state_", keep_total=5, keep_first=True):
        keeps_all = self.as_of.release < FIRST_TO_KEEP_THE_FIRST_ALONE
        if keeps_all and (keep_total, keep_first) == (1, True):
            # Nothing was removed then, which is what 0 asks for.
            keep_total = 0
        super().__init__(root_dir, prefix, keep_total, keep_first)

    async def _save(self, program_state: Any, version: Any) -> None:
        release = self.as_of.release
        state = calls.flat(await materialized(program_state, release), release)
        try:
            await super().save(state, version)
        except tff.program.ProgramStateExistsError as error:
            if release < FIRST_WITH_PROGRAM_ERRORS:
                raise errors.ProgramStateManagerStateAlreadyExistsError(
                    f"Program state already exists for version: {version}"
                ) from error
            if release < FIRST_WITH_PATH_IN_ERROR:
                raise errors.ProgramStateExistsError(version) from error
            raise

    async def _load(self, version: Any, structure: Any) -> Any:
        release = self.as_of.release
        try:
            values = await super().load(version, calls.flat(structure, release))
            state = calls.unflat(structure, values, release)
        except tff.program.ProgramStateNotFoundError as error:
            if release >= FIRST_WITH_PROGRAM_ERRORS:
                raise
            raise errors.ProgramStateManagerStateNotFoundError(
                f"No program state found for version: {version}"
            ) from error
        except ValueError as error:
            if release >= FIRST_WITH_PROGRAM_ERRORS:
                raise
            raise errors.ProgramStateManagerStructureError(
                f"The structure of type {type(structure).__name__} does not match what was saved "
                f"for version {version}: {structure}"
            ) from error
        if release < FIRST_TO_LOAD_ARRAYS:
            return tree.map_structure(tf.convert_to_tensor, state)
        return state


@adapter(
    "tff.program.FileProgramStateManager",
    releases=">=0.20,<0.22",
    replacement="tff.program.FileProgramStateManager({root_dir}[?, prefix={prefix}?]"
    "[?, keep_total={keep_total}?][?, keep_first={keep_first}?])",
    note=_COROUTINES,
    gives=STATES,
)
class FileProgramStateManager_0_20(_Synchronous, _Files):
    """A synchronous manager of program state in files, as of TFF 0.20 and 0.21.

    Args:
      root_dir: The folder of the files, made where it does not exist.
      prefix: What the names of files begin with; the version follows.
      keep_total: How many states are kept; zero or less for all.
      keep_first: Whether the first is kept among them.

    Raises:
      ValueError: `root_dir` is empty.
    """

    as_of: AsOf

    def __init__(self, root_dir, prefix="program_state_", keep_total=5, keep_first=True):
        self.as_of.warn(
            {
                "root_dir": root_dir,
                "prefix": prefix,
                "keep_total": keep_total,
                "keep_first": keep_first,
            }
        )
        super().__init__(root_dir, prefix, keep_total, keep_first)

    def versions(self):
        """The versions that are saved, in order; None where there are none."""
        return calls.run(_FileManager.get_versions(self))

    def load(self, version, structure):
        """The state of a version in the containers of `structure`, as tensors.

        Raises:
          ProgramStateManagerStateNotFoundError: There is no such version.
          ProgramStateManagerStructureError: The structure has more or fewer values.
        """
        return calls.run(self._load(version, structure))

    def save(self, program_state, version):
        """Saves a state, and removes those that are too many.

        Raises:
          ProgramStateManagerStateAlreadyExistsError: There is such a version.
        """
        calls.run(self._save(program_state, version))
        return calls.DONE


@adapter(
    "tff.program.FileProgramStateManager",
    releases=">=0.22,<0.83",
    replacement="tff.program.FileProgramStateManager",
    changed=(
        FIRST_TO_LOAD_ARRAYS,
        FIRST_WITH_ATTRS_AS_VALUES,
        FIRST_WITH_PROGRAM_ERRORS,
        FIRST_TO_KEEP_THE_FIRST_ALONE,
        FIRST_WITH_PATH_IN_ERROR,
    ),
    legacy=NEVER,
)
class FileProgramStateManager(_Files):
    """A manager of program state in files, as of TFF 0.22 to 0.82.

    Args:
      root_dir: The folder of the files, made where it does not exist.
      prefix: What the names of files begin with; the version follows.
      keep_total: How many states are kept; zero or less for all.
      keep_first: Whether the first is kept among them.

    Raises:
      ValueError: `root_dir` is empty.
    """

    as_of: AsOf

    async def load(self, version, structure):
        """The state of a version in the containers of `structure`.

        Raises:
          ProgramStateNotFoundError: There is no such version; up to 0.61
            ProgramStateManagerStateNotFoundError.
          ValueError: The structure has more or fewer values; up to 0.61
            ProgramStateManagerStructureError.
        """
        return await self._load(version, structure)

    async def save(self, program_state, version):
        """Saves a state, and removes those that are too many.

        Raises:
          ProgramStateExistsError: There is such a version; up to 0.61
            ProgramStateManagerStateAlreadyExistsError.
        """
        await self._save(program_state, version)
