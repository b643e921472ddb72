"""What compiled computations for the native runtime."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.framework import transformations
from tff_compat.adapters.registry import AsOf, adapter


@adapter(
    "tff.backends.native.transform_mathematical_functions_to_tensorflow",
    releases=">=0.18,<0.19",
    replacement="tff.backends.native.transform_to_native_form({comp}, transform_math_to_tf=True)",
)
def transform_mathematical_functions_to_tensorflow(comp, *, as_of: AsOf):
    """The computation with its local parts as TensorFlow code, as of TFF 0.18.

    Args:
      comp: A `tff.Computation`.

    Returns:
      A `tff.Computation` that does the same; `comp` itself where the compiler cannot.
    """
    as_of.warn(locals())
    compiled = modern.internal(
        "core.backends.mapreduce.compiler.compile_local_subcomputations_to_tensorflow"
    )
    try:
        block = compiled(comp.to_building_block())
    except ValueError:
        return comp
    return transformations.computation_of(block, as_of.release)
