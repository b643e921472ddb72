"""`tff.framework.ConcreteComputation`, whose constructor took other arguments."""

from __future__ import annotations

from typing import Any

from tff_compat import modern
from tff_compat.adapters.language import structures
from tff_compat.adapters.registry import AsOf, Legacy, adapter, member
from tff_compat.adapters.stand_ins import StandIn

tff = modern.package()

_REPLACEMENT = (
    "tff.framework.ConcreteComputation(computation_proto={computation_proto}, "
    "context_stack={context_stack}[?, annotated_type={annotated_type}?])"
)
_TRANSFORMS = (
    "What `transform_args` and `transform_result` did, the context does that is made with them, "
    "such as `tff.framework.SyncExecutionContext`."
)
for _name in (".transform_args", ".transform_result"):
    member("tff.framework.ConcreteComputation", _name, releases="==0.85.*", note=_TRANSFORMS)


class _Computation(structures.Computation, metaclass=StandIn):
    """A computation made from a protocol buffer, as of a release."""

    as_of: AsOf
    real = tff.framework.ConcreteComputation

    def _made(self, computation_proto: Any, context_stack: Any, annotated_type: Any) -> None:
        self._release = self.as_of.release
        super().__init__(
            computation_proto=computation_proto,
            context_stack=context_stack,
            annotated_type=annotated_type,
        )


@adapter(
    "tff.framework.ConcreteComputation",
    releases=">=0.20,<0.66",
    replacement=_REPLACEMENT,
)
class ConcreteComputation_0_20(_Computation):
    """A computation made from a protocol buffer, as of TFF 0.20 to 0.65.

    Args:
      computation_proto: A protocol buffer of the installed TFF.
      context_stack: What runs the computation.
      annotated_type: The type with containers, which the protocol buffer lacks.
    """

    as_of: AsOf
    real = tff.framework.ConcreteComputation

    def __init__(self, computation_proto, context_stack, annotated_type=None):
        self.as_of.warn(locals())
        self._made(computation_proto, context_stack, annotated_type)


@adapter(
    "tff.framework.ConcreteComputation",
    releases=">=0.66,<0.85",
    replacement=_REPLACEMENT,
    note=_TRANSFORMS,
)
class ConcreteComputation_0_66(_Computation):
    """A computation whose result a function may change, as of TFF 0.66 to 0.84.

    Args:
      computation_proto: A protocol buffer of the installed TFF.
      context_stack: What runs the computation.
      annotated_type: The type with containers, which the protocol buffer lacks.
      transform_result: From a result to what a call returns.
    """

    as_of: AsOf
    real = tff.framework.ConcreteComputation

    def __init__(
        self, computation_proto, context_stack, annotated_type=None, transform_result=None
    ):
        self.as_of.warn(locals())
        self._made(computation_proto, context_stack, annotated_type)
        self._transform_result = transform_result

    def __call__(self, *args, **kwargs):
        """Calls the computation; `transform_result` gets what it returns."""
        result = super().__call__(*args, **kwargs)
        return result if self._transform_result is None else self._transform_result(result)


@adapter(
    "tff.framework.ConcreteComputation",
    releases=">=0.85,<0.86",
    replacement=_REPLACEMENT,
    note=_TRANSFORMS,
    legacy=Legacy(values={"transform_args": "not none", "transform_result": "not none"}),
)
class ConcreteComputation_0_85(_Computation):
    """A computation whose arguments and result functions may change, as of TFF 0.85.

    Args:
      computation_proto: A protocol buffer of the installed TFF.
      context_stack: What runs the computation.
      annotated_type: The type with containers, which the protocol buffer lacks.
      transform_args: From the argument, packed as the type of the parameter says, to what is run.
      transform_result: From a result to what a call returns.
    """

    as_of: AsOf
    real = tff.framework.ConcreteComputation

    def __init__(
        self,
        *,
        computation_proto,
        context_stack,
        annotated_type=None,
        transform_args=None,
        transform_result=None,
    ):
        if transform_args is not None or transform_result is not None:
            self.as_of.warn(locals())
        self._made(computation_proto, context_stack, annotated_type)
        self._transform_args = transform_args
        self._transform_result = transform_result

    @property
    def transform_args(self):
        """From the argument to what is run; None where it is the same."""
        return self._transform_args

    @property
    def transform_result(self):
        """From a result to what a call returns; None where it is the same."""
        return self._transform_result

    def __call__(self, *args, **kwargs):
        """Calls it between `transform_args` and `transform_result`, where these are given."""
        if self._transform_args is None:
            result = super().__call__(*args, **kwargs)
        else:
            pack = modern.internal("core.impl.computation.function_utils.pack_args")
            packed = pack(self.type_signature.parameter, args, kwargs)
            result = self._context_stack.current.invoke(self, self._transform_args(packed))
        return result if self._transform_result is None else self._transform_result(result)
