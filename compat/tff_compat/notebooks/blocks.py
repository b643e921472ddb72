"""What a notebook shows of legacy calls: as HTML that folds, and as plain text."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Sequence

from tff_compat.running import summary
from tff_compat.running.session import LegacyCall

# The colours are the notebook's own, light or dark.
_CELL = "text-align:left;vertical-align:top;padding:2px 12px 2px 0"
_CODE = "margin:0;white-space:pre-wrap;user-select:all;-webkit-user-select:all"


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
            f'<tr><td style="{_CELL}">{html.escape(place)}</td>'
            f'<td style="{_CELL}"><code>{html.escape(call.symbol)}</code>'
            f"<br><small>last in TFF {html.escape(call.release)}{_times(call.count)}</small></td>"
            f'<td style="{_CELL}"><pre style="{_CODE}"><code>{html.escape(call.replacement)}'
            "</code></pre></td></tr>"
            for place, call in self.rows
        )
        return (
            f'<details class="tff-compat"{" open" if self.opened else ""}>'
            f'<summary style="cursor:pointer">{html.escape(self.title)}</summary>'
            '<table style="margin:4px 0 4px 16px"><thead><tr>'
            + "".join(
                f'<th style="{_CELL}">{heading}</th>'
                for heading in ("Where", "Legacy form", "Write instead (a click selects it)")
            )
            + f"</tr></thead><tbody>{rows}</tbody></table></details>"
        )


def _times(count: int) -> str:
    return f", {count} times" if count > 1 else ""


class Report(Block):
    """The table of all legacy calls of a notebook, as `tff-compat run` shows it at its end."""

    def __repr__(self) -> str:
        lines = [line for line, _ in summary.table([call for _, call in self.rows])]
        return "\n".join([self.title, *lines]).rstrip()
