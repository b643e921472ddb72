"""Named tuples of TFF that were attrs classes: `attr.evolve` and `attr.asdict` take them again.

They stay TFF's own classes, since TFF takes no other class of model weights.
"""

from __future__ import annotations

from typing import Any

import attr
from packaging.version import Version

from tff_compat import modern
from tff_compat.catalog.boundaries import (
    FIRST_WITH_BATCH_OUTPUT_AS_NAMED_TUPLE,
    FIRST_WITH_CLIENT_RESULT_AS_NAMED_TUPLE,
    FIRST_WITH_STATES_AS_NAMED_TUPLES,
)
from tff_compat.replaced_names import ReplacedNames

_FIRST_AS_NAMED_TUPLE = {
    "tff.learning.models.BatchOutput": FIRST_WITH_BATCH_OUTPUT_AS_NAMED_TUPLE,
    "tff.learning.models.ModelWeights": FIRST_WITH_STATES_AS_NAMED_TUPLES,
    "tff.learning.templates.ClientResult": FIRST_WITH_CLIENT_RESULT_AS_NAMED_TUPLE,
}


def mark(release: Version) -> None:
    """Marks the classes that were of attrs as of a release, until `restore`."""
    for path, first in _FIRST_AS_NAMED_TUPLE.items():
        if release >= first:
            continue
        try:
            kind: Any = modern.symbol(path)
        except AttributeError:
            # An installed release that lacks it has nothing to mark.
            continue
        if not attr.has(kind):
            of_attrs = attr.make_class(kind.__name__, list(kind._fields))
            _replaced.set(kind, "__attrs_attrs__", attr.fields(of_attrs))


_replaced = ReplacedNames()


def restore() -> None:
    """Takes the marks away. Harmless where there are none."""
    _replaced.restore()
