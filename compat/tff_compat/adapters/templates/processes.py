"""Process templates whose checks or constructors were looser than those of the installed TFF."""

from __future__ import annotations

from typing import Any

from tff_compat import modern
from tff_compat.adapters.language import structures
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()

_MEASURED_FIELDS = ["state", "result", "measurements"]


class _Template(type):
    """The class of a template that makes and stands for the installed one."""

    real: type

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.real)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.real) or type.__subclasscheck__(cls, subclass)


@adapter(
    "tff.templates.MeasuredProcess",
    releases=">=0.14,<0.17",
    replacement="tff.templates.MeasuredProcess({initialize_fn}, {next_fn})",
)
class MeasuredProcess(metaclass=_Template):
    """A process whose `next` may return any structure of state, result and measurements.

    As of TFF 0.14 to 0.16; since 0.17 it has to be a `tff.templates.MeasuredProcessOutput`.
    """

    as_of: AsOf
    real = tff.templates.MeasuredProcess

    def __new__(cls, initialize_fn, next_fn):
        result = next_fn.type_signature.result
        output = tff.templates.MeasuredProcessOutput
        names = tff.structure.name_list(result)
        if names == _MEASURED_FIELDS and getattr(result, "python_container", None) is not output:
            cls.as_of.warn(
                {"initialize_fn": initialize_fn, "next_fn": next_fn},
                detail="next_fn has to return a tff.templates.MeasuredProcessOutput",
            )
            elements = list(tff.structure.iter_elements(result))
            next_fn = structures.with_result_type(
                next_fn, tff.StructWithPythonType(elements, output), cls.as_of.release
            )
        return tff.templates.MeasuredProcess(initialize_fn, next_fn)


@adapter(
    "tff.utils.IterativeProcess",
    releases="<0.14",
    replacement="tff.templates.IterativeProcess({initialize_fn}, {next_fn})",
)
class IterativeProcess(metaclass=_Template):
    """A pair of computations `initialize` and `next`, as of TFF 0.1 to 0.13."""

    as_of: AsOf
    real = tff.templates.IterativeProcess

    def __new__(cls, initialize_fn, next_fn):
        cls.as_of.warn({"initialize_fn": initialize_fn, "next_fn": next_fn})
        return tff.templates.IterativeProcess(initialize_fn, next_fn)
