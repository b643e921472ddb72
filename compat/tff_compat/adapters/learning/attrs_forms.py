"""Named tuples of TFF that were attrs classes, which `attr.evolve` and `attr.asdict` take."""

from __future__ import annotations

from typing import Any

import attr
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.registry import AS_OF, AsOf, adapter, move
from tff_compat.adapters.stand_ins import StandIn

tff = modern.package()

FIRST_WITH_NAMED_TUPLES = Version("0.50")
"""The release whose model weights and states were no longer of attrs."""


def _with_attrs(real: Any) -> Any:
    """A subclass of a named tuple that the functions of attrs take; the class itself if they do."""
    if attr.has(real):
        return real
    fields = attr.fields(attr.make_class(real.__name__, list(real._fields)))
    body = {
        "__attrs_attrs__": fields,
        "__slots__": (),
        "__doc__": real.__doc__,
        "__module__": real.__module__,
    }
    return type(real)(real.__name__, (real,), body)


AttrsModelWeights: Any = _with_attrs(tff.learning.models.ModelWeights)
"""Model weights as of TFF 0.12 to 0.49."""

_BatchOutput: Any = _with_attrs(tff.learning.models.BatchOutput)
_ClientResult: Any = _with_attrs(tff.learning.templates.ClientResult)


def weights_class(release: Version) -> Any:
    """The class of model weights as of a release from 0.12 on."""
    if release < FIRST_WITH_NAMED_TUPLES:
        return AttrsModelWeights
    return tff.learning.models.ModelWeights


class Renamed(StandIn):
    """The class of classes that had another name: calling them warns, what they make does not."""

    as_of: AsOf

    # Not in the class itself: that is a named tuple, which TensorFlow makes anew from its elements.
    def __call__(cls, *args, **kwargs):
        if AS_OF not in vars(cls):
            return super().__call__(*args, **kwargs)
        made = cls.__bases__[0](*args, **kwargs)
        cls.as_of.warn(attr.asdict(made, recurse=False))
        return made


@adapter(
    "tff.learning.framework.ModelWeights",
    releases=">=0.17,<0.40",
    replacement="tff.learning.models.ModelWeights({trainable}, {non_trainable})",
)
@adapter(
    "tff.learning.ModelWeights",
    releases=">=0.17,<0.50",
    replacement="tff.learning.models.ModelWeights({trainable}, {non_trainable})",
)
class ModelWeights(AttrsModelWeights, metaclass=Renamed):
    """The weights of a model, an attrs class as of TFF 0.17 to 0.49.

    Attributes:
      trainable: A list of variables, tensors or arrays.
      non_trainable: The same for the non-trainable variables.
    """

    as_of: AsOf
    real = tff.learning.models.ModelWeights

    @classmethod
    def from_model(cls, model):
        """The weights of a model: a `tff.learning.Model` or, from 0.19 on, a Keras model."""
        cls.as_of.warn(locals(), replacement="tff.learning.models.ModelWeights.from_model({model})")
        return AttrsModelWeights.from_model(model)

    @classmethod
    def from_tff_result(cls, struct):
        """The weights in a result of a computation, a struct or model weights."""
        cls.as_of.warn(
            locals(), replacement="tff.learning.models.ModelWeights.from_tff_result({struct})"
        )
        return AttrsModelWeights.from_tff_result(struct)


move("tff.learning.ModelWeights", "tff.learning.models.ModelWeights", releases=">=0.50,<0.53")


@adapter(
    "tff.learning.models.ModelWeights",
    releases=">=0.38,<0.50",
    replacement="tff.learning.models.ModelWeights",
)
class ModelWeights_0_38(AttrsModelWeights, metaclass=StandIn):
    """The weights of a model, an attrs class as of TFF 0.38 to 0.49."""

    as_of: AsOf
    real = tff.learning.models.ModelWeights


@adapter(
    "tff.learning.BatchOutput",
    releases=">=0.17,<0.31",
    replacement="tff.learning.models.BatchOutput({loss}, {predictions}, {num_examples})",
)
class BatchOutput(_BatchOutput, metaclass=Renamed):
    """What a forward pass gives, an attrs class as of TFF 0.17 to 0.30.

    Attributes:
      loss: The mean loss over the batch, a scalar.
      predictions: The predictions, with the batch as first dimension.
      num_examples: The number of examples in the batch.
    """

    as_of: AsOf
    real = tff.learning.models.BatchOutput


@adapter(
    "tff.learning.templates.ClientResult",
    releases=">=0.20,<0.53",
    replacement="tff.learning.templates.ClientResult",
)
class ClientResult_0_20(_ClientResult, metaclass=StandIn):
    """What a client sends, an attrs class as of TFF 0.20 to 0.52.

    Attributes:
      update: The update of the model.
      update_weight: Its weight in the mean, a scalar.
    """

    as_of: AsOf
    real = tff.learning.templates.ClientResult
