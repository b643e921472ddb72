"""What is told while something takes long."""

from __future__ import annotations

from tff_compat.running import console


def test_progress_is_plain_lines_where_no_terminal_is(monkeypatch, capfd):
    # As a kernel sets it.
    monkeypatch.setenv("FORCE_COLOR", "1")
    with console.working("Building") as progress:
        progress("Resolved 68 packages")
    assert capfd.readouterr().err == "Resolved 68 packages\n"
