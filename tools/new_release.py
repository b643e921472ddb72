"""Adds a release of TFF and makes it the primary one; then lists what it breaks, and where.

    python tools/new_release.py 0.88.0                    downloads its wheel
    python tools/new_release.py 0.88.0 --sources FOLDER   has its package in FOLDER already
    python tools/new_release.py --list                    only lists, for the two newest releases

It changes the catalog, the constant in `catalog/primary.py`, the recipe that the release shares
with the one before it, and the environments in `tox.ini`. CONTRIBUTING.md says how it goes on.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import build_catalog
from packaging.version import Version
from tff_compat import catalog
from tff_compat.adapters import forms
from tff_compat.catalog import changes

ROOT = Path(__file__).resolve().parent.parent
_Facts = Mapping[str, build_catalog.Fact]


def add(root: Path, release: Version, public: _Facts, internal: _Facts) -> None:
    """Writes a release, with the facts of its symbols, into the files of a repository."""
    package = root / "compat" / "tff_compat"
    facts = build_catalog.read_data(package / "catalog")
    former = facts[-1][0]
    if release <= former:
        raise SystemExit(f"{release} is not later than {former}, the newest that is known.")
    build_catalog.write_data(package / "catalog", [*facts, (release, dict(public), dict(internal))])
    _replace(package / "catalog" / "primary.py", f'"{former}"', f'"{release}"')
    recipes = package / "recipes" / "recipes.json"
    _replace(recipes, rf'"{re.escape(str(former))}": ("[^"]+")', rf'\g<0>, "{release}": \1')
    # Those of the release before, until `tools/lock_recipes.py` resolves its own.
    locks = package / "recipes" / "locks.json"
    data = json.loads(locks.read_text("utf-8"))
    data["published"][str(release)] = datetime.date.today().isoformat()
    data["locks"][-1]["releases"].append(str(release))
    locks.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    tox = root / "tox.ini"
    full, partial = re.escape(str(former)), re.escape(f"{former.major}.{former.minor}")
    _replace(tox, rf"\btff{full}\b", f"tff{release}")
    _replace(tox, rf"(?m)^tff_release = {full}$", f"tff_release = {release}")
    _replace(tox, rf",{full}\}}", f",{former},{release}}}")
    _replace(tox, rf"(\d+-tff){partial},", rf"\g<1>{release.major}.{release.minor},\g<0>")


def _replace(file: Path, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, file.read_text("utf-8"))
    if not count:
        raise SystemExit(f"{file} has no {pattern}: it has changed, and this tool has to follow.")
    file.write_text(text, "utf-8")


@dataclass(frozen=True)
class Difference:
    """What a release changed of one public symbol.

    Attributes:
      path: Its path in the release before.
      text: What became of it.
      places: Where the package names it, as ``file:line``.
    """

    path: str
    text: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.path}: {self.text}", *(f"    {place}" for place in self.places)])


def differences(root: Path) -> Iterator[Difference]:
    """What the newest release of the catalog changed, so that an entry or a change is needed."""
    facts = build_catalog.read_data(root / "compat" / "tff_compat" / "catalog")
    (_, before, _), (_, now, _) = facts[-2:]
    gone = [path for path in before if path not in now]
    for path, then in before.items():
        if path not in now:
            # What is in a module or a class goes with it.
            if path.rpartition(".")[0] not in gone:
                yield Difference(path, f"is gone{_moved(path, before, now)}", _places(root, path))
        elif then != now[path]:
            yield Difference(path, _changed(then, now[path]), _places(root, path))


def _moved(path: str, before: _Facts, now: _Facts) -> str:
    name = path.rpartition(".")[2]
    same = [each for each in now if each.rpartition(".")[2] == name and each not in before]
    return f"; new is {', '.join(same)}" if same else ""


def _changed(then: build_catalog.Fact, now: build_catalog.Fact) -> str:
    if then.kind != now.kind or None in (then.signature, now.signature):
        return f"was a {then.kind}, is a {now.kind}"
    assert then.signature is not None and now.signature is not None
    found = changes.changes(catalog.Signature(then.signature), catalog.Signature(now.signature))
    return "; ".join(change.text for change in found)


def _places(root: Path, path: str) -> tuple[str, ...]:
    """Where adapters, replacements, tables and guides name a symbol."""
    package = root / "compat" / "tff_compat"
    named = re.compile(rf"(?<![\w.]){re.escape(path)}(?!\w)")
    return tuple(
        f"{file.relative_to(root)}:{number}"
        for file in sorted(package.rglob("*.py"))
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if named.search(line)
    )


_NEXT = """
What is listed above calls for, where the package names it, code that the new release has; and
beside it, in compat/tff_compat/adapters, for each

  * that is at another place:    move("{{old}}", "{{new}}", releases=">={{its first}},<{short}"),
                                 and in modern/locations.py the old path, for installed ones before;
  * that has other parameters:   an adapter with the former ones (tools/new_adapter.py);
  * that is gone:                an adapter, or a refusal that says why there is none.

Then, in this order:

    python tools/lock_recipes.py {release}
    python tools/verify_recipes.py {release}
    tox -e record-tff{release}                   the references of its programs
    tox -e tff{release}                          builds its environment; writes nothing
    .tox/tff{release}/bin/python tools/build_adapter_index.py
    .tox/tff{release}/bin/python tools/record_traces.py      which lines are warned of: look
    tff-compat coverage --markdown > docs/coverage.md     and look: "Missing" has to be empty
    git grep -n "{former}" README.md docs        what the pages say of the release before
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", nargs="?", type=Version)
    parser.add_argument("--sources", type=Path, help="a folder that has its package already")
    parser.add_argument("--list", action="store_true", help="only list")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository (default: this)")
    options = parser.parse_args()
    if options.list == (options.release is not None):
        parser.error("name a release to add, or --list")
    if not options.list:
        with tempfile.TemporaryDirectory() as cache:
            sources = options.sources
            if sources is None:
                build_catalog.download(options.release, Path(cache))
                sources = Path(cache) / str(options.release)
            add(options.root, options.release, *build_catalog.read_release(sources))
    for difference in differences(options.root):
        print(difference)
    facts = build_catalog.read_data(options.root / "compat" / "tff_compat" / "catalog")
    release = facts[-1][0]
    print(_NEXT.format(release=release, short=forms.short(release), former=facts[-2][0]))


if __name__ == "__main__":
    main()
