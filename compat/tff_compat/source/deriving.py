"""Code that is derived from the arguments of a legacy call, where the source says enough."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Mapping

from packaging.version import Version

from tff_compat import catalog
from tff_compat.catalog.boundaries import FIRST_WITH_ADDED_LOSSES
from tff_compat.declared.derivations import OF_THAT_TIME
from tff_compat.declared.replacement import Code, Hole, NotWritable
from tff_compat.keras_behaviour import FIRST_WITH_NEW_OPTIMIZERS, OPTIMIZERS_WITHOUT_LR
from tff_compat.recipes import recipe
from tff_compat.source import binding
from tff_compat.source.binding import all_arguments, has_stars
from tff_compat.source.documents import Unit
from tff_compat.source.keras_optimizers import OTHER_IN_NEW_KERAS, modern_optimizer
from tff_compat.source.kinds import (
    KerasOptimizer,
    is_no_number,
    is_none_literal,
    is_tensorflow_type,
    is_type,
    is_untyped,
    keras_optimizer,
    reads_state_of_optimizers,
    returned,
)
from tff_compat.source.resolving import COMPUTATION, Resolution
from tff_compat.source.values import (
    NOTHING,
    Class,
    Container,
    Function,
    Instance,
    Literal,
    Object,
    Scope,
    Symbol,
    Value,
    Values,
)

_LOSSES = {
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "binary_crossentropy": "BinaryCrossentropy",
    "mean_squared_error": "MeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError",
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
}
"""The losses of Keras that are functions or texts, and the classes that do the same."""

_NUMPY_DTYPES = {
    **{name: name for name in ("float16", "float32", "float64", "complex64", "complex128")},
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    "bool": "bool_",
    "string": "str_",
    "half": "float16",
    "double": "float64",
}
"""The dtypes of TensorFlow, and those of NumPy that TFF takes for them."""

_PYTHON_DTYPES = {
    "builtins.int": "np.int32",
    "builtins.float": "np.float32",
    "builtins.bool": "np.bool_",
    "builtins.str": "np.str_",
    "builtins.bytes": "np.str_",
}


_SERVER_RATES = {"server_of_averaging": "1.0", "server_of_sgd": "0.1"}
"""The rates of the server where a program gave no optimizer, by the derivation."""
_WITHOUT_ARGUMENT = frozenset({*_SERVER_RATES, "outputs"})
"""The derivations that give code also where the use has no argument for the hole."""

_VARIABLE_RATES = re.compile(r"tensorflow\.(Variable|(compat\.v1\.)?train\.\w+)")
_LOOKS_UP_ROWS = re.compile(
    r"tensorflow\.(?:keras\.layers\.Embedding|nn\.embedding_lookup\w*|gather(?:_nd)?)"
)
_KERAS_OF_TIME = (
    r"tensorflow\.(compat\.v[12]\.)?(keras\.)?optimizers\.\w+|keras\.optimizers\.\w+"
    r"|tensorflow\.python\.keras\.(optimizer_v2\.)?\w+\.\w+"
)

_COMPILED = "tff.learning.from_compiled_keras_model"
"""What makes a model of a Keras model that has its loss, metrics and optimizer."""

_INPUTS = frozenset({"input_shape", "input_dim", "batch_input_shape", "input_length"})
"""The arguments by which a layer knows the shape of its input."""

_OPTIMIZERS_BY_TEXT = {"sgd": "SGD", "adam": "Adam", "adagrad": "Adagrad", "rmsprop": "RMSprop"}


def _argument(call: ast.Call, name: str, release: Version) -> ast.expr | None:
    """An argument of a call of the builder of a model, by the name of its parameter."""
    symbol = catalog.load().symbol("tff.learning.from_keras_model")
    signature = symbol.signature(release) if symbol is not None else None
    return None if signature is None else binding.argument(signature, call, name)


def _python_dtype(values: Values) -> str | None:
    """The dtype of NumPy that TFF made of a type of Python."""
    if len(values) != 1:
        return None
    (value,) = values
    return _PYTHON_DTYPES.get(value.path) if isinstance(value, Symbol) else None


def _adds_losses(unit: Unit) -> bool:
    return "regularizer" in unit.code or "add_loss" in unit.code


def _loss_of(name: str, hole: Hole) -> str:
    if name not in _LOSSES:
        raise NotWritable(f"`{hole.name}` has to be a tf.keras.losses.Loss.")
    return f"tf.keras.losses.{_LOSSES[name]}()"


def _gives_a_constant(value: Value, resolution: Resolution) -> bool:
    """Whether a function gives the same positive number for whatever it is given."""
    if not isinstance(value, Function):
        return False
    node = value.node.body if isinstance(value.node, ast.Lambda) else None
    if isinstance(value.node, ast.FunctionDef):
        statements = [each for each in value.node.body if not isinstance(each, ast.Expr)]
        if len(statements) == 1 and isinstance(statements[0], ast.Return):
            node = statements[0].value
    if isinstance(node, ast.Call) and node.args:
        paths = {each.path for each in resolution.values(node.func) if isinstance(each, Symbol)}
        node = node.args[0] if paths == {"tensorflow.constant"} else None
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
    return is_number and node.value > 0  # type: ignore[union-attr, operator, return-value]


def _parameters(node: ast.expr) -> frozenset[str]:
    """The parameters of a lambda."""
    if not isinstance(node, ast.Lambda):
        return frozenset()
    return frozenset(inner.arg for inner in ast.walk(node.args) if isinstance(inner, ast.arg))


def _holds_no_text(node: ast.expr) -> bool:
    return not any(
        isinstance(inner, ast.Constant) and isinstance(inner.value, str)
        for inner in getattr(node, "elts", [node])
    )


def _holds_lists(container: Container) -> bool:
    return container.kind == "list" or any(
        isinstance(value, Container) and value is not container and _holds_lists(value)
        for value in container.elements
    )


def _holds_dtypes(container: Container) -> bool:
    for value in container.elements:
        if isinstance(value, Symbol) and is_tensorflow_type(frozenset([value])):
            return True
        if isinstance(value, Container) and value is not container and _holds_dtypes(value):
            return True
    return False


def _has_inputs(layer: Value) -> bool:
    """Whether a layer says the shape of what comes in."""
    return (
        isinstance(layer, Instance)
        and layer.call is not None
        and (
            layer.role.rpartition(".")[2] in ("Input", "InputLayer")
            or any(keyword.arg in _INPUTS for keyword in layer.call.keywords)
        )
    )


class Deriver:
    """Derives code for the arguments of one use.

    Args:
      resolution: What the program's expressions are.
      scope: The scope in which the code will stand.
      unit: Where it will stand.
      text: Gives the text of a node with the uses in it written anew.
      traced: Gives the optimizers that an argument made in a run, over all calls at the place.
      is_rewritten: Whether a function of the program is itself written anew, where it stands.
      helper: Gives the name of a helper function, which the file then gets.
      given: The arguments of the use, by parameter.
    """

    def __init__(
        self,
        resolution: Resolution,
        unit: Unit,
        scope: Scope | None,
        text: Callable[[ast.AST, Unit], str],
        traced: Callable[[str], set[str | None]],
        is_rewritten: Callable[[Value], bool],
        helper: Callable[[str], str],
        given: Mapping[str, ast.expr],
    ) -> None:
        self._given = given
        self._helper = helper
        self._is_rewritten = is_rewritten
        self._text = text
        self._traced = traced
        self._resolution = resolution
        self._unit = unit
        self._scope = scope
        self.notes: list[str] = []

    def derive(self, hole: Hole, code: Code | None, values: Values | None = None) -> str:
        """The code of a hole with a derivation.

        Raises:
          NotWritable: The source does not say enough.
        """
        if code is None and hole.derivation not in _WITHOUT_ARGUMENT:
            raise NotWritable(f"`{hole.name}` is not given.")
        method = getattr(self, f"_{hole.derivation}")
        if values is None:
            values = NOTHING if code is None else self._resolution.known(code.node)
        text: str = method(hole, code, values)
        return text

    def _type(self, hole: Hole, code: Code, values: Values) -> str:
        if is_none_literal(code.node):
            return code.text
        if is_type(values) or _is_converted(code.text):
            return code.text
        if is_untyped(values):
            raise NotWritable(
                f"TFF makes no type of `{hole.name}`: write a structure of tensors for it."
            )
        dtype = _python_dtype(values)
        if dtype is not None:
            return f"tff.TensorType({dtype})"
        return f"tff.types.tensorflow_to_type({code.text})"

    def _optimizer(self, hole: Hole, code: Code, values: Values) -> str:
        if is_none_literal(code.node):
            raise NotWritable(f"`{hole.name}` is None.")
        found = keras_optimizer(values, self._resolution)
        if found is False:
            return code.text
        if self._is_elsewhere(code, values):
            return code.text
        traced = self._traced(hole.name) if not isinstance(found, KerasOptimizer) else set()
        if len(traced) == 1:
            (text,) = traced
            if text is not None:
                return text
        if isinstance(found, KerasOptimizer):
            try:
                return self._of_keras(found)
            except NotWritable:
                pass
        return self._kept(hole, code, found)

    def _is_elsewhere(self, code: Code, values: Values) -> bool:
        """Whether the functions that make an optimizer are written anew where they stand."""
        return (
            bool(values)
            and not isinstance(code.node, ast.Lambda)
            and all(
                self._is_rewritten(value)
                or keras_optimizer(frozenset([value]), self._resolution) is False
                for value in values
            )
        )

    def wants(self, hole: Hole) -> bool:
        """Whether a hole is to be filled although the use has no argument for it."""
        if hole.derivation in ("outputs", "outputs_process"):
            return any(
                "def federated_output_computation" in unit.code for unit in self._resolution.scopes
            )
        return hole.derivation in _SERVER_RATES and reads_state_of_optimizers(self._resolution)

    def _outputs(self, hole: Hole, code: Code | None, values: Values) -> str:
        return self._helper("aggregate_outputs")

    def _outputs_process(self, hole: Hole, code: Code, values: Values) -> str:
        return f"{self._helper('aggregation_of_outputs')}({code.text})"

    def _there(self, hole: Hole, code: Code, values: Values) -> str:
        if not isinstance(code.node, (ast.Name, ast.Attribute, ast.Lambda)):
            raise NotWritable(f"`{hole.name}` has no name by which it is known here.")
        self._text_of(code.node, self._unit, _parameters(code.node))
        return code.text

    def _own_trainer(self, hole: Hole, code: Code, values: Values) -> str:
        try:
            return self._trainer(hole, code, values)
        except NotWritable:
            if values and all(self._makes_own_model(value) for value in values):
                return "None"
            raise

    def _makes_own_model(self, value: Value) -> bool:
        """Whether it gives models of a class of the program that train themselves."""
        if isinstance(value, Function):
            made = returned(value, self._resolution)
            return bool(made) and all(self._makes_own_model(each) for each in made)
        if isinstance(value, Object):
            value = value.cls
        return isinstance(value, Class) and value.has("train_on_batch")

    def _server_optimizer(self, hole: Hole, code: Code | None, values: Values) -> str:
        if not reads_state_of_optimizers(self._resolution):
            assert code is not None
            return self._optimizer(hole, code, values)
        if self.wants(hole) and hole.name not in self._given:
            keras = f"tf.keras.optimizers{self._legacy_keras}.SGD"
            rate = _SERVER_RATES[hole.derivation]
            return f"{self._helper('keras_optimizer')}(lambda: {keras}(learning_rate={rate}))"
        assert code is not None
        found = keras_optimizer(values, self._resolution)
        if found is False or is_none_literal(code.node) or self._is_elsewhere(code, values):
            return self._optimizer(hole, code, values)
        return self._kept(hole, code, found)

    _server_of_averaging = _server_of_sgd = _server_optimizer

    def _kept(self, hole: Hole, code: Code, found: KerasOptimizer | bool | None) -> str:
        """An optimizer of Keras that stays one, for TFF has none that does the same."""
        text = ""
        if isinstance(found, KerasOptimizer):
            if found.call is not None:
                self._check_rates(found.call)
            try:
                text = self._keras_call(found, code)
            except NotWritable:
                pass
        if not text:
            text = code.text
            self.notes.append(OF_THAT_TIME.format(name=hole.name))
        return f"{self._helper('keras_optimizer')}({text})"

    def _check_rates(self, call: ast.Call) -> None:
        """Raises `NotWritable` for a rate that is a variable: computations have their own."""
        for node in all_arguments(call):
            for value in self._resolution.values(node):
                if isinstance(value, Instance) and _VARIABLE_RATES.fullmatch(value.role):
                    raise NotWritable("the optimizers of TFF take numbers, no variables.")

    def _release_at(self, unit: Unit | None) -> Version:
        return self._resolution.release_at(unit)

    @property
    def _legacy_keras(self) -> str:
        """Where the optimizers of Keras are that the release had."""
        tensorflow = Version(recipe(self._release_at(self._unit)).tensorflow)
        return ".legacy" if tensorflow < FIRST_WITH_NEW_OPTIMIZERS else ""

    def _keras_call(self, found: KerasOptimizer, code: Code) -> str:
        """A function that makes the same optimizer of Keras."""
        legacy = f"tf.keras.optimizers{self._legacy_keras}.{found.name}"
        if found.call is None:
            return legacy if re.fullmatch(_KERAS_OF_TIME, found.path) else code.text
        assert found.unit is not None
        function = self._text(found.call.func, found.unit)
        if re.fullmatch(_KERAS_OF_TIME, found.path):
            function = legacy
        else:
            self._text_of(found.call.func, found.unit)
        parts = []
        for argument in found.call.args:
            parts.append(self._text_of(argument, found.unit))
        for keyword in found.call.keywords:
            if keyword.arg == "lr" and found.name in OPTIMIZERS_WITHOUT_LR:
                continue
            value = self._text_of(keyword.value, found.unit)
            name = "learning_rate" if keyword.arg == "lr" else keyword.arg
            parts.append(f"**{value}" if name is None else f"{name}={value}")
        return f"lambda: {function}({', '.join(parts)})"

    @functools.cached_property
    def _looks_up_rows(self) -> bool:
        """Whether the program looks up rows of variables, whose gradients are those rows alone."""
        return any(
            isinstance(value, Symbol) and _LOOKS_UP_ROWS.fullmatch(value.path)
            for _, values in self._resolution.seen.values()
            for value in values
        )

    def _of_keras(self, found: KerasOptimizer, own: frozenset[str] = frozenset()) -> str:
        options = () if found.call is None else found.call.keywords
        moves_others = found.name == "RMSprop" or any(each.arg == "momentum" for each in options)
        if moves_others and self._looks_up_rows:
            raise NotWritable(
                f"{found.name} of TFF also moves the rows that a batch does not have."
            )
        if found.name in OTHER_IN_NEW_KERAS and not self._legacy_keras:
            if re.fullmatch(_KERAS_OF_TIME, found.path):
                raise NotWritable(f"{found.name} of the new Keras rounds otherwise.")

        def text_of(node: ast.expr, unit: Unit) -> str:
            if is_no_number(self._resolution.known(node)):
                raise NotWritable(
                    "the optimizers of TFF take numbers, no schedules, functions or variables; to "
                    "change a rate by round there is "
                    "tff.learning.algorithms.build_weighted_fed_avg_with_optimizer_schedule."
                )
            return self._text_of(node, unit, own)

        return modern_optimizer(found, text_of)

    def _text_of(self, node: ast.expr, unit: Unit, own: frozenset[str] = frozenset()) -> str:
        """The text of an argument where the code will stand, if its names mean the same there."""
        for name in ast.walk(node):
            if isinstance(name, ast.Name) and name.id not in own:
                there = self._resolution.owners.get(name)
                if not self._means_the_same(name.id, there):
                    raise NotWritable(f"`{name.id}` is not known where the code would stand.")
        return unit.segment(node)

    def _means_the_same(self, name: str, there: Scope | None) -> bool:
        home = _home(there, name)
        if home is None:
            return True
        return home is _home(self._scope, name)

    def _spec(self, hole: Hole, code: Code, values: Values) -> str:
        if any(isinstance(value, Container) and _holds_lists(value) for value in values):
            return f"{self._helper('spec_of_batches')}({code.text})"
        return (
            "tf.nest.map_structure(lambda t: tf.TensorSpec([None, *tf.convert_to_tensor(t)"
            f".shape[1:]], tf.convert_to_tensor(t).dtype), {code.text})"
        )

    def _types(self, hole: Hole, code: Code, values: Values) -> str:
        """One argument of a decorator: the function itself, or a type."""
        if values and all(
            isinstance(value, Function)
            or (isinstance(value, Instance) and value.role == COMPUTATION)
            for value in values
        ):
            return code.text
        return self._type(hole, code, values)

    def _elements(self, hole: Hole, code: Code, values: Values) -> str:
        if is_tensorflow_type(values) is False:
            return code.text
        if not isinstance(code.node, (ast.List, ast.Tuple)):
            return f"tff.structure.to_elements(tff.types.tensorflow_to_type({code.text}))"
        texts = [self._element(hole, each) for each in code.node.elts]
        return f"[{', '.join(texts)}]"

    def _element(self, hole: Hole, node: ast.expr) -> str:
        if isinstance(node, ast.Tuple) and len(node.elts) == 2:
            name, member = node.elts
            if isinstance(name, ast.Constant) and isinstance(name.value, (str, type(None))):
                return f"({self._text(name, self._unit)}, {self._element(hole, member)})"
        code = Code(self._text(node, self._unit), node)
        return self._type(hole, code, self._resolution.known(node))

    def _dtype(self, hole: Hole, code: Code, values: Values) -> str:
        if len(values) == 1:
            (value,) = values
            if isinstance(value, Symbol):
                name = value.path.rpartition(".")[2]
                if value.path.startswith("tensorflow.") and name in _NUMPY_DTYPES:
                    return f"np.{_NUMPY_DTYPES[name]}"
                if value.path.startswith("numpy."):
                    return code.text
        dtype = _python_dtype(values)
        if dtype is not None:
            return dtype
        if isinstance(code.node, ast.Attribute) and code.node.attr == "as_numpy_dtype":
            return code.text
        return f"tff.types.tensorflow_to_type({code.text}).dtype"

    def _shape(self, hole: Hole, code: Code, values: Values) -> str:
        return "()" if is_none_literal(code.node) else self._sizes(hole, code, values)

    def _sizes(self, hole: Hole, code: Code, values: Values) -> str:
        is_number = isinstance(code.node, ast.Constant) and isinstance(code.node.value, int)
        return f"[{code.text}]" if is_number else code.text

    def _context(self, hole: Hole, code: Code, values: Values) -> str:
        if is_none_literal(code.node):
            return "tff.backends.native.create_sync_local_cpp_execution_context()"
        return code.text

    def _input_spec(self, hole: Hole, code: Code, values: Values) -> str:
        if any(isinstance(value, Container) and _holds_dtypes(value) for value in values):
            raise NotWritable(f"`{hole.name}` has to hold tf.TensorSpec in the place of dtypes.")
        return code.text

    def _weighting(self, hole: Hole, code: Code, values: Values) -> str:
        if values and all(isinstance(value, (Symbol, Literal)) for value in values):
            return code.text
        if values and all(_gives_a_constant(value, self._resolution) for value in values):
            return "tff.learning.ClientWeighting.UNIFORM"
        raise NotWritable(
            f"`{hole.name}` decides how clients are weighted; pass a "
            "tff.learning.ClientWeighting, or make the model report that number of examples."
        )

    def _loop(self, hole: Hole, code: Code, values: Values) -> str:
        iterator, reduce = (
            f"tff.learning.LoopImplementation.{name}"
            for name in ("DATASET_ITERATOR", "DATASET_REDUCE")
        )
        if isinstance(code.node, ast.Constant):
            return iterator if code.node.value else reduce
        is_looser = isinstance(code.node, (ast.IfExp, ast.Lambda, ast.NamedExpr))
        asked = f"({code.text})" if is_looser else code.text
        return f"{iterator} if {asked} else {reduce}"

    def _aggregator(self, hole: Hole, code: Code, values: Values) -> str:
        if values and all(isinstance(value, (Symbol, Literal)) for value in values):
            return code.text
        raise NotWritable(f"`{hole.name}` has to take the finalizers of the metrics alone.")

    def _loss_weights(self, hole: Hole, code: Code, values: Values) -> str:
        if any(isinstance(value, Container) and value.kind == "dict" for value in values):
            return self._in_order_of_outputs(hole, code)
        return code.text

    def _loss(self, hole: Hole, code: Code, values: Values) -> str:
        for value in values:
            if isinstance(value, Container):
                if any(isinstance(each, (Symbol, Function, Literal)) for each in value.elements):
                    raise NotWritable(f"`{hole.name}` has to hold objects of tf.keras.losses.")
                if value.kind == "dict":
                    return self._in_order_of_outputs(hole, code)
            if isinstance(value, Class):
                raise NotWritable(f"`{hole.name}` has to be a tf.keras.losses.Loss.")
        if values and all(isinstance(value, Function) for value in values):
            return f"{self._helper('loss_of_function')}({code.text})"
        symbols = [value for value in values if isinstance(value, Symbol)]
        literals = [value for value in values if isinstance(value, Literal)]
        if len(values) == 1 and symbols:
            return _loss_of(symbols[0].path.rpartition(".")[2], hole)
        if len(values) == 1 and literals and isinstance(literals[0].value, str):
            return _loss_of(literals[0].value, hole)
        return code.text

    def _optimizer_of_rate(self, hole: Hole, code: Code, values: Values) -> str:
        if len(values) == 1:
            (value,) = values
            if isinstance(value, Symbol):
                found = keras_optimizer(values, self._resolution)
                if isinstance(found, KerasOptimizer):
                    text = self._of_keras(found)
                    return text.partition("(")[0]
                return code.text
            if isinstance(value, Function) and value.node is code.node:
                assert isinstance(value.node, ast.Lambda)
                found = keras_optimizer(values, self._resolution)
                if isinstance(found, KerasOptimizer):
                    own = frozenset(each.arg for each in value.node.args.args)
                    head = value.unit.segment(value.node).partition(":")[0]
                    return f"{head}: {self._of_keras(found, own)}"
        raise NotWritable(f"`{hole.name}` has to give optimizers of tff.learning.optimizers.")

    # --- Compiled Keras models --------------------------------------------------------------------

    def _trainer(self, hole: Hole, code: Code, values: Values) -> str:
        """The optimizer with which the model that a function gives was made."""
        models = self._models(values)
        found = self._written_optimizer(models)
        if found is not None:
            return found
        if values and all(self._gives_with_optimizer(value) for value in values):
            return f"{self._helper('optimizer_of_model')}({code.text})"
        raise NotWritable(
            f"the optimizer that the model of `{hole.name}` trains itself with belongs here."
        )

    def _written_optimizer(self, models: list[Instance]) -> str | None:
        """The code of the optimizer that a model has, if the source says it."""
        if len(models) != 1:
            return None
        (model,) = models
        assert model.call is not None and model.unit is not None
        given = dict(model.given)
        release = self._release_at(model.unit)
        optimizer = _argument(model.call, "optimizer", release)
        optimizers = NOTHING if optimizer is None else given.get(optimizer, NOTHING)
        if self._path(model.call.func) == _COMPILED:
            keras_model = _argument(model.call, "keras_model", release)
            compiled = None if keras_model is None else self._compiled(keras_model)
            if compiled is None:
                return None
            arguments = {keyword.arg: keyword.value for keyword in compiled[0].keywords}
            optimizer = arguments.get("optimizer") or next(iter(compiled[0].args), None)
            optimizers = NOTHING if optimizer is None else self._resolution.values(optimizer)
        found: object = None
        if isinstance(optimizer, ast.Constant) and isinstance(optimizer.value, str):
            name = _OPTIMIZERS_BY_TEXT.get(optimizer.value)
            found = name and KerasOptimizer(name, f"tensorflow.keras.optimizers.{name}", None, None)
        elif optimizer is not None:
            found = keras_optimizer(optimizers, self._resolution)
        if not isinstance(found, KerasOptimizer):
            return None
        call = found.call
        try:
            if call is not None:
                self._check_rates(call)
            try:
                return self._of_keras(found)
            except NotWritable:
                if call is None:
                    return None
                return (
                    f"{self._helper('keras_optimizer')}({self._keras_call(found, Code('', call))})"
                )
        except NotWritable:
            return None

    def _gives_with_optimizer(self, value: Value) -> bool:
        """Whether the models that a function gives are all made of Keras models and optimizers."""
        models = self._models(frozenset([value]))
        return bool(models) and all(
            self._path(model.call.func) == _COMPILED
            or _argument(model.call, "optimizer", self._release_at(model.unit)) is not None
            for model in models
            if model.call is not None
        )

    def _keeps_optimizer(self, argument: ast.expr) -> bool:
        """Whether something gets a model whose optimizer cannot be written out there.

        The model is the one that is made by the call with this argument.
        """
        for node, (unit, _) in list(self._resolution.seen.items()):
            if not isinstance(node, ast.Call):
                continue
            for given in all_arguments(node):
                models = self._models(self._resolution.values(given))
                calls = [model.call for model in models if model.call is not None]
                if not any(argument in all_arguments(call) for call in calls):
                    continue
                there = Deriver(
                    self._resolution, unit, self._resolution.scope_of(node), self._text,
                    self._traced, self._is_rewritten, lambda name: name, {},
                )  # fmt: skip
                if has_stars(node) or there._written_optimizer(models) is None:
                    return True
        return False

    def _carried(self, hole: Hole, code: Code, values: Values) -> str:
        """The optimizer of a model, where it has to stay with the model."""
        if not self._keeps_optimizer(self._given[hole.name]):
            raise NotWritable("The optimizer is written where the model is trained.")
        return code.text

    def _model(self, hole: Hole, code: Code, values: Values) -> str:
        """The loss and metrics with which a model was compiled, as arguments."""
        compiled = self._compiled(code.node)
        if compiled is None or self._keeps_optimizer(self._given[hole.name]):
            raise NotWritable(f"write the loss and metrics with which `{hole.name}` was compiled.")
        call, unit = compiled
        names = ("optimizer", "loss", "metrics", "loss_weights")
        given: dict[str | None, ast.expr] = dict(zip(names, call.args))
        given.update((keyword.arg, keyword.value) for keyword in call.keywords)
        if set(given) - set(names) or "loss" not in given:
            raise NotWritable(f"write the loss and metrics with which `{hole.name}` was compiled.")
        loss = given["loss"]
        code = Code(self._text_of(loss, unit), loss)
        parts = [f"loss={self._loss(hole, code, self._resolution.known(loss))}"]
        for name in ("metrics", "loss_weights"):
            if name in given:
                if name == "metrics" and not _holds_no_text(given[name]):
                    raise NotWritable("metrics have to be objects of tf.keras.metrics.")
                parts.append(f"{name}={self._text_of(given[name], unit)}")
        return ", ".join(parts)

    def _built(self, hole: Hole, code: Code, values: Values) -> str:
        """The model itself: TFF built it by a batch then, and trains nothing unbuilt now."""
        for value in values:
            if isinstance(value, Object):
                return self._called(hole, code)
        if self._release_at(self._unit) < FIRST_WITH_ADDED_LOSSES and _adds_losses(self._unit):
            self.notes.append("the losses that layers add are part of what is minimized now")
        if not values or not all(self._is_built(value) for value in values):
            self.notes.append(f"`{hole.name}` has to have its variables before it is called")
        return self._named_model(code.text)

    def _called(self, hole: Hole, code: Code) -> str:
        """A model of a class of the program, which gets its variables when it is called."""
        for name, derive in (("input_spec", self._input_spec), ("dummy_batch", self._spec)):
            argument = self._given.get(name)
            if argument is not None and not is_none_literal(argument):
                given = Code(self._text(argument, self._unit), argument)
                spec = derive(Hole(name), given, self._resolution.known(argument))
                return f"{self._helper('called_on_zeros')}({code.text}, {spec})"
        raise NotWritable(
            f"`{hole.name}` gets its variables when it is called: call it on a batch first."
        )

    def _in_order_of_outputs(self, hole: Hole, code: Code) -> str:
        """What a program gives by the names of a model's outputs, as the list of today."""
        model = self._given["keras_model"]
        name = model.id if isinstance(model, ast.Name) else self._name_of_model
        atom = isinstance(code.node, (ast.Name, ast.Dict, ast.Call, ast.Attribute))
        by_name = code.text if atom else f"({code.text})"
        return f"[{by_name}[name] for name in {name}.output_names]"

    @property
    def _name_of_model(self) -> str:
        """The name that a model gets where it is made in the call itself."""
        taken = self._scope is not None and self._scope.lookup("keras_model")
        return "made_keras_model" if taken else "keras_model"

    def _named_model(self, text: str) -> str:
        """A model with a name, where other arguments need its outputs."""
        by_name = any(
            isinstance(value, Container) and value.kind == "dict"
            for name in ("loss", "loss_weights")
            if name in self._given
            for value in self._resolution.known(self._given[name])
        )
        if by_name and not isinstance(self._given["keras_model"], ast.Name):
            return f"{self._name_of_model} := {text}"
        return text

    def _is_built(self, value: Value) -> bool:
        if not isinstance(value, Instance) or value.call is None:
            return False
        name = value.role.rpartition(".")[2]
        if value.role.startswith("tff."):
            return name.startswith("create_")
        if name == "Model":
            return bool(value.call.args or value.call.keywords)
        return name == "Sequential" and self._knows_its_inputs(value)

    def _knows_its_inputs(self, model: Instance) -> bool:
        """Whether the first layer of a sequential model says the shape of its input."""
        assert model.call is not None
        first = [
            value.items[0]
            for _, values in model.given
            for value in values
            if isinstance(value, Container) and 0 in value.items
        ]
        first = first or self._added(model.call)[:1]
        return bool(first) and all(values and all(map(_has_inputs, values)) for values in first)

    def _added(self, call: ast.Call) -> list[Values]:
        """The layers that a program adds to a model, in the order of their lines."""
        found = [
            (node.lineno, self._resolution.values(node.args[0]))
            for node in self._resolution.seen
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "add"
            and node.args
            and any(
                isinstance(value, Instance) and value.call is call
                for value in self._resolution.values(node.func.value)
            )
        ]
        return [values for _, values in sorted(found, key=lambda pair: pair[0])]

    def _path(self, node: ast.expr) -> str:
        return next((v.path for v in self._resolution.values(node) if isinstance(v, Symbol)), "")

    def _models(self, values: Values) -> list[Instance]:
        """The models that functions of the program return, each with how it was made."""
        return [
            made
            for value in values
            if isinstance(value, Function)
            for made in returned(value, self._resolution)
            if isinstance(made, Instance) and made.call is not None
        ]

    def _compiled(self, model: ast.expr) -> tuple[ast.Call, Unit] | None:
        """The only call of `compile` of a model."""
        calls = {
            value.call
            for value in self._resolution.values(model)
            if isinstance(value, Instance) and value.call is not None
        }
        found = [
            (node, unit)
            for node, (unit, _) in self._resolution.seen.items()
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "compile"
            and any(
                isinstance(value, Instance) and value.call in calls
                for value in self._resolution.values(node.func.value)
            )
        ]
        return found[0] if len(found) == 1 else None


def _is_converted(text: str) -> bool:
    return bool(re.match(r"\s*\w+\.(?:types\.tensorflow_to_type|\w*Type|to_type)\(", text))


def _home(scope: Scope | None, name: str) -> Scope | None:
    while scope is not None:
        if name in scope.names:
            return scope
        scope = scope.parent
    return None
