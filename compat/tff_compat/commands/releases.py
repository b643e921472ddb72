"""The releases that are named on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tff_compat.commands.errors import CommandError

if TYPE_CHECKING:
    from packaging.version import Version

    from tff_compat.eras import Eras


def named(text: str, option: str = "") -> Version:
    """The release that a text means.

    Args:
      text: A release such as "0.13.1", or a part such as "0.13" for the newest match.
      option: The option that it was given with, for the message.

    Raises:
      CommandError: No release matches; the message lists the near ones.
    """
    from tff_compat import catalog

    try:
        return catalog.load().resolve(text)
    except catalog.UnknownReleaseError as error:
        raise CommandError(f"{option}: {error}" if option else str(error)) from None


def series(text: str, option: str) -> tuple[Version, ...]:
    """The releases that a text means, ascending: "0.16" means both 0.16.0 and 0.16.1.

    Raises:
      CommandError: No release matches; the message lists the near ones.
    """
    from packaging.version import Version

    from tff_compat import catalog

    last = named(text, option)
    count = len(Version(text.strip()).release)
    known = catalog.load().releases
    return tuple(each for each in known if each.release[:count] == last.release[:count])


def of_modules(texts: Sequence[str], option: str) -> Eras:
    """The releases that texts such as "0.52" and "old_lib=0.9" mean together.

    Raises:
      CommandError: One is not known, or cannot be meant beside the others.
    """
    from tff_compat import eras

    try:
        return eras.parse(texts)
    except ValueError as error:
        raise CommandError(f"{option}: {error}") from None
