"""The table of habits that date a program where names and signatures alone do not."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet

from tff_compat.catalog import Catalog
from tff_compat.source.reading import Place
from tff_compat.source.usage import EVALUATION, LEGACY_PROCESSES, Access, Usage, Use, public_path


@dataclass(frozen=True)
class Hint:
    """Something a program does that worked in some releases only.

    `reason` continues the phrase "line 3 has `metrics.loss`: "; `found` yields each place with
    the code that stands there. A weak hint is a mere habit: it decides between releases that fit
    equally well otherwise.
    """

    releases: SpecifierSet
    reason: str
    found: Callable[[Usage, Catalog], Iterator[tuple[Place, str]]]
    weak: bool = False


_FEDAVG = "tff.learning.build_federated_averaging_process"
_KERAS_MODEL = "tff.learning.from_keras_model"
_TRAINING_PARTS = ("train", "broadcast", "aggregation", "stat")
# Attributes of the containers themselves, not of what is in them.
_DICTIONARY = (("attr", "items"), ("attr", "keys"), ("attr", "values"), ("attr", "get"))
_CONTAINER = ("_asdict", "items", "keys", "values", "get", "_fields", "_replace")


_Finder = Callable[[Usage, Catalog], Iterator[tuple[Place, str]]]


def _accesses(role: str, matches: Callable[[Access], bool]) -> _Finder:
    def found(usage: Usage, catalog: Catalog) -> Iterator[tuple[Place, str]]:
        for access in usage.accesses:
            if access.role == role and matches(access):
                yield access.place, access.text

    return found


def _calls(path: str, matches: Callable[[Use], bool]) -> _Finder:
    pattern = re.compile(path)

    def found(usage: Usage, catalog: Catalog) -> Iterator[tuple[Place, str]]:
        for use in usage.uses:
            if use.call is not None and pattern.fullmatch(public_path(use.path, catalog)):
                if matches(use):
                    yield use.place, f"{use.path}(…)"

    return found


def _foreign(pattern: str) -> _Finder:
    compiled = re.compile(pattern)

    def found(usage: Usage, catalog: Catalog) -> Iterator[tuple[Place, str]]:
        for dotted, place in usage.foreign:
            if compiled.match(dotted):
                yield place, dotted

    return found


def _legacy(access: Access) -> bool:
    return access.maker in LEGACY_PROCESSES


def _named(use: Use, position: int, pattern: str) -> bool:
    """Whether the name of a positional argument, or of what it calls, contains a pattern.

    The text of a longer expression would not tell: it can contain any word.
    """
    assert use.call is not None
    if position >= len(use.call.args):
        return False
    argument = use.call.args[position]
    named = argument.func if isinstance(argument, ast.Call) else argument
    if not isinstance(named, (ast.Name, ast.Attribute)):
        return False
    return re.search(pattern, ast.unparse(named), re.IGNORECASE) is not None


# Where optimizers are given, by the last name of the builder.
_BOTH = ((1, "client_optimizer_fn"), (2, "server_optimizer_fn"))
_BOTH_LATER = ((2, "client_optimizer_fn"), (3, "server_optimizer_fn"))
_OPTIMIZERS: dict[str, tuple[tuple[int, str], ...]] = {
    "build_weighted_fed_avg": _BOTH,
    "build_unweighted_fed_avg": _BOTH,
    "build_weighted_fed_avg_with_optimizer_schedule": _BOTH_LATER,
    "build_weighted_fed_prox": _BOTH_LATER,
    "build_unweighted_fed_prox": _BOTH_LATER,
    "build_fed_sgd": ((1, "server_optimizer_fn"),),
    # Its other optimizers may still be Keras ones.
    "build_fed_recon": ((99, "server_optimizer_fn"),),
    "build_apply_optimizer_finalizer": ((0, "optimizer_fn"),),
    "build_model_delta_client_work": ((1, "optimizer"),),
    "build_functional_model_delta_client_work": ((1, "optimizer"),),
}


def _gives_keras_optimizer(use: Use) -> bool:
    places = _OPTIMIZERS.get(use.path.rpartition(".")[2], ())
    given = (use.argument(position, keyword) for position, keyword in places)
    return any("keras.optimizers" in use.meaning(argument) for argument in given)


_DTYPE = re.compile(
    r"tensorflow\.(?:dtypes\.)?(?:u?int(?:8|16|32|64)|float(?:16|32|64)|bool|string|bfloat16)"
)
_SPEC = re.compile(r"tensorflow\.(?:Tensor|SparseTensor|RaggedTensor|data\.Dataset)Spec")
_SPEC_OF_MANY = re.compile(r"tensorflow\.(?:SparseTensor|RaggedTensor|data\.Dataset)Spec")
# Where a dtype of TensorFlow is read by TFF's types itself; inside `tff.TensorType(...)` and calls
# of TensorFlow it is not, and `tff.tensorflow.computation` goes on taking it.
_TYPED = (
    r"tff\.(?:FederatedType|SequenceType|StructType|FunctionType|StructWithPythonType|to_type"
    r"|type_at_(?:clients|server)|types\.at_(?:clients|server)|federated_computation)"
)
_CONTAINERS = re.compile(r"(?:\w+\.)?(?:OrderedDict|dict|list|tuple)")


def _gives(kind: re.Pattern[str]) -> Callable[[Use], bool]:
    """Whether an argument is, or is a structure of, what TensorFlow calls by such a name."""

    def matches(use: Use) -> bool:
        assert use.call is not None
        given = [*use.call.args, *(item.value for item in use.call.keywords)]
        return any(kind.fullmatch(leaf) for argument in given for leaf in _leaves(argument, use))

    return matches


def _leaves(node: ast.AST, use: Use, depth: int = 0) -> Iterator[str]:
    """The dotted names of what is in a structure, and of what is called to make it."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        dotted = _dotted(node, use)
        defined = use.definitions.get(node.id) if isinstance(node, ast.Name) else None
        if dotted is not None:
            yield dotted
        elif defined is not None and depth < 8 and not isinstance(defined, _FUNCTION):
            yield from _leaves(defined, use, depth + 1)
    elif isinstance(node, ast.Call):
        if _CONTAINERS.fullmatch(ast.unparse(node.func)):
            for child in [*node.args, *(item.value for item in node.keywords)]:
                yield from _leaves(child, use, depth)
        else:
            yield from _leaves(node.func, use, depth)
    elif not isinstance(node, ast.Lambda):
        for inner in ast.iter_child_nodes(node):
            yield from _leaves(inner, use, depth)


