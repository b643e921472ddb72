"""Aggregators of model updates, `tff.learning.*_aggregator`, in the forms that they had before."""

from __future__ import annotations

from typing import Any

from tff_compat import modern
from tff_compat.adapters.aggregators import entropy_coding
from tff_compat.adapters.registry import AsOf, Legacy, adapter, helper
from tff_compat.catalog.boundaries import FIRST_TO_CODE_EACH_TENSOR

tff = modern.package()


_ROBUST = "tff.learning.robust_aggregator"
_COMPRESSION = "tff.learning.compression_aggregator"
_SECURE = "tff.learning.secure_aggregator"


def _by_keyword(path: str) -> str:
    return f"{path}([?zeroing={{zeroing}}?][?, clipping={{clipping}}?])"


def _with_debugging(path: str) -> str:
    return (
        f"{path}([?zeroing={{zeroing}}?][?, clipping={{clipping}}?][?, weighted={{weighted}}?]"
        "[?, debug_measurements_fn=(tff.learning.add_debug_measurements "
        "if {add_debug_measurements} else None)?])"
    )


# The arguments are given by keyword alone since 0.20.
_ANY_ARGUMENT = Legacy(values={"zeroing": "any", "clipping": "any"})
_DEBUGGING = Legacy(keywords=("add_debug_measurements",))


def _debug_measurements(wanted: bool) -> Any:
    return tff.learning.add_debug_measurements if wanted else None


@adapter(
    "tff.learning.robust_aggregator",
    releases=">=0.18,<0.19",
    replacement=_by_keyword(_ROBUST),
    legacy=_ANY_ARGUMENT,
)
def robust_aggregator_0_18(zeroing=True, clipping=True, *, as_of: AsOf):
    """A weighted mean with adaptive zeroing and clipping, as of TFF 0.18.

    Args:
      zeroing: Whether to zero out extremely large values.
      clipping: Whether to clip to an adaptive L2 norm.
    """
    if not (zeroing and clipping):
        as_of.warn(locals())
    return tff.learning.robust_aggregator(zeroing=zeroing, clipping=clipping)


@adapter(
    "tff.learning.robust_aggregator",
    releases=">=0.20,<0.23",
    replacement=_with_debugging(_ROBUST),
    legacy=_DEBUGGING,
)
def robust_aggregator_0_20(
    *, zeroing=True, clipping=True, weighted=True, add_debug_measurements=False, as_of: AsOf
):
    """A mean with adaptive zeroing and clipping, as of TFF 0.20 to 0.22.

    Args:
      zeroing: Whether to zero out extremely large values.
      clipping: Whether to clip to an adaptive L2 norm.
      weighted: Whether the mean is weighted.
      add_debug_measurements: Whether to add `tff.learning.add_debug_measurements`.
    """
    as_of.warn(locals())
    return tff.learning.robust_aggregator(
        zeroing=zeroing,
        clipping=clipping,
        weighted=weighted,
        debug_measurements_fn=_debug_measurements(add_debug_measurements),
    )


@adapter(
    "tff.learning.compression_aggregator",
    releases=">=0.18,<0.19",
    replacement=_by_keyword(_COMPRESSION),
    legacy=_ANY_ARGUMENT,
)
def compression_aggregator_0_18(zeroing=True, clipping=True, *, as_of: AsOf):
    """A weighted mean of values quantized to 8 bits, with zeroing and clipping, as of TFF 0.18.

    Args:
      zeroing: Whether to zero out extremely large values.
      clipping: Whether to clip to an adaptive L2 norm.
    """
    if not (zeroing and clipping):
        as_of.warn(locals())
    return tff.learning.compression_aggregator(zeroing=zeroing, clipping=clipping)


@adapter(
    "tff.learning.compression_aggregator",
    releases=">=0.20,<0.23",
    replacement=_with_debugging(_COMPRESSION),
    legacy=_DEBUGGING,
)
def compression_aggregator_0_20(
    *, zeroing=True, clipping=True, weighted=True, add_debug_measurements=False, as_of: AsOf
):
    """A mean of values quantized to 8 bits, with zeroing and clipping, as of TFF 0.20 to 0.22.

    Args:
      zeroing: Whether to zero out extremely large values.
      clipping: Whether to clip to an adaptive L2 norm.
      weighted: Whether the mean is weighted.
      add_debug_measurements: Whether to add `tff.learning.add_debug_measurements`.
    """
    as_of.warn(locals())
    return tff.learning.compression_aggregator(
        zeroing=zeroing,
        clipping=clipping,
        weighted=weighted,
        debug_measurements_fn=_debug_measurements(add_debug_measurements),
    )


