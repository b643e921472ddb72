"""Writes the modern code into files: edits on the text, every byte outside of them stays."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tff_compat.declared.replacement import EXACT, IMPORTS, NONE, REVIEW
from tff_compat.source import reading
from tff_compat.source.documents import Document, Unit
from tff_compat.source.findings import Finder
from tff_compat.source.programs import Checked
from tff_compat.source.resolving import INTERNAL
from tff_compat.source.values import Symbol
from tff_compat.source.writing import Finding, Writer


class RewritingError(RuntimeError):
    """The result would not be Python; the file is left as it is."""


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


@dataclass
class Rewritten:
    """A file with modern code.

    Attributes:
      document: The file as it was.
      content: What it holds now.
      written: The findings whose code was written.
      left: Those that were left as they are.
    """

    document: Document
    content: bytes
    written: list[Finding] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)
    texts: dict[Unit, str] = field(default_factory=dict)


def rewrite(
    finder: Finder,
    findings: Sequence[Finding],
    *,
    unsafe: bool = False,
    annotate: bool = False,
    allow: Callable[[Finding], bool] = lambda finding: True,
) -> Rewritten:
    """Writes the findings of one file whose code is exact.

    Args:
      finder: What found them.
      findings: All findings of the file.
      unsafe: Write also what is for review.
      annotate: Put a comment above what is left.
      allow: Says of a finding whether it may be written.

    Raises:
      RewritingError: The result would be no Python; nothing is changed.
    """
    kinds = {EXACT, REVIEW} if unsafe else {EXACT}
    writer = finder.writer(lambda finding: finding.kind in kinds and allow(finding))
    document = finder.document
    result = Rewritten(document, b"")
    by_unit: dict[Unit, list[Finding]] = {}
    for finding in findings:
        by_unit.setdefault(finding.unit, []).append(finding)
    used: set[str] = set()
    needs: dict[Unit, dict[str, str]] = {}
    for unit in document.units:
        of_unit = by_unit.get(unit, [])
        plan = _Plan(finder, writer, unit, of_unit)
        result.written += plan.written
        result.left += plan.left
        helpers = [name for name in plan.helpers if name not in used]
        used.update(helpers)
        needs[unit] = {
            root: name
            for root, name in plan.needs.items()
            if not any(root in earlier for earlier in needs.values())
        }
        edits = plan.edits + _additions(unit, needs[unit], helpers, writer)
        if annotate:
            edits += _annotations(unit, plan.left, finder)
        text = _apply(unit.text, edits)
        if text != unit.text:
            result.texts[unit] = text
    for finding in findings:
        if finding.unit not in document.units:
            result.left.append(finding)
    for unit, text in result.texts.items():
        _check(document, unit, text)
    result.content = document.with_texts(result.texts)
    return result


def rewrite_all(
    several: Iterable[Checked],
    *,
    unsafe: bool = False,
    annotate: bool = False,
    allow: Callable[[Finding], bool] = lambda finding: True,
) -> list[Rewritten]:
    """As `rewrite`, for all files of programs that were checked."""
    return [
        rewrite(finder, checked.findings[path], unsafe=unsafe, annotate=annotate, allow=allow)
        for checked in several
        for path, finder in checked.finders.items()
    ]


class _Plan:
    """The edits of one unit."""

    def __init__(
        self, finder: Finder, writer: Writer, unit: Unit, findings: Sequence[Finding]
    ) -> None:
        self.unit = unit
        self.edits: list[_Edit] = []
        self.written: list[Finding] = []
        self.left: list[Finding] = []
        self.helpers: list[str] = []
        self.needs: dict[str, str] = {}
        self._finder = finder
        self._writer = writer
        self._comments = _comments(unit)
        imports = [each for each in findings if isinstance(each.node, (ast.Import, ast.ImportFrom))]
        for edited in writer.edited(unit.tree, unit):
            self._replace(edited)
        for finding in findings:
            if finding in imports:
                continue
            now = writer.written(finding.node)
            if now is not None and writer.may(now):
                self.written.append(now)
                self.helpers += [name for name in now.helpers if name not in self.helpers]
                self.needs.update(now.needs)
            else:
                self.left.append(finding)
        by_statement: dict[ast.AST, list[Finding]] = {}
        for finding in imports:
            by_statement.setdefault(finding.node, []).append(finding)
        for statement, bound in by_statement.items():
            self._import(statement, bound)

    def _replace(self, finding: Finding) -> None:
        start, end = self.unit.span(finding.node)
        text = finding.replacement
        if isinstance(finding.node, ast.expr):
            text = self._laid_out(text, start, end)
        self.edits.append(_Edit(start, end, text))
        lost = [
            comment
            for position, comment in self._comments
            if start < position < end and comment not in text
        ]
        if lost:
            line = self.unit.line_start(self._finder.statement(finding.node))
            indent, newline = self.unit.indent(line), self.unit.newline
            above = "".join(f"{indent}{comment}{newline}" for comment in lost)
            self.edits.append(_Edit(line, line, above))

    def _laid_out(self, text: str, start: int, end: int) -> str:
        """The code with a line for each argument where it would be too long for one."""
        line = self.unit.text.rfind("\n", 0, start) + 1
        indent = self.unit.indent(line)
        rest = self.unit.text[end : self.unit.line_end(end)].rstrip()
        before = self.unit.text[line:start]
        if "\t" in indent or max(map(len, f"{before}{text}{rest}".splitlines())) <= _WIDEST:
            return text
        return _broken(text, indent, len(before), self.unit.newline)

    def _import(self, node: ast.AST, findings: Sequence[Finding]) -> None:
        """Takes names out of an import whose uses are all written anew."""
        assert isinstance(node, (ast.Import, ast.ImportFrom))
        gone: set[str] = set()
        added: list[str] = []
        for finding in findings:
            name = finding.name
            if finding.symbol == INTERNAL:
                gone.add(name)
                added.append(finding.replacement)
                self.written.append(finding)
            elif finding.kind != NONE and self._all_written(name, finding.symbol):
                gone.add(name)
                self.written.append(finding)
            else:
                self.left.append(finding)
        if not gone:
            return
        kept = [alias for alias in node.names if _bound(node, alias) not in gone]
        statements = list(dict.fromkeys(added))
        if kept:
            names = ", ".join(a.name + (f" as {a.asname}" if a.asname else "") for a in kept)
            if isinstance(node, ast.ImportFrom):
                dots = "." * node.level
                statements.append(f"from {dots}{node.module or ''} import {names}")
            else:
                statements.append(f"import {names}")
        if "tff" in self.needs:
            statements.insert(0, _import_of("tff", self.needs.pop("tff")))
        start, end = self.unit.span(node)
        line = self.unit.line_start(node)
        alone = not self.unit.text[line:start].strip() and self.unit.ends_line(end)
        if not statements and alone and not self._finder.is_alone(node):
            self.edits.append(_Edit(line, self.unit.line_end(end), ""))
            return
        indent = self.unit.text[line:start] if alone else ""
        separator = f"{self.unit.newline}{indent}" if alone else "; "
        self.edits.append(_Edit(start, end, separator.join(statements) or "pass"))

    def _all_written(self, name: str, path: str) -> bool:
        return all(
            self._writer.stands_for(node)
            for node, values in self._finder.names(name)
            if any(isinstance(value, Symbol) and value.path == path for value in values)
        )


_WIDEST = 100
_INDENT = "    "


def _broken(text: str, indent: str, column: int, newline: str) -> str:
    """A call with its arguments on lines of their own, and those that are too long broken too."""
    try:
        call = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return text  # It is a statement.
    if "\n" in text or column + len(text) <= _WIDEST or not isinstance(call, ast.Call):
        return text
    parts: list[ast.AST] = [*call.args, *call.keywords]
    if not parts or any(isinstance(part, (ast.GeneratorExp, ast.NamedExpr)) for part in parts):
        return text
    unit = Unit(Path(), text, text, ast.Module([], []))
    spans = sorted(map(unit.span, parts))
    deeper = indent + _INDENT
    lines = []
    for first, last in spans:
        piece = text[first:last]
        name, equals, value = piece.partition("=")
        if equals and re.fullmatch(r"\w+", name) and not value.startswith("="):
            head = f"{name}="
            piece = head + _broken(value, deeper, len(deeper) + len(head), newline)
        else:
            piece = _broken(piece, deeper, len(deeper), newline)
        lines.append(f"{deeper}{piece}")
    return f"{text[: spans[0][0]]}{newline}{f',{newline}'.join(lines)}{text[spans[-1][1] :]}"


def _bound(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    if alias.asname:
        return alias.asname
    return alias.name.split(".")[0] if isinstance(node, ast.Import) else alias.name


def _comments(unit: Unit) -> list[tuple[int, str]]:
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(unit.code).readline):
            if token.type == tokenize.COMMENT:
                found.append((unit.offset_of(token.start[0], token.start[1]), token.string))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return found
    return found


def _import_of(root: str, name: str) -> str:
    """The statement that imports a module by a name that is free in the file."""
    return IMPORTS[root] if name == root else f"{IMPORTS[root].split(' as ')[0]} as {name}"


def _additions(
    unit: Unit, needs: dict[str, str], helpers: Sequence[str], writer: Writer
) -> list[_Edit]:
    """The imports and helper functions that the code of a unit needs."""
    if not needs and not helpers:
        return []
    newline = unit.newline
    lines = [_import_of(root, name) for root, name in sorted(needs.items())]
    text = "".join(f"{line}{newline}" for line in lines)
    sources = [writer.helper_source(name, unit) for name in helpers]
    at, later = _after_imports(unit), _after_imports(unit, "".join(sources))
    if at and unit.text[at - 1] not in "\r\n":
        text = f"{newline}{text}"
    if not unit.text[:at].strip():
        text = text.lstrip("\r\n")
    written = "".join(f"\n\n{source}" for source in sources).replace("\n", newline)
    rest = unit.text[later:]
    if helpers and rest.strip():
        blank = len(rest[: len(rest) - len(rest.lstrip("\r\n"))]) // len(newline)
        written += newline * max(0, 2 - blank)
    if not text and not unit.text[:later].strip():
        written = written.lstrip("\r\n")
    if at == later:
        return [_Edit(at, at, text + written)]
    return [_Edit(at, at, text), _Edit(later, later, written)]


def _after_imports(unit: Unit, code: str = "") -> int:
    """Where the first block of imports ends: additions stand there, at the start of a line.

    Code that uses a module which is imported after that block stands after its import.
    """
    last: ast.stmt | None = None
    for position, statement in enumerate(unit.tree.body):
        is_docstring = (
            position == 0
            and isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str)
        )
        if is_docstring or isinstance(statement, (ast.Import, ast.ImportFrom)):
            last = statement
        else:
            break
    first_block = unit.tree.body.index(last) + 1 if last is not None else 0
    for statement in unit.tree.body[first_block:] if code else ():
        if isinstance(statement, (ast.Import, ast.ImportFrom)) and any(
            re.search(rf"(?<![\w.]){alias.asname or alias.name}\.", code)
            for alias in statement.names
        ):
            last = statement
    if last is not None:
        end = unit.span(last)[1]
        # What shares its line may need them.
        return unit.line_end(end) if unit.ends_line(end) else unit.line_start(last)
    if not unit.tree.body:
        return 0
    first = unit.tree.body[0]
    return unit.line_start(next(iter(getattr(first, "decorator_list", [])), first))


def _annotations(unit: Unit, left: Sequence[Finding], finder: Finder) -> list[_Edit]:
    edits: dict[int, _Edit] = {}
    for finding in left:
        # In the middle of a statement a comment may not stand, as after a backslash.
        line = unit.line_start(finder.statement(finding.node))
        note = re.sub(r"\s+", " ", finding.message)
        comment = f"{unit.indent(line)}# TODO(tff-compat {finding.code}): {note}{unit.newline}"
        before = unit.text[:line]
        if comment.strip() in before[-len(comment) * 4 :]:
            continue
        known = edits.get(line)
        edits[line] = _Edit(line, line, (known.text if known else "") + comment)
    return list(edits.values())


def _apply(text: str, edits: Sequence[_Edit]) -> str:
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])


def _check(document: Document, unit: Unit, text: str) -> None:
    code = reading.without_commands(text) if document.is_notebook else text
    try:
        ast.parse(code)
    except SyntaxError as error:
        raise RewritingError(
            f"{document.path}: the code written would be no Python at line {error.lineno} "
            f"({error.msg}); the file is left as it is. Please report it."
        ) from None