_FUNCTION = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef)


def _dotted(node: ast.expr, use: Use) -> str | None:
    """What a dotted name stands for, if it was imported: `tensorflow.int32`."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    origin = use.foreign.get(node.id) if isinstance(node, ast.Name) else None
    if origin is None:
        return None
    origin = re.sub(r"^tensorflow\.compat\.v[12]\b", "tensorflow", origin)
    return ".".join([origin, *reversed(names)])


def _loss(use: Use) -> ast.AST | None:
    """The loss that `from_keras_model` gets, by the form of up to 0.12.0; a name's definition."""
    given: ast.AST | None = use.argument(2, "loss")
    if "loss" in use.meaning(use.argument(1, "dummy_batch")).lower():
        return None  # The form since 0.13.0.
    if isinstance(given, ast.Name):
        given = use.definitions.get(given.id, given)
    return given


def _loss_is_function(use: Use) -> bool:
    loss = _loss(use)
    if isinstance(loss, (ast.Name, ast.Attribute)):
        # Of Keras's own ones, functions are written in small letters and classes are not.
        return re.search(r"\.losses\.[a-z_]+$", _dotted(loss, use) or "") is not None
    return isinstance(loss, _FUNCTION)


def _loss_by_name(use: Use) -> bool:
    loss = _loss(use)
    if isinstance(loss, ast.Call):
        return re.fullmatch(r"(?:\w+\.)?(?:OrderedDict|dict)", ast.unparse(loss.func)) is not None
    return isinstance(loss, ast.Dict)


def _metrics_fourth(use: Use) -> bool:
    assert use.call is not None
    fourth = use.call.args[3:4]
    return bool(fourth) and "metric" in use.meaning(fourth[0]).lower()


def _compiled_averaging(usage: Usage, catalog: Catalog) -> Iterator[tuple[Place, str]]:
    """Builders that get an optimizer by position, beside models that have one of their own."""
    paths = {public_path(use.path, catalog): use for use in usage.uses if use.call is not None}
    model = paths.get(_KERAS_MODEL)
    own = model is not None and model.argument(5, "optimizer") is not None
    if own or f"{_KERAS_MODEL.replace('from_', 'from_compiled_')}" in paths:
        for use in usage.uses:
            if use.call is not None and public_path(use.path, catalog) == _FEDAVG:
                if len(use.call.args) == 2 and not use.call.keywords:
                    yield use.place, f"{use.path}(…)"


