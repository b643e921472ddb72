"""The abstract classes of aggregation factories, whose `create` gets types of the release."""

from __future__ import annotations

from typing import Any

from tff_compat import modern
from tff_compat.adapters.language import handed, type_classes
from tff_compat.adapters.registry import AS_OF, NEVER, AsOf, adapter
from tff_compat.adapters.stand_ins import StandsFor, is_offered

tff = modern.package()

_InstalledUnweighted: Any = tff.aggregators.UnweightedAggregationFactory
_InstalledWeighted: Any = tff.aggregators.WeightedAggregationFactory

_RELEASES = ">=0.18,<0.68"


class GivenDatedTypes:
    """A class from which programs derive factories; the installed TFF calls their `create`."""

    as_of: AsOf

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        create = cls.__dict__.get("create")
        is_of_program = hasattr(cls, AS_OF) and not is_offered(cls)
        if create is not None and is_of_program:
            cls.create = handed.to_program(create, cls.as_of.release)  # type: ignore[attr-defined]


@adapter(
    "tff.aggregators.UnweightedAggregationFactory",
    releases=_RELEASES,
    replacement="tff.aggregators.UnweightedAggregationFactory",
    legacy=NEVER,
    changed=type_classes.CHANGED,
)
class UnweightedAggregationFactory(GivenDatedTypes, StandsFor, _InstalledUnweighted):
    """What makes the aggregation process for values of a type, as of TFF 0.18 to 0.67.

    Programs that derive from it are given types with the members that they had then.
    """

    as_of: AsOf
    stands_for = (_InstalledUnweighted,)


@adapter(
    "tff.aggregators.WeightedAggregationFactory",
    releases=_RELEASES,
    replacement="tff.aggregators.WeightedAggregationFactory",
    legacy=NEVER,
    changed=type_classes.CHANGED,
)
class WeightedAggregationFactory(GivenDatedTypes, StandsFor, _InstalledWeighted):
    """What makes the aggregation process for values and weights, as of TFF 0.18 to 0.67.

    Programs that derive from it are given types with the members that they had then.
    """

    as_of: AsOf
    stands_for = (_InstalledWeighted,)
