"""When a use of an adapted form is legacy, so that it is known without running the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS: Mapping[str, str] = {
    "any": "any value, that is: the argument is given",
    "none": "None, given or by default",
    "not none": "any value but None",
    "evaluation": "an evaluation, which is a process now",
    "local runtime": "an executor, factory or context that a call made which `gives` it",
    "keras optimizer": "a function that makes an optimizer of Keras or TensorFlow 1",
    "keras optimizer by default": "such a function, or none where the program reads the state "
    "of the optimizer that it stands for",
    "tensorflow type": "a TensorFlow dtype or spec, or a structure that holds one",
    "tensors": "tensors of TensorFlow, or a structure that holds some",
    "python type": "what TFF made a type of up to 0.69: a TensorFlow type, a Python type, a tuple",
    "dict": "a mapping",
    "numbers": "a number of Python, or a structure that holds one",
    "number": "a Python number where the parameter took one",
    "untyped": "a class whose fields have types, or a spec of sparse or ragged tensors",
    "defaults": "a function of the program whose parameters have defaults",
    "call": "a call, and not what is called as a value",
    "call with numbers": "a call with numbers that may be of another kind than the parameter's",
    "structures": "a comparison of types which both may be of structures",
    "container": "a question whether what a computation gave is of a class of containers",
    "result": "what a computation gave: an anonymous tuple then, and a container of Python now",
    "another form": "a call of a computation with values of a form that it no longer takes",
}
"""The kinds of values that decide, and what each means."""


@dataclass(frozen=True)
class Legacy:
    """The uses of a form that the primary release no longer takes.

    Attributes:
      always: Whether each use is.
      keywords: The keywords that make a call legacy.
      values: Of parameters: the kind of value that makes a call legacy, such as
        ``{"client_optimizer_fn": "keras optimizer"}``; `KINDS` lists them. Of a member, ``self``
        is the object: with the kind "any" a use is legacy only where the object is seen.
    """

    always: bool = False
    keywords: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def only_keywords(self) -> tuple[str, ...]:
        """The keywords, where nothing else makes a call legacy."""
        return () if self.values else self.keywords

    def __post_init__(self) -> None:
        unknown = set(self.values.values()) - set(KINDS)
        if unknown:
            raise ValueError(f"No such kind of value: {', '.join(sorted(unknown))}.")


ALWAYS = Legacy(always=True)
NEVER = Legacy()
