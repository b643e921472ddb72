"""What replaces calls of the processes that factories of aggregations make.

Nothing here runs: the computations of TFF themselves take such numbers as of their release.
"""

from __future__ import annotations

from tff_compat.adapters.registry import Legacy, member

_ROLE = "aggregation process"
_FACTORIES = (
    "MeanFactory",
    "SecureSumFactory",
    "SumFactory",
    "UnweightedMeanFactory",
    "clipping_factory",
    "concat_factory",
    "zeroing_factory",
)

for _name in _FACTORIES:
    member(f"tff.aggregators.{_name}", ".create()", releases=">=0.17,<0.87", gives=_ROLE)
for _releases, _helper in {
    ">=0.17,<0.41": "called",
    ">=0.41,<0.87": "called_with_numbers",
}.items():
    member(
        _ROLE,
        ".next()",
        releases=_releases,
        replacement=f"{{!{_helper}}}({{self}}.next, {{*args}}, {{**kwargs}})",
        parameters="(*args, **kwargs)",
        legacy=Legacy(values={"args": "call with numbers"}),
    )
