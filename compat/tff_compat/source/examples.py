"""Uses of TFF's symbols made up as examples, and what is advised for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from inspect import _ParameterKind as Kind
from pathlib import Path

from packaging.version import Version

from tff_compat import catalog, coverage
from tff_compat.catalog import Signature, Symbol
from tff_compat.coverage import Answer
from tff_compat.declared.replacement import IMPORTS
from tff_compat.source import documents, findings, resolving
from tff_compat.source.writing import Finding

_ARGUMENTS = {
    "client_optimizer_fn": "lambda: tf.keras.optimizers.SGD(learning_rate=0.1)",
    "server_optimizer_fn": "lambda: tf.keras.optimizers.SGD(learning_rate=1.0)",
    "dtype": "tf.float32",
    "element": "tf.float32",
    "member": "tf.float32",
    "spec": "tf.float32",
    "placement": "tff.CLIENTS",
    "type_spec": "tf.float32",
}
"""Arguments that say more than the names of their parameters."""

_IMPORTS = ("import tensorflow as tf", "import tensorflow_federated as tff")


@dataclass(frozen=True)
class Advice:
    """What is advised for an example.

    Attributes:
      finding: What was found of it.
      after: The whole example as it is written today; "" where no code can be written.
      additions: The imports and helper functions that it needs.
    """

    finding: Finding
    after: str
    additions: tuple[str, ...]


def advice(
    examples: Sequence[str], release: Version, *, setup: Sequence[str] = ()
) -> list[tuple[Advice, ...]]:
    """What is advised for each of some expressions of one line, by place; () for what is modern.

    Args:
      examples: The expressions.
      release: The release that they are written for.
      setup: Statements of one line that make what they use.
    """
    before = [*_IMPORTS, *setup]
    text = "".join(f"{line}\n" for line in [*before, *examples])
    document = documents.document(Path("example.py"), text.encode())
    resolver = resolving.Resolver(release)
    resolver.document(document)
    finder = findings.Finder(document, resolver.result, release, coverage.PRIMARY)
    found: dict[int, list[Finding]] = {}
    for finding in finder.findings():
        found.setdefault(finding.line, []).append(finding)
    writer = finder.writer(lambda finding: True)

    def of(finding: Finding, example: str) -> Advice:
        if not finding.replacement:
            return Advice(finding, "", ())
        sources = [writer.helper_source(name, finding.unit).strip() for name in finding.helpers]
        imports = [IMPORTS[root] for root in sorted(finding.needs)]
        start, end = finding.column - 1, finding.end_column - 1
        after = example[:start] + finding.replacement + example[end:]
        return Advice(finding, after, (*imports, *sources))

    return [
        tuple(of(finding, example) for finding in found.get(line, ()))
        for line, example in enumerate(examples, len(before) + 1)
    ]


def uses(symbol: Symbol, answer: Answer, release: Version) -> tuple[str, ...]:
    """Uses that a release takes: with what the replacement knows of, and plain."""
    entry, path = answer.entry, symbol.path
    if entry is None:
        return ()
    signature = symbol.signature(release)
    if signature is None or entry.path != path or (entry.kind == "move" and symbol.kind == "class"):
        return (path,)
    if symbol.kind == "class" and catalog.load().abstract_members(path, release):
        return (path,)  # Programs derive from it.
    wanted = {hole.name for hole in entry.modern.holes} | set(entry.legacy.values)
    whole = arguments(signature, wanted | set(entry.legacy.keywords))
    return f"{path}({whole})", f"{path}({arguments(signature)})"


def arguments(
    signature: Signature,
    wanted: Collection[str] = (),
    *,
    keywords: Collection[str] = (),
    values: Mapping[str, str] | None = None,
) -> str:
    """The arguments of an example: what is required, and what is wanted.

    Args:
      signature: The parameters.
      wanted: Those that are given though they need not be.
      keywords: Those that are given by keyword, with all behind them.
      values: The code of arguments, by parameter, where it is not to be the usual one.
    """
    given: list[str] = []
    by_keyword = False
    for parameter in signature.parameters:
        name = parameter.name
        value = {**_ARGUMENTS, **(values or {})}.get(name, name)
        if parameter.kind is Kind.VAR_POSITIONAL:
            if name in wanted:
                given.append(name)
        elif parameter.kind is Kind.VAR_KEYWORD:
            continue
        elif parameter.required or name in wanted:
            by_keyword |= not parameter.required or parameter.kind is Kind.KEYWORD_ONLY
            by_keyword |= name in keywords
            given.append(f"{name}={value}" if by_keyword else value)
        else:
            by_keyword = True
    return ", ".join(given)
