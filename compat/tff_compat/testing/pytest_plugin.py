"""The pytest plugin: runs a suite as of a release and sums up its legacy calls.

pytest loads this module in every run where tff-compat is installed: what it needs for a run as of a
release is imported only then.
"""

from __future__ import annotations

import dataclasses
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tff_compat.testing import AS_OF_VARIABLE

if TYPE_CHECKING:
    from tff_compat.testing.baseline import Baseline, Comparison
    from tff_compat.testing.report import LegacyCall

_NAME = "tff-compat-suite"
_OUTPUT = "tff_compat"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the options and the ini keys."""
    group = parser.getgroup("tff-compat", "TensorFlow Federated as of an earlier release")
    group.addoption(
        "--tff-as-of",
        metavar="RELEASE",
        help="run the suite as of this release of TensorFlow Federated, such as 0.13",
    )
    group.addoption(
        "--tff-report", metavar="FILE.json", type=Path, help="write the legacy calls as JSON"
    )
    group.addoption(
        "--tff-baseline",
        metavar="FILE",
        type=Path,
        help="fail on legacy calls that are not in this file; it is made where there is none, and "
        "shrinks as legacy calls go",
    )
    parser.addini("tff_as_of", "default of --tff-as-of")
    parser.addini("tff_baseline", "default of --tff-baseline, in runs as of a release")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Activates the release before any conftest.py is imported."""
    options = early_config.known_args_namespace
    asked, origin = _asked(options.tff_as_of, early_config)
    if asked:
        suite = _suite(asked, origin, early_config)
        early_config.pluginmanager.register(suite, _NAME)
        early_config.add_cleanup(suite.close)
    elif options.tff_report is not None or options.tff_baseline is not None:
        option = "--tff-report" if options.tff_report is not None else "--tff-baseline"
        raise pytest.UsageError(f"{option} needs a release: add --tff-as-of RELEASE")
    yield


def _asked(option: str | None, config: pytest.Config) -> tuple[str, str]:
    """The release asked for, as text, and where; empty where none is."""
    if option:
        return option, "--tff-as-of"
    if os.environ.get(AS_OF_VARIABLE):
        return os.environ[AS_OF_VARIABLE], AS_OF_VARIABLE
    return config.getini("tff_as_of") or "", "tff_as_of"


def _suite(asked: str, origin: str, config: pytest.Config) -> _Suite:
    from tff_compat import activation, eras

    try:
        wanted = eras.parse([asked])
        installed = activation.installed()
    except (ValueError, ModuleNotFoundError) as error:
        raise pytest.UsageError(f"{origin}: {error}") from None
    options = config.known_args_namespace
    baseline: Path | None = options.tff_baseline
    if baseline is None and config.getini("tff_baseline"):
        baseline = config.rootpath / config.getini("tff_baseline")
    suite = _Suite(str(wanted), str(installed), options.tff_report, baseline, config)
    if suite.native:
        return suite
    if not any("tff_compat" in option for option in sys.warnoptions):
        # The table stands for the warnings. First in the list, any filter of the user overrides it.
        config.getini("filterwarnings").insert(0, "ignore::tff_compat.LegacyAPIWarning")
    activation.activate(wanted)
    return suite


