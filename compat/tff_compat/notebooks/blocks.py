"""What a notebook shows of legacy calls: as HTML that folds, and as plain text."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Sequence

from tff_compat.running import summary
from tff_compat.running.session import LegacyCall

# The colours are the notebook's own, light or dark. A click selects the code.
_CODE = (
    "margin:2px 0 10px 16px;white-space:pre-wrap;word-break:normal;overflow-wrap:normal;"
    "overflow-x:auto;user-select:all;-webkit-user-select:all"
)


@dataclasses.dataclass(frozen=True)
class Block:
    """A rich display of legacy calls.

    Attributes:
      title: One line.
      rows: The calls, each with its place as it is to be shown.
      opened: Whether the HTML is unfolded at first.
    """

    title: str
    rows: Sequence[tuple[str, LegacyCall]]
    opened: bool = False

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        lines = [self.title]
        for place, call in self.rows:
            lines.append(f"  {place}: {call.symbol} (last in TFF {call.release})")
            lines += [f"      {line}" for line in call.replacement.splitlines()]
        return "\n".join(lines)

    def html(self) -> str:
        """The block as HTML: a line that unfolds to the replacements, each selected by a click."""
        if not self.rows:
            return f"<div>{html.escape(self.title)}</div>"
        rows = "".join(
            f"<div>{html.escape(place)}: <code>{html.escape(call.symbol)}</code>"
            f" <small>(last in TFF {html.escape(call.release)}{_times(call.count)})</small></div>"
            f'<pre style="{_CODE}"><code>{html.escape(call.replacement)}</code></pre>'
            for place, call in self.rows
        )
        return (
            f'<details class="tff-compat"{" open" if self.opened else ""}>'
            f'<summary style="cursor:pointer">{html.escape(self.title)}</summary>'
            f'<div style="margin:6px 0 0 16px">{rows}</div></details>'
        )


def _times(count: int) -> str:
    return f", {count} times" if count > 1 else ""


class Report(Block):
    """The table of all legacy calls of a notebook, as `tff-compat run` shows it at its end."""

    def __repr__(self) -> str:
        lines = [line for line, _ in summary.table([call for _, call in self.rows])]
        return "\n".join([self.title, *lines]).rstrip()
