"""The options that `check` and `upgrade` share: which files, which release, which findings."""

from __future__ import annotations

import argparse
import configparser
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tff_compat.catalog import PRIMARY
from tff_compat.commands import releases
from tff_compat.commands.errors import CommandError

if TYPE_CHECKING:
    from packaging.version import Version

    from tff_compat.eras import Eras
    from tff_compat.source.programs import Checked, Program
    from tff_compat.source.tracing import Trace
    from tff_compat.source.writing import Finding

FORMATS = ("full", "concise", "json", "github", "sarif")
"""How findings can be written out."""

_KEYS = ("as-of", "target", "select", "ignore", "output-format")
_LISTS = ("select", "ignore")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", type=Path, help="a file, or a folder to search"
    )
    parser.add_argument(
        "--as-of",
        metavar="RELEASE",
        action="append",
        help="the release that the code was written for; without it, each program's is inferred. "
        "PACKAGE=RELEASE is for the modules of a package alone; may be repeated",
    )
    parser.add_argument(
        "--target",
        metavar="RELEASE",
        help=f"the release that the code is to run on (default: {PRIMARY})",
    )
    parser.add_argument(
        "--select", metavar="CODES", help="only these codes, such as TFF101,TFF3", default=None
    )
    parser.add_argument("--ignore", metavar="CODES", help="all but these codes", default=None)
    parser.add_argument(
        "--trace",
        metavar="FILE",
        type=Path,
        help="what `tff-compat run --trace FILE` wrote of a run of the program",
    )


@dataclass(frozen=True)
class Selection:
    """What was asked for."""

    paths: list[Path]
    as_of: Eras | None
    target: Version
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    output_format: str
    trace: Trace | None

    def wants(self, finding: Finding) -> bool:
        """Whether a finding is asked for."""
        if self.select and not finding.code.startswith(self.select):
            return False
        return not (self.ignore and finding.code.startswith(self.ignore))

    def check(self, writing: bool = False) -> list[Checked]:
        """Checks the files that use TFF; `writing` keeps what writes their code.

        Raises:
          CommandError: A path is neither a file nor a folder.
        """
        from tff_compat.source import programs

        try:
            found = programs.files(self.paths)
        except programs.PathError as error:
            raise CommandError(str(error)) from None
        several = programs.programs(found)
        if self.as_of is not None:
            _tell_unused(self.as_of, several)
        if writing:
            return [programs.check(each, self.as_of, self.target, self.trace) for each in several]
        return programs.check_all(several, self.as_of, self.target, self.trace)


def _tell_unused(as_of: Eras, several: Sequence[Program]) -> None:
    from tff_compat.running.console import say

    used = {as_of.package(name) for each in several for p in each.paths for name in each.names(p)}
    for package in sorted(as_of.packages.keys() - used):
        say(f"--as-of {package}=…: no file that uses TFF is in {package}.")


def selection(options: argparse.Namespace) -> Selection:
    """Reads the options, and the settings of the project where an option is not given.

    Raises:
      CommandError: A release or a setting is not known.
    """
    from tff_compat import coverage

    settings = _settings(Path.cwd())

    def chosen(key: str) -> Any:
        given = getattr(options, key.replace("-", "_"), None)
        return settings.get(key) if given is None else given

    trace = None
    if options.trace is not None:
        from tff_compat.source import tracing

        try:
            trace = tracing.read(options.trace)
        except tracing.TraceError as error:
            raise CommandError(str(error)) from None
    as_of = _as_of(chosen("as-of"))
    if trace is not None and as_of is not None and as_of.packages:
        raise CommandError("--trace is of one release; give --as-of without a package.")
    return Selection(
        options.paths,
        as_of,
        _release("--target", chosen("target")) or coverage.PRIMARY,
        _codes(chosen("select")),
        _codes(chosen("ignore")),
        chosen("output-format") or "full",
        trace,
    )


def _as_of(given: str | Sequence[str] | None) -> Eras | None:
    if given is None:
        return None
    return releases.of_modules([given] if isinstance(given, str) else given, "--as-of")


def _release(option: str, text: str | None) -> Version | None:
    return None if text is None else releases.named(text, option)


def _codes(given: str | Iterable[str] | None) -> tuple[str, ...]:
    from tff_compat.declared.codes import CODES

    words = re.split(r"[,\s]+", given) if isinstance(given, str) else list(given or ())
    codes = tuple(word for word in words if word)
    for code in codes:
        if not any(known.startswith(code) for known in CODES):
            raise CommandError(f"There is no code {code}. The codes are {', '.join(CODES)}.")
    return codes


def _settings(folder: Path) -> Mapping[str, Any]:
    """The settings of the project that a folder is in: `pyproject.toml`, else `setup.cfg`."""
    for parent in [folder, *folder.parents]:
        found = _of_pyproject(parent / "pyproject.toml") or _of_setup_cfg(parent / "setup.cfg")
        if found:
            return found
        if (parent / ".git").exists():
            break
    return {}


def _of_pyproject(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}") from None
    return _known(found.get("tool", {}).get("tff-compat", {}), path)


def _of_setup_cfg(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    parser = configparser.ConfigParser()
    try:
        parser.read(path, "utf-8")
    except configparser.Error as error:
        raise CommandError(f"{path}: {error}") from None
    section = "tff-compat"
    return _known(dict(parser[section]), path) if parser.has_section(section) else {}


def _known(settings: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    for key in settings:
        if key not in _KEYS:
            raise CommandError(f"{path}: there is no setting {key}; there are {', '.join(_KEYS)}.")
    for key, value in settings.items():
        several = value if isinstance(value, list) and key in _LISTS else [value]
        if not all(isinstance(each, str) for each in several):
            sort = "a list of texts" if key in _LISTS else "a text"
            raise CommandError(f"{path}: the setting {key} has to be {sort}.")
    form = settings.get("output-format", FORMATS[0])
    if form not in FORMATS:
        raise CommandError(f"{path}: there is no format {form}; there are {', '.join(FORMATS)}.")
    return settings


def errors(several: Sequence[Checked]) -> list[str]:
    """The files that cannot be read, and why."""
    return [error for checked in several for error in checked.errors.values()]
