"""The kernels of releases that Jupyter offers: what they are called and where they are."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import tempfile
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from packaging.version import Version

_OURS = "tff_compat"


@dataclasses.dataclass(frozen=True)
class Installed:
    """A kernel of ours that Jupyter offers.

    Attributes:
      name: The name that notebooks have in their metadata.
      release: The release that it runs as of.
      title: What people read.
      folder: Where its description is.
    """

    name: str
    release: str
    title: str
    folder: Path


class KernelError(RuntimeError):
    """A kernel cannot be installed or removed; the text says why."""


def short(release: Version) -> str:
    """A release as people call it: "0.9" for 0.9.0, "0.13.1" for 0.13.1."""
    return f"{release.major}.{release.minor}" if release.micro == 0 else str(release)


def install(
    release: Version, *, name: str | None = None, prefix: str | None = None, cached: bool = False
) -> Installed:
    """Adds the kernel of a release to Jupyter.

    Args:
      release: The release.
      name: Its name; None for one made from the release.
      prefix: The folder under whose share/jupyter it is put; None for the user's own folder.
      cached: Whether it takes the cached environment also where this interpreter has TFF.

    Raises:
      KernelError: The name is no name, or another kernel's.
      OSError: The folder cannot be written.
    """
    name = name or f"tff-{short(release)}"
    manager = _manager(prefix)
    _check_free(manager, name)
    argv = [sys.executable, "-m", "tff_compat.notebooks.launch", str(release), "{connection_file}"]
    description = {
        "argv": [*argv, "--cached"] if cached else argv,
        "display_name": f"TFF {short(release)} (tff-compat)",
        "language": "python",
        "metadata": {_OURS: {"as_of": str(release)}, "debugger": True},
    }
    with tempfile.TemporaryDirectory(prefix="tff-compat-") as folder:
        (Path(folder) / "kernel.json").write_text(json.dumps(description, indent=1) + "\n", "utf-8")
        try:
            path = manager.install_kernel_spec(folder, name, user=prefix is None, prefix=prefix)
        except ValueError as error:
            raise KernelError(str(error)) from None
    return Installed(name, str(release), str(description["display_name"]), Path(path))


def installed(prefix: str | None = None) -> list[Installed]:
    """The kernels of ours that Jupyter offers, or those under a prefix, by name."""
    found = []
    for name, entry in sorted(_manager(prefix).get_all_specs().items()):
        ours = entry["spec"].get("metadata", {}).get(_OURS)
        if ours is not None:
            folder = Path(entry["resource_dir"])
            found.append(Installed(name, ours["as_of"], entry["spec"]["display_name"], folder))
    return found


def remove(name: str, prefix: str | None = None) -> Installed:
    """Takes a kernel of ours away from Jupyter.

    Raises:
      KernelError: There is none of that name, or it is not ours.
      OSError: It cannot be removed.
    """
    for kernel in installed(prefix):
        if kernel.name == name:
            _manager(prefix).remove_kernel_spec(name)
            return kernel
    raise KernelError(f"There is no kernel of tff-compat with the name {name}.")


def _manager(prefix: str | None) -> KernelSpecManager:
    manager = KernelSpecManager(ensure_native_kernel=False)
    if prefix is not None:
        manager.kernel_dirs = [os.path.join(os.path.abspath(prefix), "share", "jupyter", "kernels")]
    return manager


def _check_free(manager: KernelSpecManager, name: str) -> None:
    try:
        other = manager.get_kernel_spec(name)
    except NoSuchKernel:
        return
    if _OURS not in other.metadata:
        raise KernelError(f"Jupyter has a kernel {name} that is not ours: add --name.")
