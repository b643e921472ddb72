"""The tox plugin: an environment with a factor such as `tff0.13` has that release, from its recipe.

tox loads this module wherever tff-compat is installed beside it; environments without such a factor
are left alone.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import sys
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from tox.config.loader.memory import MemoryLoader
from tox.config.types import Command
from tox.plugin import impl
from tox.tox_env.errors import Fail, Recreate

from tff_compat.testing import AS_OF_VARIABLE

if TYPE_CHECKING:
    from tox.config.main import Config
    from tox.config.set_env import SetEnv
    from tox.config.sets import EnvConfigSet
    from tox.session.state import State
    from tox.tox_env.api import ToxEnv

    from tff_compat.testing.environments import Environment

_RELEASE_FACTOR = re.compile(r"tff(\d+(?:\.\d+){0,2})")
_PYTHON_FACTOR = re.compile(r"(?:py)?([23])\.?(\d{1,2})")
_VIRTUALENV = "virtualenv"

_TOX_IS_OLD = sys.version_info < (3, 10)
"""Whether tox is 4.30, the last for Python 3.9.

It fails on a path where the name has a Python, with tox-uv on each path, and knows one virtualenv.
"""

# Later ones seed Python 3.7 and 3.8 with a pip that does not run there.
_VIRTUALENV_OF_OLD_PYTHONS = "virtualenv<20.27"

_RUN = "TFF_COMPAT_TOX_RUN"
"""Marks the processes of one environment's run, so that what they leave behind can be found."""


@impl
def tox_add_env_config(env_conf: EnvConfigSet, state: State) -> None:
    """Declares the keys, and gives an environment with a release the defaults from its recipe."""
    name = env_conf.name
    env_conf.add_config(
        keys=["tff_release"],
        of_type=str,
        default=_release_in(name),
        desc="the release of TensorFlow Federated to install; empty for none",
        post_process=_value,
    )
    env_conf.add_config(
        keys=["tff_as_of"],
        of_type=str,
        default="",
        desc="run pytest as of this release of TensorFlow Federated",
        post_process=_value,
    )
    if not env_conf["tff_release"]:
        return
    environment = functools.cache(lambda: _environment(env_conf))
    defaults: dict[str, Callable[[], object]] = {}
    variables = {_RUN: f"{name}-{uuid.uuid4()}"}
    if not _is_set(env_conf, "base_python", "basepython", "base_python_file"):
        folder = _folder_hidden_from_uv(env_conf)
        if folder is not None:
            variables["UV_PYTHON_SEARCH_PATH"] = folder
        defaults["base_python"] = lambda: [_python(env_conf, environment())]
    if _is_set(env_conf, "install_command"):
        logging.warning("%s: with an install_command, the recipe of TFF is not used", name)
    else:
        defaults["install_command"] = lambda: _install_command(env_conf, environment())
        env_conf["allowlist_externals"].append(_uv())
    if env_conf["runner"] == _VIRTUALENV and "virtualenv_spec" in env_conf:
        defaults["virtualenv_spec"] = lambda: _virtualenv_spec(env_conf["base_python"])
    env_conf.loaders.append(_Defaults(**defaults))
    for pattern in ("UV_*", "PIP_*"):
        if pattern not in env_conf["pass_env"]:
            env_conf["pass_env"].append(pattern)
    if env_conf["tff_as_of"]:
        variables[AS_OF_VARIABLE] = env_conf["tff_as_of"]
    env_conf["set_env"].update(variables, override=False)


class _Defaults(MemoryLoader):
    """Values for keys that the user has not set, computed when they are first asked for."""

    def load_raw(self, key: str, conf: Config | None, env_name: str | None) -> object:
        return self.raw[key]()


def _value(text: str) -> str:
    # tox takes only # for a comment; in ini files ; is one as well, and no release has it.
    return text.partition(";")[0].strip()


def _release_in(name: str | None) -> str:
    found = [_RELEASE_FACTOR.fullmatch(factor) for factor in (name or "").split("-")]
    return next((match.group(1) for match in found if match), "")


def _is_set(env_conf: EnvConfigSet, *keys: str) -> bool:
    return any(
        key in loader.found_keys() or key in loader.overrides
        for loader in env_conf.loaders
        for key in keys
    )


def _environment(env_conf: EnvConfigSet) -> Environment:
    from tff_compat.testing import environments

    try:
        return environments.environment(env_conf["tff_release"], env_conf["tff_as_of"])
    except environments.ReleaseError as error:
        raise Fail(str(error)) from None