@adapter(
    "tff.learning.secure_aggregator",
    releases=">=0.18,<0.19",
    replacement=_by_keyword(_SECURE),
    legacy=_ANY_ARGUMENT,
)
def secure_aggregator_0_18(zeroing=True, clipping=True, *, as_of: AsOf):
    """A weighted mean by secure summation, with zeroing and clipping, as of TFF 0.18.

    Args:
      zeroing: Whether to zero out extremely large values.
      clipping: Whether to clip to an adaptive L2 norm.
    """
    if not (zeroing and clipping):
        as_of.warn(locals())
    return tff.learning.secure_aggregator(zeroing=zeroing, clipping=clipping)


def _entropy(as_one: str) -> str:
    """The source of what aggregates with each tensor, or all of them, under one code."""
    return f'''\
def entropy_compression_aggregator(
    *, step_size=0.5, zeroing=True, clipping=True, weighted=True, debug_measurements_fn=None):
  """A mean of stochastically discretized values under an Elias gamma code."""
  if step_size <= 0.0:
    raise ValueError(f'`step_size` must be positive, found {{step_size}}.')
  inner = DiscretizedSumFactory(step_size, as_one={as_one})

  def of_coded_sum(plain_mean):
    factories = tff.aggregators
    mean = (factories.MeanFactory if weighted else factories.UnweightedMeanFactory)(inner)
    return mean if debug_measurements_fn is None else debug_measurements_fn(mean)

  return tff.learning.robust_aggregator(
      zeroing=zeroing, clipping=clipping, weighted=weighted, debug_measurements_fn=of_coded_sum)
'''


helper("entropy_compression_aggregator", _entropy("False"))
helper(
    "entropy_compression_aggregator_of_all",
    _entropy("True").replace(
        "def entropy_compression_aggregator(", "def entropy_compression_aggregator_of_all("
    ),
)


@adapter(
    "tff.learning.entropy_compression_aggregator",
    releases=f">=0.36,<{FIRST_TO_CODE_EACH_TENSOR}",
    replacement="{!entropy_compression_aggregator_of_all}",
)
@adapter(
    "tff.learning.entropy_compression_aggregator",
    releases=f">={FIRST_TO_CODE_EACH_TENSOR},<0.78",
    replacement="{!entropy_compression_aggregator}",
)
def entropy_compression_aggregator(
    *,
    step_size=0.5,
    zeroing=True,
    clipping=True,
    weighted=True,
    debug_measurements_fn=None,
    as_of: AsOf,
):
    """A mean of stochastically discretized values under an Elias gamma code, as of 0.36 to 0.77.

    Args:
      step_size: The positive distance between adjacent levels.
      zeroing: Whether to zero out extremely large values.
      clipping: Whether to clip to an adaptive L2 norm.
      weighted: Whether the mean is weighted.
      debug_measurements_fn: From an aggregation factory to one of the same kind with more
        measurements, or None.

    Raises:
      TypeError: `debug_measurements_fn` gives a factory of the other kind.
      ValueError: `step_size` is not positive.
    """
    as_of.warn(locals())
    if step_size <= 0.0:
        raise ValueError(f"`step_size` must be positive, found {step_size}.")
    inner = entropy_coding.DiscretizedSumFactory(
        step_size, as_one=as_of.release < FIRST_TO_CODE_EACH_TENSOR
    )
    mean_factory = (
        tff.aggregators.MeanFactory if weighted else tff.aggregators.UnweightedMeanFactory
    )

    def of_coded_sum(plain_mean: Any) -> Any:
        mean = mean_factory(inner)
        return mean if debug_measurements_fn is None else debug_measurements_fn(mean)

    # What it does around the mean is the same.
    return tff.learning.robust_aggregator(
        zeroing=zeroing, clipping=clipping, weighted=weighted, debug_measurements_fn=of_coded_sum
    )
