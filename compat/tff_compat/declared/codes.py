"""The codes of findings: stable names for what can be wrong with a use of TFF."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "TFF100": "cannot be read as Python 3",
    "TFF101": "a name that lives elsewhere now",
    "TFF102": "a function, class or constant that is gone",
    "TFF103": "a form of a call that is no longer taken",
    "TFF104": "something that the installed TFF has nothing for",
    "TFF105": "a base class that is gone or asks for other methods",
    "TFF106": "an import of TFF's internal modules",
    "TFF107": "a name that the release never had",
    "TFF201": "an optimizer of Keras given to TFF",
    "TFF202": "a type of TensorFlow or Python where TFF takes its own",
    "TFF301": "a member of the state of a training process",
    "TFF302": "a member of the metrics of a round",
    "TFF303": "an evaluation that is called, or its metrics",
    "TFF304": "a member of a model",
    "TFF305": "a member of a type",
    "TFF306": "a member of another object of TFF",
    "TFF401": "a name that TensorFlow took away",
    "TFF402": "an argument that TensorFlow renamed",
    "TFF403": "a name that Python or NumPy took away",
    "TFF404": "a release that tff-compat puts in the place of TensorFlow Federated",
    "TFF405": "a name that tensorflow_privacy took away",
    "TFF406": "something that TensorFlow does otherwise now",
    "TFF407": "something that TFF's worker cannot use",
    "TFF901": "something that cannot be understood from the source",
}
"""Each code, and what it stands for."""

_OF_ROLES = {
    "training state": "TFF301",
    "training metrics": "TFF302",
    "evaluation": "TFF303",
    "evaluation metrics": "TFF303",
    "model": "TFF304",
    "legacy type": "TFF305",
}


def of_role(role: str) -> str:
    """The code of a member of the objects of a role, or of either of several."""
    return _OF_ROLES.get(role.partition(" or ")[0], "TFF306")
