"""Files of requirements without TensorFlow and TFF, for a notebook's own `pip install -r`.

    python -m tff_compat.running.requirements FILE

prints the path of a copy that leaves them out, and tells on standard error what it left out.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from tff_compat.running.reinstalls import names_framework


def without_frameworks(file: Path) -> tuple[list[str], list[str]]:
    """The lines of a file of requirements that are to be installed, and those left out.

    Files that it names are found from anywhere: nested requirements are written out, and other
    paths become absolute.

    Raises:
      OSError: It, or a file that it names, cannot be read.
    """
    kept: list[str] = []
    left: list[str] = []
    text = re.sub(r"\\\n\s*", " ", file.read_text("utf-8"))
    for line in text.splitlines():
        stripped = line.strip()
        nested = re.match(r"(?:-r|--requirement)[\s=]*(\S+)", stripped)
        path = re.match(r"(-c|--constraint|-e|--editable)[\s=]+(\S+)(.*)", stripped)
        if nested and "://" not in nested[1]:
            more, more_left = without_frameworks(file.parent / nested[1])
            kept += more
            left += more_left
        elif path and "://" not in path[2]:
            kept.append(f"{path[1]} {os.path.abspath(file.parent / path[2])}{path[3]}")
        elif stripped.startswith(("./", "../")):
            kept.append(os.path.abspath(file.parent / stripped))
        elif stripped and not stripped.startswith(("#", "-")) and names_framework(stripped):
            left.append(stripped)
        else:
            kept.append(line)
    return kept, left


def main(name: str) -> None:
    """Prints the path of the copy; the name itself where pip is to say what is wrong with it."""
    try:
        kept, left = without_frameworks(Path(name))
    except (OSError, UnicodeDecodeError):
        print(name)
        return
    if not left:
        print(name)
        return
    for line in left:
        print(
            f"tff-compat: `{line}` in {name} is skipped: TensorFlow is there already.",
            file=sys.stderr,
        )
    # pip reads it after this process has ended. Beside the reports, it goes with the run.
    folder = os.environ.get("TFF_COMPAT_REPORTS")
    descriptor, path = tempfile.mkstemp(prefix="requirements-", suffix=".txt", dir=folder)
    with os.fdopen(descriptor, "w", encoding="utf-8") as copy:
        copy.write("\n".join(kept) + "\n")
    print(path)


if __name__ == "__main__":
    main(sys.argv[1])