class _Suite:
    """One run of pytest as of a release: the hooks that only such a run needs."""

    def __init__(
        self,
        release: str,
        installed: str,
        report: Path | None,
        baseline: Path | None,
        config: pytest.Config,
    ):
        self._release = release
        self._installed = installed
        self._config = config
        self._from_workers: list[dict[str, Any]] = []
        self._deselected = 0
        self._skipped: set[str] = set()
        self._calls: tuple[LegacyCall, ...] = ()
        self._comparison: Comparison | None = None
        # Relative to where pytest was started, whatever folder the tests go to.
        self._report = report and report.absolute()
        self._baseline_file = None if baseline is None else baseline.absolute()
        self._baseline: Baseline | None = None

    @property
    def native(self) -> bool:
        """Whether the release asked for is the installed one, so that there is nothing to do."""
        return self._release == self._installed

    def pytest_configure(self, config: pytest.Config) -> None:
        """Looks at the files to write before the suite runs, which may take hours."""
        if hasattr(config, "workerinput"):
            return
        _check_file("--tff-report", self._report)
        if self._baseline_file is None or self.native:
            return
        from tff_compat.testing import baseline

        _check_file("--tff-baseline", self._baseline_file)
        try:
            self._baseline = baseline.Baseline(self._baseline_file, self._release, self._installed)
        except baseline.BaselineError as error:
            raise pytest.UsageError(str(error)) from None

    def close(self) -> None:
        """Ends the activation, and with the process the runtime that TFF leaves behind."""
        if self.native:
            return
        from tff_compat import activation
        from tff_compat.running import processes

        activation.deactivate()
        processes.end_children_at_exit("worker_binary")

    def pytest_report_header(self) -> str:
        """Says which release the suite sees."""
        if self.native:
            return f"tff-compat: TensorFlow Federated {self._installed} as it is"
        return f"tff-compat: TensorFlow Federated {self._installed} as of {self._release}"

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Counts what was selected away, on which a baseline cannot be judged."""
        self._deselected += len(items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes the tests that did not run."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skipped.add(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes the legacy calls of a worker of pytest-xdist."""
        output = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if output is not None:
            self._from_workers += output["calls"]
            # Each worker collects, and deselects, the same tests.
            self._deselected = max(self._deselected, output["deselected"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Sums up the legacy calls, compares them with the baseline and writes the report."""
        from tff_compat import deprecation
        from tff_compat.testing import report

        own = [] if self.native else [dataclasses.asdict(call) for call in deprecation.calls()]
        if hasattr(session.config, "workerinput"):
            output = {"calls": own, "deselected": self._deselected}
            session.config.workeroutput[_OUTPUT] = output  # type: ignore[attr-defined]
            return
        self._calls = report.merged([*own, *self._from_workers])
        if self._baseline is not None:
            self._comparison = self._baseline.compare(
                self._calls,
                root=self._config.rootpath,
                selection=self._selection(),
                skipped=self._skipped,
                incomplete=self._incomplete(session),
            )
            if self._comparison.new and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._report is not None:
            report.write(
                self._report,
                self._calls,
                program=shlex.join(["pytest", *map(str, self._config.invocation_params.args)]),
                as_of=self._release,
                installed=self._installed,
                status=int(session.exitstatus),
            )

    def _selection(self) -> list[str]:
        """The arguments that choose which tests run, wherever the project is."""
        config = self._config
        chosen = [_relative(argument, config) for argument in config.args]
        for name, option in (
            ("keyword", "-k"),
            ("markexpr", "-m"),
            ("deselect", "--deselect"),
            ("ignore", "--ignore"),
            ("ignore_glob", "--ignore-glob"),
        ):
            value = config.getoption(name, None) or []
            for each in [value] if isinstance(value, str) else value:
                chosen += [option, str(each)]
        return chosen

    def _incomplete(self, session: pytest.Session) -> str:
        """Why this run cannot tell that a legacy call is gone; empty where it can."""
        options = self._config.option
        if session.exitstatus != pytest.ExitCode.OK:
            return "the run did not pass"
        if getattr(options, "collectonly", False) or getattr(options, "setuponly", False):
            return "no test was run"
        for name, option in (("lf", "--lf"), ("stepwise", "--stepwise")):
            if getattr(options, name, False):
                return f"{option} chose the tests"
        explained = any(
            self._config.getoption(name, None) for name in ("keyword", "markexpr", "deselect")
        )
        if self._deselected and not explained:
            return f"{self._deselected} tests were deselected"
        return ""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Prints the table of legacy calls, and what the baseline says."""
        if self.native:
            if self._baseline_file is not None:
                terminalreporter.write_line(
                    f"Baseline: nothing to compare, TFF {self._installed} ran as it is."
                )
            return
        from tff_compat.running import summary

        title = f"legacy calls as of TFF {self._release}, run on {self._installed}"
        terminalreporter.section(title)
        for line, heading in summary.table(self._calls):
            terminalreporter.write_line(line, bold=heading)
        if not self._calls:
            terminalreporter.write_line("none")
        if self._comparison is not None:
            for line in self._comparison.lines():
                terminalreporter.write_line(line, red=bool(self._comparison.new))
        if self._report is not None:
            terminalreporter.write_line(f"Report: {self._report}")


def _relative(argument: str, config: pytest.Config) -> str:
    path, separator, rest = argument.partition("::")
    absolute = config.invocation_params.dir / path
    return os.path.relpath(absolute, config.rootpath).replace(os.sep, "/") + separator + rest


def _check_file(option: str, file: Path | None) -> None:
    if file is None:
        return
    folder = file.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK) or file.is_dir():
        raise pytest.UsageError(f"{option}: {file} cannot be written.")
