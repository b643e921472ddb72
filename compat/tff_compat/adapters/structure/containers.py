"""Structs turned into containers of one's own."""

from __future__ import annotations

from typing import Any

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter, helper
from tff_compat.catalog.boundaries import FIRST_WITHOUT_CHECKED_STRUCTS

tff = modern.package()

REPLACEMENT = "{!to_container_recursive}({value}, {container_fn})"
helper(
    "to_container_recursive",
    """def to_container_recursive(value, container_fn):
    \"\"\"A struct and the structs in it as what a function makes of names and elements.\"\"\"
    if not isinstance(value, tff.structure.Struct):
        return value
    return container_fn(
        [
            (name, to_container_recursive(each, container_fn))
            for name, each in tff.structure.iter_elements(value)
        ]
    )
""",
)


@adapter(
    "tff.structure.to_container_recursive",
    releases=">=0.18,<0.85",
    replacement=REPLACEMENT,
    changed=(FIRST_WITHOUT_CHECKED_STRUCTS,),
)
def to_container_recursive(value, container_fn, *, as_of: AsOf):
    """A struct and the structs in it as other containers, as of TFF 0.18 to 0.84.

    Args:
      value: A `tff.structure.Struct`; what is inside of other containers stays as it is.
      container_fn: From a list of names, which may be None, and elements to a container.

    Raises:
      TypeError: `value` is no struct, or `container_fn` is not callable.
    """
    as_of.warn(locals())
    if not isinstance(value, tff.structure.Struct):
        raise TypeError(f"Expected a tff.structure.Struct, found {type(value).__name__}.")
    if not callable(container_fn):
        raise TypeError(f"`container_fn` is not callable: {type(container_fn).__name__}.")
    return _converted(value, container_fn)


def _converted(value: Any, container_fn: Any) -> Any:
    if not isinstance(value, tff.structure.Struct):
        return value
    elements = tff.structure.iter_elements(value)
    return container_fn([(name, _converted(each, container_fn)) for name, each in elements])
