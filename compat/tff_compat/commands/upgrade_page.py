"""The page that `tff-compat upgrade --report` writes: each file before and after, side by side."""

from __future__ import annotations

import collections
import difflib
import html
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tff_compat import whole_files
from tff_compat.commands import formats
from tff_compat.commands.errors import CommandError
from tff_compat.declared.codes import CODES

if TYPE_CHECKING:
    from tff_compat.source.rewriting import Rewritten
    from tff_compat.source.writing import Finding

_STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --gone: #ffebe9; --new: #e6ffec;
  --soft: #57606a; --back: #ffffff; --text: #1f2328; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --line: #30363d; --gone: #48191e; --new: #12341f;
  --soft: #8d96a0; --back: #0d1117; --text: #e6edf3; --card: #161b22; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 110rem; padding: 0 1rem;
  background: var(--back); color: var(--text); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
.counts { width: auto; } .counts td, .counts th { padding: .2rem .8rem; text-align: left;
  border-bottom: 1px solid var(--line); }
.sides { table-layout: fixed; font: 12.5px/1.45 ui-monospace, monospace;
  border: 1px solid var(--line); }
.sides col.number { width: 3.5rem; }
.sides th { font: 12px/1.8 system-ui, sans-serif; color: var(--soft); background: var(--card);
  text-align: left; padding: 0 .5rem; border-bottom: 1px solid var(--line); }
.sides td { padding: 0 .5rem; vertical-align: top; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.sides td.number { color: var(--soft); text-align: right; user-select: none;
  white-space: nowrap; }
.sides tr > :nth-child(3) { border-left: 1px solid var(--line); }
.sides td.gone { background: var(--gone); } .sides td.new { background: var(--new); }
.sides tr.gap td { background: var(--card); color: var(--soft); text-align: center; }
ul.left { padding-left: 1.2rem; } ul.left code { font-size: .9em; }
.soft { color: var(--soft); }
"""
_CONTEXT = 3


def write(path: Path, done: Sequence[Rewritten]) -> None:
    """Writes the page, whole or not at all.

    Raises:
      CommandError: It cannot be written.
    """
    try:
        whole_files.write(path, page(done))
    except OSError as error:
        raise CommandError(f"--report: {path}: {error.strerror}.") from None


def page(done: Sequence[Rewritten]) -> str:
    """The page as HTML."""
    written = [finding for each in done for finding in each.written]
    left = [finding for each in done for finding in each.left]
    body = [
        "<h1>tff-compat upgrade</h1>",
        f"<p>{sum(bool(each.texts) for each in done)} of {formats.files(len(done))} changed; "
        f"{len(written)} findings written, {len(left)} left.</p>",
        _counts(written, left),
    ]
    for each in sorted(done, key=lambda rewritten: str(rewritten.document.path)):
        if each.texts or each.left:
            body += _file(each)
    content = "\n".join(body)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>tff-compat upgrade</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{content}\n</body></html>\n"
    )


def _counts(written: Sequence[Finding], left: Sequence[Finding]) -> str:
    wrote = collections.Counter(finding.code for finding in written)
    rest = collections.Counter(finding.code for finding in left)
    rows = [
        f"<tr><td>{code}</td><td>{html.escape(CODES[code])}</td>"
        f"<td>{wrote[code]}</td><td>{rest[code]}</td></tr>"
        for code in sorted({*wrote, *rest})
    ]
    head = "<tr><th>Code</th><th></th><th>Written</th><th>Left</th></tr>"
    return f'<table class="counts">{head}{"".join(rows)}</table>'


def _file(rewritten: Rewritten) -> Iterator[str]:
    yield f"<h2>{html.escape(str(rewritten.document.path))}</h2>"
    for unit, text in rewritten.texts.items():
        if unit.cell:
            yield f'<p class="soft">Cell {unit.cell}</p>'
        yield _sides(unit.text.splitlines(), text.splitlines())
    if rewritten.left:
        yield '<p>Left for a person:</p><ul class="left">'
        for finding in rewritten.left:
            yield (
                f"<li><code>{html.escape(formats.place(finding))}</code> {finding.code}: "
                f"{html.escape(finding.message)}</li>"
            )
        yield "</ul>"


def _sides(old: Sequence[str], new: Sequence[str]) -> str:
    """The changed lines of two texts beside each other, with a few around them."""
    rows: list[str] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for position, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT)):
        if position:
            rows.append('<tr class="gap"><td colspan="4">⋯</td></tr>')
        for tag, a, b, c, d in group:
            for offset in range(max(b - a, d - c)):
                left = _cell(old, a + offset, b, "gone" if tag != "equal" else "")
                right = _cell(new, c + offset, d, "new" if tag != "equal" else "")
                rows.append(f"<tr>{left}{right}</tr>")
    columns = '<colgroup><col class="number"><col><col class="number"><col></colgroup>'
    head = "<tr><th></th><th>Before</th><th></th><th>After</th></tr>"
    return f'<table class="sides">{columns}{head}{"".join(rows)}</table>'


def _cell(lines: Sequence[str], index: int, end: int, kind: str) -> str:
    if index >= end:
        return '<td class="number"></td><td></td>'
    text = html.escape(lines[index])
    side = f' class="{kind}"' if kind else ""
    return f'<td class="number">{index + 1}</td><td{side}>{text}</td>'
