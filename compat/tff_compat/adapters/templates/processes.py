"""Process templates whose checks or constructors were looser than those of the installed TFF."""

from __future__ import annotations

import collections
from typing import Any

from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import structures
from tff_compat.adapters.registry import AsOf, adapter, helper, member
from tff_compat.adapters.stand_ins import Maker
from tff_compat.catalog.boundaries import FIRST_WITH_CONTAINERS_INSIDE, FIRST_WITH_MEASURED_OUTPUT

tff = modern.package()

_MEASURED_FIELDS = ["state", "result", "measurements"]

_InstalledMeasured: Any = tff.templates.MeasuredProcess


class _WithOwnContainer(_InstalledMeasured):
    """A process whose `next` returns its results in another container than the installed one."""

    def __init__(self, initialize_fn: Any, next_fn: Any, release: Version):
        elements = list(tff.structure.iter_elements(next_fn.type_signature.result))
        output = tff.StructWithPythonType(elements, tff.templates.MeasuredProcessOutput)
        super().__init__(initialize_fn, structures.with_result_type(next_fn, output, release))
        self._as_given = next_fn

    @property
    def next(self) -> Any:
        """The computation from a state and values to state, result and measurements."""
        return self._as_given


def initialize_of(initial_state: Any) -> Any:
    """The computation of a process's initial state at the server, from one without arguments."""

    @tff.federated_computation
    def initialize():
        return tff.federated_eval(initial_state, tff.SERVER)

    return initialize


def measured_process(initialize_fn: Any, next_fn: Any, release: Version) -> Any:
    """A `tff.templates.MeasuredProcess` that returns its results as a release did.

    Args:
      initialize_fn: Computation ``( -> state@SERVER)`` of the installed TFF.
      next_fn: Computation of the installed TFF that gives a `tff.templates.MeasuredProcessOutput`.
      release: Up to 0.16 the result of `next` is an `OrderedDict`.
    """
    initialize_fn = structures.with_results_of(initialize_fn, release)
    if release >= FIRST_WITH_MEASURED_OUTPUT:
        return tff.templates.MeasuredProcess(
            initialize_fn, structures.with_results_of(next_fn, release)
        )
    elements = list(tff.structure.iter_elements(next_fn.type_signature.result))
    shown = tff.StructWithPythonType(elements, collections.OrderedDict)
    next_fn = structures.with_result_type(next_fn, shown, release)
    if release < FIRST_WITH_CONTAINERS_INSIDE:
        next_fn = structures.with_results_of(next_fn, release, keep=structures.Keep.UNPLACED)
    return _WithOwnContainer(initialize_fn, next_fn, release)


# It has the computations that it is made of.
_PROCESS = "tff.templates.IterativeProcess"
member(_PROCESS, ".initialize", gives="{initialize_fn}")
member(_PROCESS, ".next", gives="{next_fn}")

_ROLE = "measured process"
helper(
    "measured_process",
    '''\
def measured_process(initialize_fn, next_fn):
  """A measured process of a function that gives its output in whatever structure."""
  names = ['state', 'result', 'measurements']
  given = next_fn.type_signature.result
  if not isinstance(given, tff.StructType) or tff.structure.name_list(given) != names:
    return tff.templates.MeasuredProcess(initialize_fn, next_fn)

  def measured(*args):
    output = next_fn(*args)
    return tff.templates.MeasuredProcessOutput(*(getattr(output, name) for name in names))

  parameter = next_fn.type_signature.parameter
  kinds = list(parameter) if isinstance(parameter, tff.StructType) else [parameter]
  # Computations take no variable number of arguments.
  of_number = [lambda state: measured(state), lambda state, x: measured(state, x),
               lambda state, x, y: measured(state, x, y)]
  measured_fn = tff.federated_computation(of_number[len(kinds) - 1], *kinds)
  return tff.templates.MeasuredProcess(initialize_fn, measured_fn)
''',
)
member(_ROLE, ".next", releases=">=0.14,<0.17", gives="measured next")
member("measured next", "()", releases=">=0.14,<0.17", gives="measured output")
for _field in _MEASURED_FIELDS:
    member(
        "measured output",
        f"[{_field}]",
        releases=">=0.14,<0.17",
        replacement=f"{{self}}.{_field}",
    )


@adapter(
    "tff.templates.MeasuredProcess",
    releases=">=0.14,<0.17",
    replacement="{!measured_process}({initialize_fn}, {next_fn})",
    gives=_ROLE,
)
class MeasuredProcess(metaclass=Maker):
    """A process whose `next` may return any structure of state, result and measurements.

    As of TFF 0.14 to 0.16; since 0.17 it has to be a `tff.templates.MeasuredProcessOutput`.
    """

    as_of: AsOf
    real = tff.templates.MeasuredProcess

    def __new__(cls, initialize_fn, next_fn):
        """The installed TFF's process; one that reports in a container of its own keeps it."""
        result = next_fn.type_signature.result
        output = tff.templates.MeasuredProcessOutput
        names = tff.structure.name_list(result)
        if names == _MEASURED_FIELDS and getattr(result, "python_container", None) is not output:
            cls.as_of.warn({"initialize_fn": initialize_fn, "next_fn": next_fn})
            return _WithOwnContainer(initialize_fn, next_fn, cls.as_of.release)
        return tff.templates.MeasuredProcess(initialize_fn, next_fn)


@adapter(
    "tff.utils.IterativeProcess",
    releases="<0.14",
    replacement="tff.templates.IterativeProcess",
    gives=_PROCESS,
)
class IterativeProcess(metaclass=Maker):
    """A pair of computations `initialize` and `next`, as of TFF 0.1 to 0.13."""

    as_of: AsOf
    real = tff.templates.IterativeProcess

    def __new__(cls, initialize_fn, next_fn):
        """The installed TFF's process."""
        cls.as_of.warn({"initialize_fn": initialize_fn, "next_fn": next_fn})
        return tff.templates.IterativeProcess(initialize_fn, next_fn)
