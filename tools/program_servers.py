"""The client of the servers in `tests` that run programs, each in a fork of their process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).resolve().parent.parent / "tests"


class Server:
    """A process that runs programs, each in a fork: as of releases, or on plain TFF.

    Args:
      script: The server.
      log: The file of what the server itself prints to standard error.
      environment: Its environment variables, where they are not those of this process.
    """

    def __init__(self, script: str, log: Path, environment: dict[str, str] | None = None) -> None:
        self._log = log
        with log.open("w") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, str(_TESTS / script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=environment,
                text=True,
            )

    def run(self, program: Path, folder: Path, seconds: float, **more: object) -> dict[str, Any]:
        """What the server answers; what the program prints is in `out` and `err` in the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        request = {"program": str(program), "folder": str(folder), "seconds": seconds, **more}
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            print(json.dumps(request), file=self._process.stdin, flush=True)
            answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            log = self._log.read_text("utf-8", "replace")
            raise RuntimeError(f"The server has ended:\n{log[-6000:]}") from None
        return answer

    def close(self) -> None:
        self._process.communicate()
