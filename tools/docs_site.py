"""What the site has beside the pages in `docs/`: pages of the repository and of the catalog.

A hook of MkDocs, by `mkdocs.yml`. Nothing of it is committed: README, CONTRIBUTING, SECURITY and
CHANGELOG become pages, `codes.md` one page for each code, and the catalog a page for each release
and each namespace. Links to what is only in the repository become absolute; one to a file that is
not there ends the build.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from packaging.version import Version
from tff_compat import catalog, coverage
from tff_compat.adapters import index
from tff_compat.catalog import changes
from tff_compat.declared.codes import CODES

ROOT = Path(__file__).resolve().parent.parent
_OF_THE_REPOSITORY = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
}
_LINK = re.compile(r"(\]\()(?![a-z]+:|#)([^)#\s]+)((?:#[^)\s]*)?\))")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Puts the pages that are generated into the navigation, in place of the folders there."""
    pages: dict[str, list] = {
        "codes/": ["codes/index.md", *({code: f"codes/{code}.md"} for code in CODES)],
        "api/releases/": [{str(each): f"api/{each}.md"} for each in reversed(_releases())],
        "api/symbols/": [{path: f"api/{path}.md"} for path in _namespaces()],
    }
    config.nav = _filled(config.nav, pages)
    return config


def _filled(nav: Any, pages: dict[str, list]) -> Any:
    if isinstance(nav, list):
        return [_filled(each, pages) for each in nav]
    if isinstance(nav, dict):
        return {name: _filled(each, pages) for name, each in nav.items()}
    return pages.get(nav, nav)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages."""
    for name, content in _pages():
        files.append(File.generated(config, name, content=content))
    data = [file for file in files if file.src_uri.endswith(".json")]
    for file in data:
        files.remove(file)
    codes = files.get_file_from_path("codes.md")
    assert codes is not None
    files.remove(codes)
    return files


def on_page_markdown(markdown: str, *, page: Any, config: MkDocsConfig, files: Files) -> str:
    """Leads links to files of the repository to its pages here, or to the repository."""
    sources = {page: name for name, page in _OF_THE_REPOSITORY.items()}
    name = page.file.src_uri
    if name.startswith("codes/"):
        name = "codes.md"
    source = sources.get(name) or f"docs/{name}"

    def led(match: re.Match[str]) -> str:
        here = posixpath.dirname(source)
        path = posixpath.normpath(posixpath.join(here, match[2]))
        target = path[len("docs/") :] if path.startswith("docs/") else _OF_THE_REPOSITORY.get(path)
        if target == "codes.md":
            target = "codes/index.md"
        if target is not None:
            start = posixpath.dirname(page.file.src_uri)
            return f"{match[1]}{posixpath.relpath(target, start or '.')}{match[3]}"
        if not (ROOT / path).exists():
            raise PluginError(f"{source}: {match[2]} is not in the repository")
        return f"{match[1]}{config.repo_url}/blob/main/{path}{match[3]}"

    return _LINK.sub(led, markdown)


def _pages() -> Iterator[tuple[str, str]]:
    for source, name in _OF_THE_REPOSITORY.items():
        yield name, (ROOT / source).read_text("utf-8")
    yield from _code_pages()
    yield "api/index.md", _api_index()
    releases = _releases()
    for before, release in zip([None, *releases], releases):
        yield f"api/{release}.md", _release(before, release)
    for path in _namespaces():
        yield f"api/{path}.md", _namespace(path)


def _code_pages() -> Iterator[tuple[str, str]]:
    text = (ROOT / "docs" / "codes.md").read_text("utf-8")
    before, *sections = re.split(r"^(?=## \w+$)", text, flags=re.M)
    # From where `codes.md` is, as the links in it are.
    listed = [f"* [{code}](codes/{code}.md): {title}" for code, title in CODES.items()]
    yield "codes/index.md", "\n".join([before, *listed])
    for section in sections:
        code = section.split()[1]
        yield f"codes/{code}.md", section.replace("## ", "# ", 1)


# --- The API --------------------------------------------------------------------------------------


def _releases() -> list[Version]:
    return list(catalog.load().releases)


def _symbols() -> Iterator[catalog.Symbol]:
    """Functions, classes and constants, without members of classes."""
    known = catalog.load()
    for path in known.paths():
        symbol = known.symbol(path)
        assert symbol is not None
        if path.endswith("__") or symbol.kind == "module":
            continue
        if _owner(symbol).kind == "module":
            yield symbol


def _owner(symbol: catalog.Symbol) -> catalog.Symbol:
    owner = catalog.load().symbol(symbol.path.rpartition(".")[0])
    assert owner is not None
    return owner


def _namespaces() -> list[str]:
    return sorted({_owner(symbol).path for symbol in _symbols()})


def _api_index() -> str:
    known = catalog.load()
    return f"""# The API of each release

