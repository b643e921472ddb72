"""Release managers: `release` was synchronous up to 0.21, and took a type from 0.29 to 0.71."""

from __future__ import annotations

import abc
import inspect
from typing import Any, cast

from absl import logging
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.program import calls, errors
from tff_compat.adapters.program.calls import NOT_GIVEN
from tff_compat.adapters.program.references import materialized
from tff_compat.adapters.registry import NEVER, AsOf, adapter, helper, member, method
from tff_compat.catalog.boundaries import (
    FIRST_ASYNCHRONOUS,
    FIRST_WITH_ANY_KEY,
    FIRST_WITH_ATTRS_AS_VALUES,
    FIRST_WITH_OPTIONAL_RELEASED_TYPES,
    FIRST_WITH_PROGRAM_ERRORS,
    FIRST_WITH_REQUIRED_KEY,
    FIRST_WITH_STRUCTURE_IN_FILES,
)

tff = modern.package()

_Manager: Any = tff.program.ReleaseManager
_Memory: Any = tff.program.MemoryReleaseManager
_Logging: Any = tff.program.LoggingReleaseManager
_CSV: Any = tff.program.CSVFileReleaseManager
_SavedModel: Any = tff.program.SavedModelFileReleaseManager
_TensorBoard: Any = tff.program.TensorBoardReleaseManager

_FIRST_WITH_STRUCTURE_FROM_FILES = Version("0.87")

_MODERN_RELEASE = "release({value}, key={key})"

MANAGER = "release manager"
NUMBERED = "release manager of numbered values"
FILES = "release manager of files"
MEMORY = "release manager in memory"
for _role, _key in ((MANAGER, "None"), (MEMORY, "None"), (NUMBERED, "0"), (FILES, "0")):
    member(
        _role,
        ".release()",
        releases=">=0.20,<0.22",
        replacement=f"asyncio.run({{self}}.{_MODERN_RELEASE})",
        note="Inside a coroutine it is awaited instead.",
        parameters="(value, key=None)",
    )
    member(
        _role,
        ".release()",
        releases=">=0.29,<0.68",
        replacement="{self}.release({value}[?, key={key}?])",
        note="Without `type_signature`.",
        parameters="(value, type_signature, key=None)",
    )
    member(
        _role,
        ".release()",
        releases=">=0.68,<0.72",
        replacement=f"{{self}}.{_MODERN_RELEASE}",
        note="Without `type_signature`.",
        parameters=f"(value, type_signature=None, key={_key})",
    )
helper(
    "value_of_key",
    '''\
async def value_of_key(manager, key, structure):
  """The value that a manager has for a key, in the containers of a structure."""
  value = await manager.get_value(key)
  return tf.nest.pack_sequence_as(structure, tf.nest.flatten(value))
''',
)
member(
    FILES,
    ".get_value()",
    releases=">=0.63,<0.83",
    replacement="{!value_of_key}({self}, {key}, {structure})",
    note="the files have the structure of the values, whose order is that of tf.nest",
    parameters="(key, structure)",
)
member(
    FILES,
    ".get_value()",
    releases=">=0.83,<0.87",
    replacement="{self}.get_value({key})",
    note="The files have the structure of the values.",
    parameters="(key, structure)",
)
member(
    MEMORY,
    ".values()",
    releases=">=0.29,<0.68",
    replacement="collections.OrderedDict((key, (value, None)) for key, value in {self}.values()"
    ".items())",
    note="The values have no types: write what reads the pairs anew.",
    parameters="()",
)
method(
    "tff.program.ReleaseManager",
    "async def release(self, value, *, key)",
    releases="<0.72",
    note="TFF gives no type any more.",
)


# --- Without types: TFF 0.20 to 0.28 --------------------------------------------------------------


@adapter(
    "tff.program.ReleaseManager",
    releases=">=0.20,<0.22",
    replacement="tff.program.ReleaseManager",
    note="`release` is a coroutine function.",
)
class ReleaseManager_0_20(calls.Interface, _Manager):
    """The base class of managers that release values, as of TFF 0.20 and 0.21.

    A subclass has the ordinary method ``release(value, key=None)``.

    Raises:
      TypeError: A subclass that lacks it is instantiated.
    """

    as_of: AsOf
    stands_for = (_Manager,)
    _warns = True

    @classmethod
    def _adapt(cls, release: Version) -> None:
        calls.wrap(cls, "release", _with_key_at_its_place)

    @abc.abstractmethod
    def release(self, value, key=None):
        """Releases a value under a key."""