def _uv() -> str:
    from tff_compat.testing import environments

    return environments.uv()


def _python_in(name: str) -> str:
    """The Python that a name asks for, such as "3.7"; empty where it asks for none."""
    found = [_PYTHON_FACTOR.fullmatch(factor) for factor in name.split("-")]
    return next((f"{match.group(1)}.{match.group(2)}" for match in found if match), "")


def _python(env_conf: EnvConfigSet, environment: Environment) -> str:
    """The interpreter of an environment; the bare version where there is none."""
    from tff_compat.testing import environments

    asked = _python_in(env_conf.name)
    version = asked or environment.python
    if _TOX_IS_OLD and env_conf["runner"] != _VIRTUALENV:
        return f"python{version}"
    if _TOX_IS_OLD:
        if environments.version_of(version) < environments.FLOOR:
            raise Fail(
                f"tox on Python 3.9 makes no environment with Python {version} by itself. "
                "Add tox-uv to `requires` beside tff-compat, or use a newer Python for tox."
            )
        if asked:
            return f"python{version}"
    return environments.python(version) or f"python{version}"


def _folder_hidden_from_uv(env_conf: EnvConfigSet) -> str | None:
    """Where the Python of an environment is, if tox-uv goes by its name and would not find it."""
    from tff_compat.testing import environments

    if env_conf["runner"] == _VIRTUALENV:
        return None
    version = _python_in(env_conf.name)
    if not version and _TOX_IS_OLD:
        try:
            version = environments.environment(env_conf["tff_release"], "").python
        except environments.ReleaseError:
            # Told when the environment is made.
            return None
    return environments.folder_hidden_from_uv(version) if version else None


def _virtualenv_spec(base_pythons: Sequence[str]) -> str:
    from tff_compat.testing import environments

    found = [environments.version_of(each) for each in base_pythons]
    return (
        _VIRTUALENV_OF_OLD_PYTHONS
        if found and all(() < each < environments.FLOOR for each in found)
        else ""
    )


def _install_command(env_conf: EnvConfigSet, environment: Environment) -> Command:
    variables: SetEnv = env_conf["set_env"]

    def files(variable: str) -> list[str]:
        # What is said on the command line replaces what uv reads from its variables.
        value = variables.load(variable) if variable in variables else os.environ.get(variable, "")
        return value.split()

    folder = _folder(env_conf)
    command = [_uv(), "pip", "install", "--python", str(env_conf["env_python"])]
    for file in [*files("UV_CONSTRAINT"), str(environment.constraints(folder))]:
        command += ["--constraint", file]
    for file in [*files("UV_OVERRIDE"), str(environment.overrides(folder))]:
        command += ["--override", file]
    return Command([*command, "{opts}", "{packages}"])


def _folder(env_conf: EnvConfigSet) -> Path:
    return Path(env_conf["env_dir"]) / "tff-compat"


@impl
def tox_on_install(tox_env: ToxEnv, arguments: Any, section: str, of_type: str) -> None:
    """Installs the release, pytest, and where needed tff-compat, before the environment's deps."""
    conf = tox_env.conf
    if "tff_release" not in conf or not conf["tff_release"]:
        return
    environment = _environment(conf)
    python = tox_env.base_python.version_info[:2]  # type: ignore[attr-defined]
    environment.write(_folder(conf), python)
    if of_type not in ("deps", "pylock"):
        return
    problem = environment.problem(python)
    if problem:
        raise Fail(problem)
    if ".".join(map(str, python)) != environment.python:
        logging.warning(
            "the recipe of TFF %s is for Python %s", environment.release, environment.python
        )
    with tox_env.cache.compare(environment.digest, "tff-compat", "recipe") as (same, before):
        if not same and before is not None:
            raise Recreate(f"the recipe of TFF {environment.release} has changed")
    own = environment.requirements(_names(arguments))
    tox_env.installer.install([Requirement(each) for each in own], "tff-compat", "tff")


def _names(arguments: Any) -> set[str]:
    """The packages that the environment's deps name."""
    lines = arguments.unroll()[1] if hasattr(arguments, "unroll") else []
    found = [re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line) for line in lines]
    return {match.group().lower() for match in found if match}


@impl
def tox_after_run_commands(tox_env: ToxEnv) -> None:
    """Ends what the commands have left behind, such as the runtime of TFF."""
    conf = tox_env.conf
    if "tff_release" in conf and conf["tff_release"]:
        from tff_compat.running import processes

        processes.end_marked(_RUN, conf["set_env"].load(_RUN))
