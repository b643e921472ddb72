"""`google.colab` where there is none: its calls are handed to the kernel of Colab, or explained.

The inner kernel asks as a program asks its user, by `input`, with a prompt that only we make; the
outer kernel answers in the place of the user.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
import types
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

_VARIABLE = "TFF_COMPAT_COLAB"
_ROOT = "google.colab"


class Answers:
    """The outer kernel's side: carries out the calls, where it is a kernel of Colab."""

    def __init__(self) -> None:
        self._token = f"tff-compat-{uuid.uuid4().hex} " if _there_is_one() else ""

    def environment(self) -> dict[str, str]:
        """The environment variables that tell the inner kernel whom to ask."""
        return {_VARIABLE: self._token} if self._token else {}

    def asked(self, prompt: str) -> bool:
        """Whether a question is one to us."""
        return bool(self._token) and prompt.startswith(self._token)

    def answer(self, prompt: str) -> str:
        """Carries out the call that a question holds; the answer is its value or its error."""
        call = json.loads(prompt[len(self._token) :])
        module = importlib.import_module(f"{_ROOT}.{call['module']}")
        before = os.getcwd()
        try:
            # Files come and go where the program is.
            os.chdir(call["folder"])
            value = getattr(module, call["name"])(*call["args"], **call["kwargs"])
        except Exception as error:
            # Whatever it is, it is the program's to handle.
            return json.dumps({"error": f"{type(error).__name__}: {error}"})
        finally:
            os.chdir(before)
        if isinstance(value, dict):
            # The contents of the files that were uploaded; they are in the folder too.
            return json.dumps({"files": list(value)})
        return json.dumps({"value": value if isinstance(value, (str, int, float)) else None})


def provide(shell: Any) -> None:
    """Makes `google.colab` importable in this process, unless it is there, and adds `%%shell`."""
    if "shell" not in shell.magics_manager.magics["cell"]:
        shell.magics_manager.register_alias("shell", "bash", "cell")
    if not _there_is_one() and not any(isinstance(each, _Finder) for each in sys.meta_path):
        sys.meta_path.append(_Finder())


def _there_is_one() -> bool:
    try:
        found = importlib.util.find_spec(_ROOT)
    except ModuleNotFoundError:
        return False
    return found is not None and not isinstance(found.loader, _Loader)


def _handed(module: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    call = {
        "module": module,
        "name": name,
        "args": args,
        "kwargs": kwargs,
        "folder": os.getcwd(),
    }
    answer = json.loads(input(os.environ[_VARIABLE] + json.dumps(call)))
    if "error" in answer:
        raise RuntimeError(answer["error"])
    if "files" in answer:
        return {file: Path(file).read_bytes() for file in answer["files"]}
    return answer["value"]


def _upload(*args: object, **kwargs: object) -> Any:
    raise RuntimeError(
        "google.colab.files.upload works in Colab only: put the file into "
        f"{os.getcwd()} and read it from there."
    )


def _download(filename: str) -> None:
    print(f"google.colab.files.download: the file is {os.path.abspath(filename)}")


def _mount(mountpoint: str, *args: object, **kwargs: object) -> None:
    print(
        "google.colab.drive.mount works in Colab only: put the files that the notebook reads into "
        f"{mountpoint}, or change its paths."
    )


def _flush_and_unmount(*args: object, **kwargs: object) -> None:
    print("google.colab.drive: no drive is mounted.")


def _secret(key: str) -> str:
    if key in os.environ:
        return os.environ[key]
    raise RuntimeError(
        f"google.colab.userdata.get works in Colab only: set the environment variable {key} "
        "before Jupyter starts."
    )


def _authenticate(*args: object, **kwargs: object) -> None:
    print("google.colab.auth works in Colab only: log in with `gcloud auth login`.")


_FUNCTIONS: dict[str, dict[str, Callable[..., Any]]] = {
    "files": {"upload": _upload, "download": _download},
    "drive": {"mount": _mount, "flush_and_unmount": _flush_and_unmount},
    "userdata": {"get": _secret},
    "auth": {"authenticate_user": _authenticate},
}
"""By module, the functions that programs use, as they are where there is no Colab."""


def _function(module: str, name: str, elsewhere: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        if os.environ.get(_VARIABLE):
            return _handed(module, name, args, kwargs)
        return elsewhere(*args, **kwargs)

    call.__name__ = name
    call.__doc__ = f"`{_ROOT}.{module}.{name}`, by tff-compat."
    return call


class _Finder:
    """Finds `google.colab` and its modules after everybody else has looked for them."""

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        names = ("google", _ROOT, *(f"{_ROOT}.{module}" for module in _FUNCTIONS))
        if fullname not in names:
            return None
        package = fullname in ("google", _ROOT)
        return importlib.machinery.ModuleSpec(fullname, _Loader(), is_package=package)


class _Loader(importlib.abc.Loader):
    """Fills the modules."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        name = module.__name__.rpartition(".")[2]
        for function, elsewhere in _FUNCTIONS.get(name, {}).items():
            setattr(module, function, _function(name, function, elsewhere))
