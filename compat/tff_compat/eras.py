"""Which release each module of a program sees: one for all, or packages that have their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Union

from packaging.version import Version

from tff_compat import catalog, installation

Release = Union[str, Version]

REST = "*"
"""The name that stands for all modules which no other name stands for."""


@dataclass(frozen=True)
class Eras:
    """The releases of a program.

    Attributes:
      packages: Those of single modules and packages, by their full names.
      rest: That of all others; None leaves them the installed TFF as it is.
    """

    packages: Mapping[str, Version]
    rest: Version | None

    @property
    def releases(self) -> set[Version]:
        """All of them."""
        return {*self.packages.values(), *([] if self.rest is None else [self.rest])}

    def of(self, names: Mapping[str, Any]) -> Version | None:
        """The release for the module that has these names; None for the installed TFF as it is."""
        module = str(names.get("__name__", ""))
        if module in ("__main__", "__mp_main__"):
            # `python -m` says in the spec which module that is.
            module = getattr(names.get("__spec__"), "name", None) or "__main__"
        return self.packages.get(self.package(module), self.rest)

    def package(self, module: str) -> str:
        """The innermost package around a module, or itself, that has a release; "" for none."""
        while module and module not in self.packages:
            module = module.rpartition(".")[0]
        return module

    def __str__(self) -> str:
        rest = [] if self.rest is None else [str(self.rest)]
        return ", ".join([*rest, *(f"{name}={each}" for name, each in self.packages.items())])


Asked = Union[Release, Mapping[str, Release], Eras]
"""One release for all modules, or one for each name."""


def read(given: Asked) -> Eras:
    """What was given to `activate`.

    Raises:
      TypeError: A release is no string, such as the number 0.9, or a name is none.
      ValueError: There is no release, or a name cannot be that of a program's module.
      UnknownReleaseError: No release matches; the message lists the near ones.
    """
    if isinstance(given, Eras):
        return given
    if not isinstance(given, Mapping):
        return Eras({}, release(given))
    if not given:
        raise ValueError('No release was given: write {"package": "0.9", "*": "0.52"}.')
    found = {}
    for name, each in given.items():
        _check(name)
        try:
            found[name] = release(each)
        except (TypeError, ValueError) as error:
            error.args = (f"{name!r}: {error}",)
            raise
    rest = found.pop(REST, None)
    return Eras(found, rest)


def parse(texts: Iterable[str]) -> Eras:
    """What was given on a command line: ``0.52``, ``old_lib=0.9``, several with commas between.

    What it gives is read again where it was written out with `str`.

    Raises:
      ValueError: As of `read`, or something has two releases.
    """
    found: dict[str, str] = {}
    for text in (each for joined in texts for each in joined.split(",")):
        name, equals, asked = text.partition("=")
        name, asked = (name.strip(), asked.strip()) if equals else (REST, name.strip())
        if name in found:
            what = "the rest of the program" if name == REST else name
            raise ValueError(f"{what} has two releases, {found[name]} and {asked}.")
        found[name] = asked
    # Without a name before it, a release that is not known needs none in its message.
    return read(found[REST] if found.keys() == {REST} else found)


def release(given: object) -> Version:
    """The release that is meant.

    Raises:
      TypeError: It is no string.
      UnknownReleaseError: No release matches; the message lists the near ones.
    """
    if not isinstance(given, (str, Version)):
        raise TypeError(_no_string(given))
    try:
        return catalog.load().resolve(given)
    except catalog.UnknownReleaseError:
        # A later release than those that are known can be asked for where it is installed.
        with contextlib.suppress(ModuleNotFoundError):
            if str(given) == str(installation.version()):
                return installation.version()
        raise


def _check(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"The name of a package is a string, found {name!r}.")
    if name != REST and not all(part.isidentifier() for part in name.split(".")):
        raise ValueError(f'{name!r} is no name of a package, such as "old_lib.training" or "*".')
    if name.partition(".")[0] in installation.OWN:
        raise ValueError(f"{name!r} is no package of the program: it is TFF that is installed.")


def _no_string(given: object) -> str:
    """Why what was given is no release, and what to write."""
    message = f"A release is a string, found {given!r} ({type(given).__name__})."
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        return message
    # To Python 0.20 and 0.2 are the same number.
    known = {f"{each.major}.{each.minor}" for each in catalog.load().releases}
    meant = [text for text in (f"{given}0", f"{given}") if text in known] or [str(given)]
    return f"{message} Write {' or '.join(f'{text!r}' for text in meant)}, in quotes."