@adapter(
    "tff.program.ReleaseManager",
    releases=">=0.22,<0.29",
    replacement="tff.program.ReleaseManager",
    legacy=NEVER,
)
class ReleaseManager_0_22(calls.Interface, _Manager):
    """The base class of managers that release values, as of TFF 0.22 to 0.28.

    A subclass has the coroutine method ``release(value, key=None)``.

    Raises:
      TypeError: A subclass that lacks it is instantiated.
    """

    as_of: AsOf
    stands_for = (_Manager,)

    @classmethod
    def _adapt(cls, release: Version) -> None:
        calls.wrap(cls, "release", _with_key_at_its_place)

    @abc.abstractmethod
    async def release(self, value, key=None):
        """Releases a value under a key."""


def _with_key_at_its_place(method: Any) -> Any:
    """A program's `release`, which takes no type and may call the key as it likes.

    The installed TFF passes ``key=``, or a type before the key.
    """
    named = "key" in inspect.signature(method).parameters

    def release(self: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 3:
            args = (args[0], args[2])
        elif not named and kwargs.keys() == {"key"}:
            args, kwargs = (*args, kwargs["key"]), {}
        return calls.awaitable(method(self, *args, **kwargs))

    return release


class _Untyped(calls.Subclassed):
    """A manager of the installed TFF whose `release` takes no type, synchronous up to 0.21."""

    as_of: AsOf

    @classmethod
    def _adapt(cls, release: Version) -> None:
        calls.wrap(cls, "release", _with_key_at_its_place)

    def release(self, value, key, key_after_type=NOT_GIVEN):
        """Releases a value, in which references are replaced by their values, under a key.

        Some installed releases of TFF pass a type before the key.
        """
        return self._released(value, key if key_after_type is NOT_GIVEN else key_after_type)

    def _released(self, value: Any, key: Any) -> Any:
        if self.as_of.release >= FIRST_ASYNCHRONOUS:
            return self._release(value, key)
        arguments = {"value": value, "key": key}
        calls.warn_method(self.as_of, _Untyped.release, f"await {_MODERN_RELEASE}", arguments)
        calls.run(self._release(value, key))
        return calls.DONE

    async def _release(self, value: Any, key: Any) -> None:
        value = self._prepared(await materialized(value, self.as_of.release), key)
        await calls.call_release(super().release, value, key)  # type: ignore[misc]

    def _prepared(self, value: Any, key: Any) -> Any:
        return value


# --- With types: TFF 0.29 to 0.71 -----------------------------------------------------------------


@adapter(
    "tff.program.ReleaseManager",
    releases=">=0.29,<0.72",
    replacement="tff.program.ReleaseManager",
    note="`release` takes the value and the key; the type is no longer given.",
    changed=(FIRST_WITH_OPTIONAL_RELEASED_TYPES,),
)
class ReleaseManager(calls.Interface, _Manager):
    """The base class of managers that release values, as of TFF 0.29 to 0.71.

    A subclass has the coroutine method ``release(value, type_signature, key)``. Where the installed
    TFF calls it, the type is that of the value.

    Raises:
      TypeError: A subclass that lacks it is instantiated.
    """

    as_of: AsOf
    stands_for = (_Manager,)
    _warns = True

    @classmethod
    def _adapt(cls, release: Version) -> None:
        calls.wrap(cls, "release", _with_type(release))

    @abc.abstractmethod
    async def release(self, value, type_signature=None, key=None):
        """Releases a value of a type under a key."""


def _with_type(release: Version) -> Any:
    """A wrapper for a program's `release`, which gets a type also where TFF gives none."""
    optional = release >= FIRST_WITH_OPTIONAL_RELEASED_TYPES

    def wrapper(method: Any) -> Any:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            if len(args) == 1 and kwargs.keys() == {"key"} and not optional:
                type_signature = calls.type_of(args[0], release)
                return method(self, args[0], type_signature, kwargs["key"])
            if len(args) == 2 and not kwargs and not _is_type(args[1]):
                if optional:
                    return method(self, args[0], key=args[1])
                return method(self, args[0], calls.type_of(args[0], release), args[1])
            return method(self, *args, **kwargs)

        return call

    return wrapper


def _is_type(value: Any) -> bool:
    return value is None or isinstance(value, tff.types.Type)


class Typed(calls.Subclassed):
    """A manager of the installed TFF whose `release` takes a type as well."""

    as_of: AsOf
    _checks_type = False
    """Whether, as long as the type was required, anything else was an error."""

    @classmethod
    def _adapt(cls, release: Version) -> None:
        calls.wrap(cls, "release", _with_type(release))

    def release(self, value, type_signature=NOT_GIVEN, key=NOT_GIVEN):
        """Releases a value, in which references are replaced by their values, under a key.

        Args:
          value: A value, a reference, or a structure of them.
          type_signature: Its `tff.Type`; optional since 0.68.
          key: The key; optional since 0.68.

        Raises:
          TypeError: An argument that was required then is not given.
        """
        type_signature, key, legacy = calls.sorted_arguments(
            type_signature, key, self.as_of.release, self._default_key(self.as_of.release)
        )
        if legacy:
            arguments = {"value": value, "type_signature": type_signature, "key": key}
            calls.warn_method(self.as_of, Typed.release, _MODERN_RELEASE, arguments)
        return self._release(value, type_signature, key)

    @classmethod
    def _default_key(cls, release: Version) -> Any:
        return NOT_GIVEN if release < FIRST_WITH_OPTIONAL_RELEASED_TYPES else None

    async def _release(self, value: Any, type_signature: Any, key: Any) -> None:
        release = self.as_of.release
        if self._checks_type and release < FIRST_WITH_OPTIONAL_RELEASED_TYPES:
            if type_signature is NOT_GIVEN:
                type_signature = calls.type_of(value, release)
            if not isinstance(type_signature, tff.types.Type):
                raise TypeError(
                    "Expected `type_signature` to be a tff.Type, found "
                    f"{type(type_signature).__name__}."
                )
        await self._put(await materialized(value, release), type_signature, key)

    async def _put(self, value: Any, type_signature: Any, key: Any) -> None:
        prepared = self._prepared(value, key)
        await calls.call_release(cast(Any, super()).release, prepared, key)

    def _prepared(self, value: Any, key: Any) -> Any:
        return value


async def forward(manager: Any, value: Any, type_signature: Any, key: Any) -> None:
    """Releases a value by the manager that another one was made with.

    A manager of a program gets the type where it was given; one of ours is not warned of.
    """
    kind = type(manager)
    if not issubclass(kind, calls.Subclassed):
        await calls.call_release(manager.release, value, key, type_signature)
    elif issubclass(kind, _Untyped):
        await manager._release(value, key)
    elif type_signature is NOT_GIVEN:
        await manager.release(value, key=key)
    elif getattr(kind, "release", None) is Typed.release:
        await manager._release(value, type_signature, key)
    else:
        await manager.release(value, type_signature, key)


# --- In memory and in the log ---------------------------------------------------------------------


@adapter(
    "tff.program.MemoryReleaseManager",
    releases=">=0.20,<0.22",
    replacement="tff.program.MemoryReleaseManager",
    legacy=NEVER,
    gives=MEMORY,
)
@adapter(
    "tff.program.MemoryReleaseManager",
    releases=">=0.22,<0.29",
    replacement="tff.program.MemoryReleaseManager",
    legacy=NEVER,
    gives=MEMORY,
)
class MemoryReleaseManager_0_20(_Untyped, _Memory):
    """A manager that keeps values in memory, as of TFF 0.20 to 0.28."""

    as_of: AsOf

    def __init__(self):
        super().__init__()
        self._kept: dict[Any, Any] = {}

    async def _release(self, value: Any, key: Any) -> None:
        self._kept[key] = await materialized(value, self.as_of.release)
        await super()._release(value, key)

    def values(self):
        """The values by key, in an `OrderedDict`."""
        kept = super().values()
        # Some installed releases have pairs of value and type in it.
        return type(kept)((key, self._kept[key]) for key in kept)


@adapter(
    "tff.program.MemoryReleaseManager",
    releases=">=0.29,<0.72",
    replacement="tff.program.MemoryReleaseManager",
    changed=(FIRST_WITH_ATTRS_AS_VALUES, FIRST_WITH_OPTIONAL_RELEASED_TYPES),
    legacy=NEVER,
    gives=MEMORY,
)
class MemoryReleaseManager(Typed, _Memory):
    """A manager that keeps values in memory, up to 0.67 with their types: TFF 0.29 to 0.71."""

    as_of: AsOf
    _checks_type = True

    def __init__(self):
        super().__init__()
        self._kept: dict[Any, Any] = {}

    async def _put(self, value: Any, type_signature: Any, key: Any) -> None:
        await super()._put(value, type_signature, key)
        typed = self.as_of.release < FIRST_WITH_OPTIONAL_RELEASED_TYPES
        self._kept[key] = (value, type_signature) if typed else value

    def values(self):
        """The values by key, in an `OrderedDict`; up to 0.67 pairs of a value and its type."""
        kept = super().values()
        return type(kept)((key, self._kept[key]) for key in kept)


@adapter(
    "tff.program.LoggingReleaseManager",
    releases=">=0.20,<0.22",
    replacement="tff.program.LoggingReleaseManager",
    legacy=NEVER,
    gives=MANAGER,
)
@adapter(
    "tff.program.LoggingReleaseManager",
    releases=">=0.22,<0.29",
    replacement="tff.program.LoggingReleaseManager",
    legacy=NEVER,
    gives=MANAGER,
)
class LoggingReleaseManager_0_20(_Untyped, _Logging):
    """A manager that writes values to the log, as of TFF 0.20 to 0.28."""

    as_of: AsOf

    def release(self, value, key=None, key_after_type=NOT_GIVEN):
        """Logs a value and its key, an integer."""
        return super().release(value, key, key_after_type)

    async def _release(self, value: Any, key: Any) -> None:
        value = await materialized(value, self.as_of.release)
        if key is None:
            logging.info("Releasing value: %s", value)
        else:
            logging.info("Releasing value for key %d: %s", key, value)


class OptionalKey(Typed):
    """A manager whose key may be left out where it is not needed, until TFF 0.41."""

    @classmethod
    def _default_key(cls, release: Version) -> Any:
        return None if release < FIRST_WITH_REQUIRED_KEY else super()._default_key(release)


@adapter(
    "tff.program.LoggingReleaseManager",
    releases=">=0.29,<0.72",
    replacement="tff.program.LoggingReleaseManager",
    changed=(
        FIRST_WITH_REQUIRED_KEY,
        FIRST_WITH_ATTRS_AS_VALUES,
        FIRST_WITH_OPTIONAL_RELEASED_TYPES,
    ),
    legacy=NEVER,
    gives=MANAGER,
)
class LoggingReleaseManager(OptionalKey, _Logging):
    """A manager that writes values, up to 0.67 with their types, to the log: TFF 0.29 to 0.71."""

    as_of: AsOf
    _checks_type = True

    async def _put(self, value: Any, type_signature: Any, key: Any) -> None:
        if self.as_of.release >= FIRST_WITH_OPTIONAL_RELEASED_TYPES:
            await super()._put(value, type_signature, key)
            return
        logging.info("Releasing")
        logging.info("  value: %s", value)
        logging.info("  type: %s", type_signature)
        if key is not None:
            logging.info("  key: %s", key)


# --- In files -------------------------------------------------------------------------------------


class _CSVFile(calls.Subclassed):
    """What managers of CSV files have in common in all releases that are adapted."""

    as_of: AsOf

    def __init__(self, file_path, save_mode=tff.program.CSVSaveMode.APPEND, key_fieldname="key"):
        try:
            super().__init__(file_path, save_mode, key_fieldname)  # type: ignore[call-arg]
        except tff.program.CSVKeyFieldnameNotFoundError as error:
            if self.as_of.release >= FIRST_WITH_PROGRAM_ERRORS:
                raise
            raise errors.FileReleaseManagerIncompatibleFileError(
                f"The file {file_path!r} exists but has no column {key_fieldname!r}. It was made "
                "by something else, or with another key_fieldname."
            ) from error

    def _prepared(self, value: Any, key: Any) -> Any:
        return calls.flat_by_name(value, self.as_of.release)


@adapter(
    "tff.program.CSVFileReleaseManager",
    releases=">=0.20,<0.22",
    replacement="tff.program.CSVFileReleaseManager",
    legacy=NEVER,
    gives=NUMBERED,
)
@adapter(
    "tff.program.CSVFileReleaseManager",
    releases=">=0.22,<0.29",
    replacement="tff.program.CSVFileReleaseManager",
    legacy=NEVER,
    gives=NUMBERED,
)
class CSVFileReleaseManager_0_20(_CSVFile, _Untyped, _CSV):
    """A manager that writes values to a CSV file, one row for a key, as of TFF 0.20 to 0.28.

    Args:
      file_path: The file, made where it does not exist.
      save_mode: Whether rows are appended or the file is written anew.
      key_fieldname: The name of the column of keys.

    Raises:
      ValueError: A string is empty.
      FileReleaseManagerIncompatibleFileError: The file exists without such a column.
    """

    as_of: AsOf

    async def _release(self, value: Any, key: Any) -> None:
        try:
            await super()._release(value, key)
        except PermissionError as error:
            raise errors.FileReleaseManagerPermissionDeniedError(str(error)) from error


@adapter(
    "tff.program.CSVFileReleaseManager",
    releases=">=0.29,<0.72",
    replacement="tff.program.CSVFileReleaseManager",
    changed=(
        FIRST_WITH_ATTRS_AS_VALUES,
        FIRST_WITH_PROGRAM_ERRORS,
        FIRST_WITH_OPTIONAL_RELEASED_TYPES,
    ),
    legacy=NEVER,
    gives=NUMBERED,
)
class CSVFileReleaseManager(_CSVFile, Typed, _CSV):
    """A manager that writes values to a CSV file, one row for a key, as of TFF 0.29 to 0.71.

    Args:
      file_path: The file, made where it does not exist.
      save_mode: Whether rows are appended or the file is written anew.
      key_fieldname: The name of the column of keys.

    Raises:
      ValueError: A string is empty.
      CSVKeyFieldnameNotFoundError: The file exists without such a column; up to 0.61
        FileReleaseManagerIncompatibleFileError.
    """

    as_of: AsOf

    @classmethod
    def _default_key(cls, release: Version) -> Any:
        return NOT_GIVEN if release < FIRST_WITH_OPTIONAL_RELEASED_TYPES else 0

    async def _put(self, value: Any, type_signature: Any, key: Any) -> None:
        try:
            await super()._put(value, type_signature, key)
        except PermissionError as error:
            if self.as_of.release >= FIRST_WITH_PROGRAM_ERRORS:
                raise
            raise errors.FileReleaseManagerPermissionDeniedError(str(error)) from error


class _SavedModelFiles(calls.Subclassed):
    """What managers of SavedModel files have in common: values are in a list up to 0.82."""

    as_of: AsOf

    def _prepared(self, value: Any, key: Any) -> Any:
        release = self.as_of.release
        if release < FIRST_WITH_ANY_KEY and not _is_integer(key):
            raise TypeError(f"Expected `key` to be an integer, found {type(key).__name__}.")
        return _as_in_files(value, release)

    async def _value_in(self, key: Any, structure: Any) -> Any:
        release = self.as_of.release
        wanted = _as_in_files(structure, release)
        if installation.version() < _FIRST_WITH_STRUCTURE_FROM_FILES:
            value = await super().get_value(key, wanted)  # type: ignore[misc]
        else:
            value = await super().get_value(key)  # type: ignore[misc]
        if release >= FIRST_WITH_STRUCTURE_IN_FILES:
            return value
        return calls.unflat(structure, value, release)


def _as_in_files(value: Any, release: Version) -> Any:
    return value if release >= FIRST_WITH_STRUCTURE_IN_FILES else calls.flat(value, release)


def _is_integer(key: Any) -> bool:
    try:
        key.__index__()
    except AttributeError:
        return False
    return True


@adapter(
    "tff.program.SavedModelFileReleaseManager",
    releases=">=0.20,<0.22",
    replacement="tff.program.SavedModelFileReleaseManager",
    legacy=NEVER,
    gives=FILES,
)
@adapter(
    "tff.program.SavedModelFileReleaseManager",
    releases=">=0.22,<0.29",
    replacement="tff.program.SavedModelFileReleaseManager",
    legacy=NEVER,
    gives=FILES,
)
class SavedModelFileReleaseManager_0_20(_SavedModelFiles, _Untyped, _SavedModel):
    """A manager that writes the values of a structure to a SavedModel, as of TFF 0.20 to 0.28.

    Args:
      root_dir: The folder of the files, made where it does not exist.
      prefix: What the names of files begin with; the key follows.

    Raises:
      ValueError: `root_dir` is empty.
    """

    as_of: AsOf


@adapter(
    "tff.program.SavedModelFileReleaseManager",
    releases=">=0.29,<0.72",
    replacement="tff.program.SavedModelFileReleaseManager",
    changed=(
        FIRST_WITH_ATTRS_AS_VALUES,
        FIRST_WITH_PROGRAM_ERRORS,
        FIRST_WITH_OPTIONAL_RELEASED_TYPES,
    ),
    legacy=NEVER,
    gives=FILES,
)
class SavedModelFileReleaseManager(_SavedModelFiles, Typed, _SavedModel):
    """A manager that writes the values of a structure to a SavedModel, as of TFF 0.29 to 0.71.

    Args:
      root_dir: The folder of the files, made where it does not exist.
      prefix: What the names of files begin with; the key follows, up to 0.61 an integer.

    Raises:
      ValueError: `root_dir` is empty.
    """

    as_of: AsOf

    async def get_value(self, key, structure):
        """The value of a key in the containers of `structure`; since 0.63.

        Raises:
          ReleasedValueNotFoundError: There is none.
          ValueError: The structure has more or fewer values.
        """
        return await self._value_in(key, structure)


@adapter(
    "tff.program.SavedModelFileReleaseManager",
    releases=">=0.72,<0.87",
    replacement="tff.program.SavedModelFileReleaseManager",
    changed=(FIRST_WITH_STRUCTURE_IN_FILES,),
    legacy=NEVER,
    gives=FILES,
)
class SavedModelFileReleaseManager_0_72(_SavedModelFiles, _SavedModel):
    """A manager that writes values to a SavedModel, as of TFF 0.72 to 0.86.

    Up to 0.82 the file has the values without their structure.

    Args:
      root_dir: The folder of the files, made where it does not exist.
      prefix: What the names of files begin with; the key follows.

    Raises:
      ValueError: `root_dir` is empty.
    """

    as_of: AsOf

    async def release(self, value, key):
        """Releases a value, in which references are replaced by their values, under a key."""
        value = await materialized(value, self.as_of.release)
        await super().release(self._prepared(value, key), key)

    async def get_value(self, key, structure):
        """The value of a key, up to 0.82 in the containers of `structure`.

        Raises:
          ReleasedValueNotFoundError: There is none.
          ValueError: Up to 0.82: the structure has more or fewer values.
        """
        arguments = {"key": key, "structure": structure}
        calls.warn_method(self.as_of, type(self).get_value, "get_value({key})", arguments)
        return await self._value_in(key, structure)


class _Summaries(calls.Subclassed):
    """What managers of summaries have in common: their names are the paths in the structure."""

    as_of: AsOf

    def _prepared(self, value: Any, key: Any) -> Any:
        return calls.flat_by_name(value, self.as_of.release)


@adapter(
    "tff.program.TensorboardReleaseManager",
    releases=">=0.20,<0.21",
    replacement="tff.program.TensorBoardReleaseManager({summary_dir})",
    gives=NUMBERED,
)
class TensorboardReleaseManager(_Summaries, _Untyped, _TensorBoard):
    """A manager that writes values as summaries for TensorBoard, as of TFF 0.20.

    Args:
      summary_dir: The folder of the summaries, made where it does not exist.

    Raises:
      ValueError: `summary_dir` is empty.
    """

    as_of: AsOf

    def __init__(self, summary_dir):
        self.as_of.warn({"summary_dir": summary_dir})
        super().__init__(summary_dir)


@adapter(
    "tff.program.TensorBoardReleaseManager",
    releases=">=0.21,<0.22",
    replacement="tff.program.TensorBoardReleaseManager",
    legacy=NEVER,
    gives=NUMBERED,
)
@adapter(
    "tff.program.TensorBoardReleaseManager",
    releases=">=0.22,<0.29",
    replacement="tff.program.TensorBoardReleaseManager",
    legacy=NEVER,
    gives=NUMBERED,
)
class TensorBoardReleaseManager_0_21(_Summaries, _Untyped, _TensorBoard):
    """A manager that writes values as summaries for TensorBoard, as of TFF 0.21 to 0.28.

    Args:
      summary_dir: The folder of the summaries, made where it does not exist.

    Raises:
      ValueError: `summary_dir` is empty.
    """

    as_of: AsOf


@adapter(
    "tff.program.TensorBoardReleaseManager",
    releases=">=0.29,<0.72",
    replacement="tff.program.TensorBoardReleaseManager",
    changed=(FIRST_WITH_ATTRS_AS_VALUES, FIRST_WITH_OPTIONAL_RELEASED_TYPES),
    legacy=NEVER,
    gives=NUMBERED,
)
class TensorBoardReleaseManager(_Summaries, Typed, _TensorBoard):
    """A manager that writes values as summaries for TensorBoard, as of TFF 0.29 to 0.71.

    Args:
      summary_dir: The folder of the summaries, made where it does not exist.

    Raises:
      ValueError: `summary_dir` is empty.
    """

    as_of: AsOf

    @classmethod
    def _default_key(cls, release: Version) -> Any:
        return NOT_GIVEN if release < FIRST_WITH_OPTIONAL_RELEASED_TYPES else 0