From the published packages of all {len(known.releases)} releases: for each
[release](0.13.1.md) what was new, gone and changed, and for each namespace, such as
[tff.learning](tff.learning.md), every symbol it ever had with its signatures, and what tff-compat
does with each on TFF {catalog.PRIMARY}. The same in a terminal: `tff-compat explain SYMBOL`.
"""


def _release(before: Version | None, release: Version) -> str:
    new, gone, changed = [], [], []
    for symbol in _symbols():
        then = before is not None and symbol.exists_in(before)
        now = symbol.exists_in(release)
        line = f"* {_linked(symbol)}"
        if now and not then:
            new.append(line)
        elif then and not now:
            gone.append(line)
        elif then and before is not None:
            old, fresh = symbol.signature(before), symbol.signature(release)
            if old is not None and fresh is not None and old != fresh:
                texts = "; ".join(change.text for change in changes.changes(old, fresh))
                changed.append(f"{line}: {texts}")
    parts = [f"# TFF {release}\n"]
    for title, lines in (("New", new), ("Gone", gone), ("Changed", changed)):
        if lines:
            parts += [f"## {title}\n", *lines, ""]
    if len(parts) == 1:
        parts.append("The public API is that of the release before.")
    return "\n".join(parts)


def _linked(symbol: catalog.Symbol) -> str:
    return f"[`{symbol.path}`]({_owner(symbol).path}.md#{_anchor(symbol)})"


def _anchor(symbol: catalog.Symbol) -> str:
    return symbol.path.rpartition(".")[2]


def _namespace(path: str) -> str:
    known = catalog.load()
    lines = [f"# {path}\n"]
    for symbol in _symbols():
        if _owner(symbol).path != path:
            continue
        name = symbol.path.rpartition(".")[2]
        lines += [f"## {name} {{ #{_anchor(symbol)} }}\n"]
        lines += [f"A {symbol.kind} of TFF {known.runs(symbol.releases)}.\n"]
        signatures = [(releases, text) for releases, text in symbol.signatures if text is not None]
        if signatures:
            lines += ["```python"]
            for releases, signature in signatures:
                lines += [f"# {known.runs(releases)}", f"{name}{signature}"]
            lines += ["```\n"]
        lines += [*_answers(symbol), ""]
    return "\n".join(lines)


def _answers(symbol: catalog.Symbol) -> Iterator[str]:
    known = catalog.load()
    held: dict[tuple[str, str], list[Version]] = {}
    for release in symbol.releases:
        answer = coverage.answer(symbol.path, release)
        held.setdefault((answer.status, _way_out(answer.entry)), []).append(release)
    for (status, way_out), releases in held.items():
        yield f"* {known.runs(releases)}: {status}{way_out}"


def _way_out(entry: index.Entry | None) -> str:
    if entry is None:
        return ""
    if entry.kind == "move":
        return f" to `{entry.target}`"
    text = f" ({entry.reason})" if entry.reason else ""
    if entry.replacement and entry.kind == "adapter":
        holes = [hole.name for hole in entry.modern.holes]
        return f"{text}; instead: `` {entry.modern.variant(holes)} ``" if not holes else text
    return text