HINTS: tuple[Hint, ...] = (
    Hint(
        SpecifierSet("<0.6"),
        "0.5.0 was the last release whose loss could be a function, and not a tf.keras.losses.Loss",
        _calls(re.escape(_KERAS_MODEL), _loss_is_function),
    ),
    Hint(
        SpecifierSet(">=0.6,<0.13"),
        "the losses could be given by names of outputs in 0.6.0 to 0.12.0 only",
        _calls(re.escape(_KERAS_MODEL), _loss_by_name),
    ),
    Hint(
        SpecifierSet("<0.6"),
        "the fourth argument was the metrics until 0.5.0, and is the weights of losses since 0.6.0",
        _calls(re.escape(_KERAS_MODEL), _metrics_fourth),
    ),
    Hint(
        SpecifierSet("<0.12"),
        "the model has its own optimizer, so this one is the server's, as until 0.11.0",
        _compiled_averaging,
    ),
    Hint(
        SpecifierSet("<0.13"),
        "the second argument was the example batch until 0.12.0, and is the loss since 0.13.0",
        _calls(
            re.escape(_KERAS_MODEL),
            lambda use: (
                _named(use, 1, r"batch|dummy|sample|example|element|input|data")
                or _named(use, 2, r"loss")
            ),
        ),
    ),
    Hint(
        SpecifierSet(">=0.13"),
        "the second argument is the loss since 0.13.0, and was the example batch before",
        _calls(
            re.escape(_KERAS_MODEL),
            lambda use: _named(use, 1, r"loss") or _named(use, 2, r"spec|element_type"),
        ),
    ),
    Hint(
        SpecifierSet("<0.12"),
        "the second argument was the server's optimizer until 0.11.0, and is the clients' since"
        " 0.12.0",
        _calls(re.escape(_FEDAVG), lambda use: _named(use, 1, r"server")),
    ),
    Hint(
        SpecifierSet(">=0.12"),
        "the second argument is the clients' optimizer since 0.12.0, and was the server's before",
        _calls(re.escape(_FEDAVG), lambda use: _named(use, 1, r"client")),
    ),
    Hint(
        SpecifierSet("<0.15"),
        "the metrics of a round have been nested under 'train' since 0.15.0",
        _accesses(
            "metrics",
            lambda access: (
                _legacy(access)
                and isinstance(access.keys[0][1], str)
                and access.keys[0][1] not in _TRAINING_PARTS + _CONTAINER
            ),
        ),
    ),
    Hint(
        SpecifierSet(">=0.15"),
        "the metrics of a round are nested under 'train' since 0.15.0",
        _accesses(
            "metrics",
            lambda access: _legacy(access) and access.keys[0][1] in _TRAINING_PARTS,
        ),
    ),
    Hint(
        SpecifierSet("<0.16"),
        "the parts of the metrics were attributes until 0.15.0, and are keys since 0.16.0",
        _accesses(
            "metrics",
            lambda access: (
                _legacy(access)
                and access.keys[0] in [("attr", part) for part in (*_TRAINING_PARTS, "_asdict")]
            ),
        ),
    ),
    Hint(
        SpecifierSet("<0.15"),
        "the metrics of a round are taken apart whole; since 0.15.0 those of clients are a part",
        _accesses(
            "metrics",
            lambda access: _legacy(access) and access.keys[0] == ("attr", "_asdict"),
        ),
        weak=True,
    ),
    Hint(
        SpecifierSet(">=0.16"),
        "the metrics of a round are a dictionary since 0.16.0",
        _accesses(
            "metrics",
            lambda access: _legacy(access) and access.keys[0] in _DICTIONARY,
        ),
    ),
    Hint(
        SpecifierSet(">=0.18,<0.20"),
        "the metrics have had a part 'stat' in 0.18.0 and 0.19.0 only",
        _accesses("metrics", lambda access: _legacy(access) and access.keys[0][1] == "stat"),
    ),
    Hint(
        SpecifierSet("<0.16"),
        "the metrics of an evaluation were attributes until 0.15.0, and are keys since 0.16.0",
        _accesses(
            "evaluation",
            lambda access: (
                access.keys[0][0] == "attr"
                and access.keys[0][1] not in ("items", "keys", "values", "get")
            ),
        ),
    ),
    Hint(
        SpecifierSet(">=0.16"),
        "the metrics of an evaluation are a dictionary since 0.16.0",
        _accesses("evaluation", lambda access: access.keys[0] in _DICTIONARY),
    ),
    Hint(
        SpecifierSet(">=0.20"),
        "the metrics of an evaluation are nested under 'eval' since 0.20.0",
        _accesses(
            "evaluation", lambda access: access.maker == EVALUATION and access.keys[0][1] == "eval"
        ),
    ),
    Hint(
        SpecifierSet("<0.20"),
        "the metrics of an evaluation have been nested under 'eval' since 0.20.0",
        _accesses(
            "evaluation",
            lambda access: (
                access.keys[0][0] == "item"
                and isinstance(access.keys[0][1], str)
                and access.keys[0][1] != "eval"
            ),
        ),
    ),
    Hint(
        SpecifierSet("<0.12"),
        "the weights of a model had names until 0.11.0, and are a list since 0.12.0",
        _accesses(
            "state",
            lambda access: (
                _legacy(access)
                and len(access.keys) > 2
                and access.keys[0][1] == "model"
                and access.keys[1][1] in ("trainable", "non_trainable")
                and isinstance(access.keys[2][1], str)
                and access.keys[2][1] not in ("assign_weights_to", *_CONTAINER[1:])
            ),
        ),
    ),
    Hint(
        SpecifierSet(">=0.18"),
        "such processes have get_model_weights since 0.18.0",
        _accesses(
            "process",
            lambda access: _legacy(access) and access.keys[0][1] == "get_model_weights",
        ),
    ),
    Hint(
        SpecifierSet(">=0.50"),
        "the result of a learning process can be unpacked since 0.50.0",
        _accesses("result", lambda access: not _legacy(access) and access.keys[0][0] == "unpack"),
    ),
    Hint(
        SpecifierSet("<0.28"),
        "the state of a learning process has global_model_weights instead of model",
        _accesses("state", lambda access: not _legacy(access) and access.keys[0][1] == "model"),
    ),
    Hint(
        SpecifierSet("<0.87"),
        "0.86.0 was the last release that took Keras optimizers",
        _calls(r"tff\.learning\.(?:algorithms|templates)\.build_\w+", _gives_keras_optimizer),
    ),
    Hint(
        SpecifierSet("<0.70"),
        "0.69.0 was the last release whose types took TensorFlow dtypes",
        _calls(_TYPED, _gives(_DTYPE)),
    ),
    Hint(
        SpecifierSet("<0.69"),
        "0.68.0 was the last release whose TensorType took a TensorFlow dtype",
        _calls(r"tff\.TensorType", _gives(_DTYPE)),
    ),
    Hint(
        SpecifierSet("<0.69"),
        "0.68.0 was the last release whose types took what TensorFlow calls an element_spec",
        _calls(
            r"tff\.(?:SequenceType|FederatedType|type_at_clients|to_type)",
            lambda use: "element_spec" in use.meaning(use.argument(0, "element")),
        ),
    ),
    Hint(
        SpecifierSet("<0.69"),
        "0.68.0 was the last release whose types took a tf.TensorSpec",
        _calls(_TYPED, _gives(_SPEC)),
    ),
    Hint(
        SpecifierSet("<0.68"),
        "0.67.0 was the last release whose types took the specs of TensorFlow's other values",
        _calls(_TYPED, _gives(_SPEC_OF_MANY)),
    ),
    Hint(
        SpecifierSet("<0.9"),
        "tf.contrib and the optimizers of TensorFlow 1 were gone from TensorFlow 2, which TFF"
        " requires since 0.9.0",
        _foreign(r"tensorflow\.(?:contrib\.|train\.\w*Optimizer$|enable_v2_behavior$|to_float$)"),
    ),
    Hint(
        SpecifierSet("<0.15"),
        "the tutorials stopped enabling TensorFlow 2 behavior with 0.15.0",
        _foreign(r"tensorflow\.compat\.v1\.enable_v2_behavior$"),
        weak=True,
    ),
)
