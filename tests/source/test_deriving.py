"""The code that is derived from the arguments of a legacy call, where it can be."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import coverage
from tff_compat.adapters import index
from tff_compat.declared import derivations
from tff_compat.source import documents
from tff_compat.source.deriving import Deriver
from tff_compat.source.findings import Finder
from tff_compat.source.resolving import Resolver
from tff_compat.source.writing import Finding

IMPORTS = "import numpy as np\nimport tensorflow as tf\nimport tensorflow_federated as tff\n"


def findings(text: str, release: str) -> list[Finding]:
    document = documents.document(Path("program.py"), f"{IMPORTS}{text}\n".encode())
    resolver = Resolver(Version(release))
    resolver.document(document)
    return Finder(document, resolver.result, Version(release), coverage.PRIMARY).findings()


def of_use(symbol: str, text: str, release: str) -> Finding:
    (finding,) = (each for each in findings(text, release) if each.symbol == symbol)
    return finding


def check(finding: Finding, expected: str, *, note: str = "") -> None:
    """A finding's code is exact, or for review because of a note; else why there is none."""
    if finding.replacement:
        kind = "review" if note else "exact"
        assert (finding.replacement, finding.kind) == (expected, kind), finding.message
        assert note in finding.message
    else:
        assert finding.kind == "none"
        # The sentence before it ends with the last release that took the use.
        assert finding.message.split(". ", 1)[1] == expected


# --- Types ----------------------------------------------------------------------------------------

UNSEEN = "It cannot be seen whether it gets a type of TensorFlow; one of TFF stays as it is"


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("tf.float32", "np.float32"),
        ("tf.half", "np.float16"),
        ("tf.double", "np.float64"),
        ("tf.complex64", "np.complex64"),
        ("tf.uint8", "np.uint8"),
        ("tf.int64", "np.int64"),
        ("tf.bool", "np.bool_"),
        ("tf.string", "np.str_"),
        ("tf.float16", "np.float16"),
        ("tf.float64", "np.float64"),
        ("tf.complex128", "np.complex128"),
        ("tf.int8", "np.int8"),
        ("tf.uint32", "np.uint32"),
        # NumPy has none of it: TensorFlow knows which it takes.
        ("tf.qint8", "tff.types.tensorflow_to_type(tf.qint8).dtype"),
        ("int", "np.int32"),
        ("float", "np.float32"),
        ("bool", "np.bool_"),
        ("str", "np.str_"),
        ("bytes", "np.str_"),
        ("tf.float32, [3]", "np.float32, [3]"),
        ("tf.float32, None", "np.float32"),
    ],
)
def test_the_dtype_of_a_tensor_type_is_one_of_numpy(dtype: str, expected: str) -> None:
    (finding,) = findings(f"tff.TensorType({dtype})", "0.13.1")
    check(finding, f"tff.TensorType({expected})")


def test_a_dtype_that_is_not_known_is_converted_for_review() -> None:
    (finding,) = findings("tff.TensorType(d)", "0.13.1")
    check(finding, "tff.TensorType(tff.types.tensorflow_to_type(d).dtype)", note=UNSEEN)
    finding = of_use("tff.TensorType", "tff.TensorType(x.f().as_numpy_dtype)", "0.13.1")
    assert finding.replacement == "tff.TensorType(x.f().as_numpy_dtype)"
    # One dtype or another.
    text = "d = tf.int32\nif c:\n    d = tf.int64\ntff.TensorType(d)"
    (finding,) = findings(text, "0.13.1")
    check(finding, "tff.TensorType(tff.types.tensorflow_to_type(d).dtype)")


def test_dtypes_of_numpy_stay() -> None:
    text = "d = np.int64\nif c:\n    d = int\ntff.TensorType(np.int32)\ntff.TensorType(int, [2])"
    assert [each.replacement for each in findings(text, "0.13.1")] == [
        "tff.TensorType(np.int32, [2])"
    ]


def test_no_shape_is_a_scalar_where_it_was_one() -> None:
    text = "tff.TensorType(tf.float32, {})"
    for shape, expected in [("None", "None"), ("[2]", "[2]"), ("s", "s")]:
        (finding,) = findings(text.format(shape), "0.65.0")
        check(finding, f"tff.TensorType(np.float32, {expected})")


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("tf.float32", "tff.types.tensorflow_to_type(tf.float32)"),
        ("int", "tff.TensorType(np.int32)"),
        ("[tf.float32, tf.int32]", "tff.types.tensorflow_to_type([tf.float32, tf.int32])"),
        ("tf.TensorSpec([], tf.bool)", "tff.types.tensorflow_to_type(tf.TensorSpec([], tf.bool))"),
        ("(int, 3)", "tff.types.tensorflow_to_type((int, 3))"),
    ],
)
def test_members_of_types_are_types(member: str, expected: str) -> None:
    (finding,) = findings(f"tff.FederatedType({member}, tff.CLIENTS)", "0.13.1")
    check(finding, f"tff.FederatedType({expected}, tff.CLIENTS)")


def test_what_is_a_type_already_stays() -> None:
    (finding,) = findings("tff.FederatedType(T, tff.CLIENTS)", "0.13.1")
    check(finding, "tff.FederatedType(tff.types.tensorflow_to_type(T), tff.CLIENTS)", note=UNSEEN)
    assert not findings("tff.FederatedType(None, tff.CLIENTS)", "0.13.1")
    # The type inside is written anew where it stands.
    (finding,) = findings("tff.FederatedType(tff.TensorType(tf.int32), tff.CLIENTS)", "0.13.1")
    assert finding.symbol == "tff.TensorType"
    (finding,) = findings("t = tff.to_type(tf.int32)\ntff.FederatedType(t, tff.CLIENTS)", "0.13.1")
    assert finding.symbol == "tff.to_type"
    # All members may be types but for one.
    text = "T = tff.to_type(tf.int32)\nT = d if c else T\ntff.FunctionType(T, tf.int32)"
    found = of_use("tff.FunctionType", text, "0.13.1")
    assert found.replacement.endswith(", tff.types.tensorflow_to_type(tf.int32))")


@pytest.mark.parametrize(
    ("elements", "expected", "note"),
    [
        ("[tf.int32, int]", "[{}(tf.int32), tff.TensorType(np.int32)]", ""),
        ("(tf.int32,)", "[{}(tf.int32)]", ""),
        ("[('a', tf.int32), ('b', T)]", "[('a', {}(tf.int32)), ('b', {}(T))]", ""),
        ("[(None, tf.int32)]", "[(None, {}(tf.int32))]", ""),
        ("[('a', [tf.int32])]", "[('a', {}([tf.int32]))]", ""),
        # The first of a pair is a name only where it is a text.
        ("[(n, tf.int32)]", "[{}((n, tf.int32))]", ""),
        ("[(1, tf.int32)]", "[{}((1, tf.int32))]", ""),
        ("[('a', tf.int32, 1)]", "[{}(('a', tf.int32, 1))]", ""),
        ("E", "tff.structure.to_elements({}(E))", UNSEEN),
    ],
)
def test_elements_of_structures_are_types(elements: str, expected: str, note: str) -> None:
    (finding,) = findings(f"tff.StructType({elements})", "0.20.0")
    expected = expected.replace("{}", "tff.types.tensorflow_to_type")
    check(finding, f"tff.StructType({expected})", note=note)


def test_elements_that_are_types_stay() -> None:
    text = "E = [('a', tff.to_type(tf.int32))]\ntff.StructType(E)\ntff.StructType([])"
    assert {each.symbol for each in findings(text, "0.20.0")} == {"tff.to_type"}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("@tff.federated_computation(tf.int32)", "{}(tff.types.tensorflow_to_type(tf.int32))"),
        ("@tff.federated_computation(int)", "{}(tff.TensorType(np.int32))"),
        ("@tff.federated_computation(f, int)", "{}(f, tff.TensorType(np.int32))"),
        (
            "@tff.federated_computation(lambda x: x, int)",
            "{}(lambda x: x, tff.TensorType(np.int32))",
        ),
        ("@tff.federated_computation", ""),
        ("@tff.federated_computation(None)", ""),
    ],
)
def test_a_decorator_takes_a_function_or_types(call: str, expected: str) -> None:
    found = findings(f"def f(x):\n    return x\n{call}\ndef g(x):\n    return x", "0.13.1")
    assert [each.replacement for each in found] == [
        expected.format("tff.federated_computation") for _ in range(bool(expected))
    ]


def test_a_computation_is_a_function_for_a_decorator() -> None:
    text = "f = tff.tf_computation(lambda: 1)\ng = tff.federated_computation(f)"
    assert [each.symbol for each in findings(text, "0.13.1")] == ["tff.tf_computation"]


def test_what_tff_makes_no_type_of_has_none() -> None:
    (finding,) = findings("class C: ...\ntff.FederatedType(C, tff.CLIENTS)", "0.13.1")
    check(finding, "TFF makes no type of `member`: write a structure of tensors for it.")


def test_what_may_be_a_function_or_a_type_is_converted() -> None:
    text = "def f(x): ...\nT = f\nif c:\n    T = tf.int32\ntff.federated_computation(T)"
    found = of_use("tff.federated_computation", text, "0.13.1")
    check(found, "tff.federated_computation(tff.types.tensorflow_to_type(T))")


# --- Optimizers -----------------------------------------------------------------------------------

AVERAGING = "tff.learning.build_federated_averaging_process"
WEIGHTED = "tff.learning.algorithms.build_weighted_fed_avg"
SCHEDULED = f"{WEIGHTED}_with_optimizer_schedule"
OF_ITS_TIME = (
    "what `client_optimizer_fn` makes is to be as in the TensorFlow of that time: "
    "tf.keras.optimizers.legacy has it"
)
K = "tf.keras.optimizers"
SGDM = "tff.learning.optimizers.build_sgdm"
ADAM = "tff.learning.optimizers.build_adam"


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (f"lambda: {K}.SGD(0.1)", f"{SGDM}(learning_rate=0.1)"),
        (f"{K}.SGD", f"{SGDM}(learning_rate=0.01)"),
        (f"lambda: {K}.SGD(rate)", f"{SGDM}(learning_rate=rate)"),
        ("lambda: tf.compat.v1.train.GradientDescentOptimizer(0.1)", f"{SGDM}(learning_rate=0.1)"),
        (f"{SGDM}(0.1)", f"{SGDM}(0.1)"),
        # TFF has none that does the same: it stays one of Keras, as it was then.
        (f"{K}.Adamax", f"keras_optimizer({K}.legacy.Adamax)"),
        ("tf.optimizers.Adamax", f"keras_optimizer({K}.legacy.Adamax)"),
        (f"lambda: {K}.Adamax(0.1)", f"keras_optimizer(lambda: {K}.legacy.Adamax(0.1))"),
        ("lambda: tf.optimizers.Adamax(1)", f"keras_optimizer(lambda: {K}.legacy.Adamax(1))"),
        (f"{K}.legacy.Adamax", f"keras_optimizer({K}.legacy.Adamax)"),
        (
            f"lambda: {K}.Adamax(lr=r, name=n, **more)",
            f"keras_optimizer(lambda: {K}.legacy.Adamax(learning_rate=r, name=n, **more))",
        ),
        (
            f"lambda: {K}.SGD({K}.schedules.ExponentialDecay(1, 2, 3))",
            f"keras_optimizer(lambda: {K}.legacy.SGD({K}.schedules.ExponentialDecay(1, 2, 3)))",
        ),
        (
            f"lambda: {K}.SGD(lambda: 0.1)",
            f"keras_optimizer(lambda: {K}.legacy.SGD(lambda: 0.1))",
        ),
        (f"lambda: {K}.Ftrl(lr=r, name=n)", f"keras_optimizer(lambda: {K}.legacy.Ftrl(name=n))"),
        (f"lambda: {K}.SGD(**kw)", f"keras_optimizer(lambda: {K}.legacy.SGD(**kw))"),
        (f"lambda: {K}.SGD(*a)", f"keras_optimizer(lambda: {K}.legacy.SGD(*a))"),
        ("None", "`client_optimizer_fn` is None."),
        (f"lambda: {K}.SGD(tf.Variable(1.0))", "the optimizers of TFF take numbers, no variables."),
        (
            f"lambda: {K}.SGD(momentum=tf.Variable(1.0))",
            "the optimizers of TFF take numbers, no variables.",
        ),
    ],
)
def test_an_optimizer_of_keras_is_one_of_tff(optimizer: str, expected: str) -> None:
    text = f"{AVERAGING}(model_fn, client_optimizer_fn={optimizer})"
    finding = of_use(AVERAGING, text, "0.17.0")
    code = f"{WEIGHTED}(model_fn, client_optimizer_fn={expected})"
    check(finding, code if finding.replacement else expected)


@pytest.mark.parametrize("optimizer", ["opt", "lambda: mine.Optimizer(0.1)"])
def test_an_unknown_optimizer_is_to_be_looked_at(optimizer: str) -> None:
    (finding,) = findings(f"{AVERAGING}(model_fn, client_optimizer_fn={optimizer})", "0.17.0")
    code = f"{WEIGHTED}(model_fn, client_optimizer_fn=keras_optimizer({optimizer}))"
    check(finding, code, note=OF_ITS_TIME)


@pytest.mark.parametrize(
    "definition",
    [
        # Its names are not known where the code would stand.
        f"def opt(rate=0.1):\n    return {K}.SGD(rate)",
        f"def opt():\n    rate = 0.3\n    return {K}.Adamax(rate)",
        "def opt():\n    from tensorflow.keras import optimizers\n    return optimizers.Adamax(1)",
        f"class Mine({K}.Optimizer):\n    pass\nopt = lambda: Mine(0.1)",
        f"opt = {K}.SGD if fast else {K}.Adam",
        f"def opt():\n    if fast:\n        return {K}.SGD(1)\n    return {K}.SGD(2)",
    ],
)
def test_a_function_of_the_program_stays_where_its_names_are_its_own(definition: str) -> None:
    text = f"{definition}\n{AVERAGING}(model_fn, client_optimizer_fn=opt)"
    finding = of_use(AVERAGING, text, "0.17.0")
    code = f"{WEIGHTED}(model_fn, client_optimizer_fn=keras_optimizer(opt))"
    known = "from tensorflow.keras" in definition
    if known:
        check(finding, code.replace("(opt)", f"(lambda: {K}.legacy.Adamax(1))"))
    else:
        check(finding, code, note=OF_ITS_TIME)


def test_one_optimizer_of_keras_and_one_of_tff() -> None:
    own = f"opt = (lambda: {K}.SGD(0.1)) if fast else {SGDM}(0.2)"
    text = f"{own}\n{AVERAGING}(model_fn, client_optimizer_fn=opt)"
    made, use = findings(text, "0.17.0")
    assert made.replacement == f"{SGDM}(learning_rate=0.1)"
    check(use, f"{WEIGHTED}(model_fn, client_optimizer_fn=opt)")


def test_names_that_mean_the_same_at_the_use_are_written() -> None:
    use = f"{AVERAGING}(model_fn, client_optimizer_fn=opt)"
    inner = f"def f(rate):\n    def opt():\n        return {K}.SGD(rate)\n    return {use}"
    expected = f"{WEIGHTED}(model_fn, client_optimizer_fn={SGDM}(learning_rate=rate))"
    check(of_use(AVERAGING, inner, "0.17.0"), expected)
    outer = f"rate = 0.1\ndef opt():\n    return {K}.SGD(rate)\ndef f():\n    return {use}"
    check(of_use(AVERAGING, outer, "0.17.0"), expected)
    hidden = f"rate = 0.1\ndef opt():\n    return {K}.SGD(rate)\ndef f(rate):\n    return {use}"
    assert "keras_optimizer(opt)" in of_use(AVERAGING, hidden, "0.17.0").replacement


@pytest.mark.parametrize(
    ("release", "optimizer", "expected"),
    [
        ("0.30.0", f"lambda: {K}.Adam(0.1)", f"{ADAM}(learning_rate=0.1)"),
        ("0.30.0", f"{K}.Adam", f"{ADAM}(learning_rate=0.001)"),
        # Since 2.11 these are others, which round otherwise than TFF's.
        ("0.48.0", f"lambda: {K}.Adam(0.1)", f"keras_optimizer(lambda: {K}.Adam(0.1))"),
        ("0.48.0", f"{K}.Adam", f"keras_optimizer({K}.Adam)"),
        ("0.48.0", f"{K}.RMSprop", f"keras_optimizer({K}.RMSprop)"),
        ("0.48.0", f"lambda: {K}.legacy.Adam(0.1)", f"{ADAM}(learning_rate=0.1)"),
        ("0.48.0", f"lambda: {K}.SGD(0.1)", f"{SGDM}(learning_rate=0.1)"),
        ("0.48.0", f"lambda: {K}.Adamax(0.1)", f"keras_optimizer(lambda: {K}.Adamax(0.1))"),
    ],
)
def test_optimizers_are_those_of_the_keras_of_the_release(
    release: str, optimizer: str, expected: str
) -> None:
    finding = of_use(WEIGHTED, f"{WEIGHTED}(m, client_optimizer_fn={optimizer})", release)
    check(finding, f"{WEIGHTED}(m, client_optimizer_fn={expected})")


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (f"lambda r: {K}.SGD(r)", f"lambda r: {SGDM}(learning_rate=r)"),
        (f"lambda r, b=2: {K}.Adam(r, b)", f"lambda r, b=2: {ADAM}(learning_rate=r, beta_1=b)"),
        (f"{K}.SGD", SGDM),
        (f"{K}.Adam", ADAM),
        (
            f"lambda r: {K}.Adamax(r)",
            "TFF has no optimizer that does what Adamax of Keras does; derive one from "
            "tff.learning.optimizers.Optimizer.",
        ),
        (
            f"lambda r: {K}.SGD(r, momentum=tf.Variable(0.1))",
            "the optimizers of TFF take numbers, no schedules, functions or variables; to change a "
            "rate by round there is "
            "tff.learning.algorithms.build_weighted_fed_avg_with_optimizer_schedule.",
        ),
        # Not where it stands: the rest of the function may need it as it is.
        ("f", "`client_optimizer_fn` has to give optimizers of tff.learning.optimizers."),
        ("g", "`client_optimizer_fn` has to give optimizers of tff.learning.optimizers."),
    ],
)
def test_a_function_of_a_rate_gives_optimizers_of_tff(optimizer: str, expected: str) -> None:
    text = (
        f"def f(r):\n    return {K}.SGD(r)\ng = lambda r: {K}.SGD(r)\n"
        f"{SCHEDULED}(m, client_learning_rate_fn=rate, client_optimizer_fn={optimizer})"
    )
    finding = of_use(SCHEDULED, text, "0.30.0")
    code = f"{SCHEDULED}(m, rate, client_optimizer_fn={expected})"
    check(finding, code if finding.replacement else expected)


def test_a_function_of_a_rate_that_gives_them_already_stays() -> None:
    for optimizer in (SGDM, f"lambda r: {SGDM}(r)", "unknown"):
        text = f"{SCHEDULED}(m, client_learning_rate_fn=rate, client_optimizer_fn={optimizer})"
        assert not findings(text, "0.30.0")
        server = of_use(SCHEDULED, f"{text[:-1]}, server_optimizer_fn={K}.SGD)", "0.30.0")
        if optimizer == SGDM:
            assert f"client_optimizer_fn={SGDM}, server" in server.replacement


@pytest.mark.parametrize(
    ("server", "state", "expected"),
    [
        ("", "optimizer_state", f"keras_optimizer(lambda: {K}.legacy.SGD(learning_rate=1.0))"),
        ("", "other_optimizer_state", ""),
        ("", "optimizer_state_of", ""),
        (
            f"lambda: {K}.SGD(1.0)",
            "optimizer_state",
            f"keras_optimizer(lambda: {K}.legacy.SGD(1.0))",
        ),
        (f"lambda: {K}.SGD(1.0)", "model", f"{SGDM}(learning_rate=1.0)"),
        (f"{SGDM}(1.0)", "optimizer_state", f"{SGDM}(1.0)"),
        ("None", "optimizer_state", "`server_optimizer_fn` is None."),
    ],
)
def test_the_servers_optimizer_stays_one_of_keras_where_its_state_is_read(
    server: str, state: str, expected: str
) -> None:
    given = f", server_optimizer_fn={server}" if server else ""
    use = f"{AVERAGING}(m, client_optimizer_fn={K}.SGD{given})"
    finding = of_use(AVERAGING, f"{use}\nprint(s.{state})", "0.17.0")
    client = f"{WEIGHTED}(m, client_optimizer_fn={SGDM}(learning_rate=0.01)"
    code = f"{client}, server_optimizer_fn={expected})" if expected else f"{client})"
    check(finding, code if finding.replacement else expected)


def test_the_rate_of_a_server_that_is_not_given_is_that_of_its_process() -> None:
    sgd = "tff.learning.build_federated_sgd_process"
    finding = of_use(sgd, f"{sgd}(m)\nprint(s.optimizer_state)", "0.17.0")
    optimizer = f"keras_optimizer(lambda: {K}.legacy.SGD(learning_rate=0.1))"
    check(finding, f"tff.learning.algorithms.build_fed_sgd(m, server_optimizer_fn={optimizer})")
    text = f"{WEIGHTED}(m, client_optimizer_fn={K}.SGD)\nprint(s.finalizer)"
    assert of_use(WEIGHTED, text, "0.48.0").replacement.endswith(
        f", server_optimizer_fn=keras_optimizer(lambda: {K}.SGD(learning_rate=1.0)))"
    )


# --- Keras models ---------------------------------------------------------------------------------

FROM_KERAS = "tff.learning.from_keras_model"
MODERN = "tff.learning.models.from_keras_model"
UNBUILT = "`keras_model` has to have its variables before it is called"
SPEC = (
    "tf.nest.map_structure(lambda t: tf.TensorSpec([None, *tf.convert_to_tensor(t).shape[1:]], "
    "tf.convert_to_tensor(t).dtype), {})"
)
ADDED = "the losses that layers add are part of what is minimized now"


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("'mse'", "tf.keras.losses.MeanSquaredError()"),
        ("'mae'", "tf.keras.losses.MeanAbsoluteError()"),
        ("'mean_squared_error'", "tf.keras.losses.MeanSquaredError()"),
        ("'mean_absolute_error'", "tf.keras.losses.MeanAbsoluteError()"),
        ("'binary_crossentropy'", "tf.keras.losses.BinaryCrossentropy()"),
        ("'categorical_crossentropy'", "tf.keras.losses.CategoricalCrossentropy()"),
        (
            "tf.keras.losses.sparse_categorical_crossentropy",
            "tf.keras.losses.SparseCategoricalCrossentropy()",
        ),
        ("tf.keras.losses.Hinge()", "tf.keras.losses.Hinge()"),
        ("[tf.keras.losses.Hinge()]", "[tf.keras.losses.Hinge()]"),
        ("l", "l"),
        ("lambda a, b: 1", "loss_of_function(lambda a, b: 1)"),
        ("'what'", "`loss` has to be a tf.keras.losses.Loss."),
        ("tf.keras.losses.hinge", "`loss` has to be a tf.keras.losses.Loss."),
        ("Mine", "`loss` has to be a tf.keras.losses.Loss."),
        ("Mine()", "Mine()"),
        (
            "{'a': tf.keras.losses.Hinge()}",
            "[{'a': tf.keras.losses.Hinge()}[name] for name in k.output_names]",
        ),
        ("{'a': tf.keras.losses.mse}", "`loss` has to hold objects of tf.keras.losses."),
        ("{'a': 'mse'}", "`loss` has to hold objects of tf.keras.losses."),
        ("['mse']", "`loss` has to hold objects of tf.keras.losses."),
        ("[lambda a, b: 1]", "`loss` has to hold objects of tf.keras.losses."),
    ],
)
def test_losses_are_objects_of_keras(loss: str, expected: str) -> None:
    text = (
        f"class Mine(tf.keras.losses.Loss):\n    pass\n{FROM_KERAS}(k, loss={loss}, input_spec=s)"
    )
    (finding,) = findings(text, "0.13.1")
    code = f"{MODERN}(k, loss={expected}, input_spec=s)"
    check(finding, code if finding.replacement else expected, note=UNBUILT)


def test_a_loss_that_is_a_function_or_an_object_stays() -> None:
    text = f"loss = lambda a, b: 1\nif c:\n    loss = tf.keras.losses.Hinge()\n{FROM_KERAS}"
    (finding,) = findings(f"{text}(k, loss=loss, input_spec=s)", "0.13.1")
    check(finding, f"{MODERN}(k, loss=loss, input_spec=s)", note=UNBUILT)


@pytest.mark.parametrize(
    ("model", "weights", "expected", "name"),
    [
        ("k", "[1.0]", "[1.0]", ""),
        ("k", "w", "w", ""),
        ("k", "{'a': 1.0}", "[{'a': 1.0}[name] for name in k.output_names]", ""),
        (
            "k()",
            "{'a': 1.0}",
            "[{'a': 1.0}[name] for name in keras_model.output_names]",
            "keras_model",
        ),
        # What is no name, call or display stands in parentheses.
        ("k", "V[0]", "[(V[0])[name] for name in k.output_names]", ""),
    ],
)
def test_what_is_given_by_the_names_of_outputs_is_given_in_their_order(
    model: str, weights: str, expected: str, name: str
) -> None:
    text = (
        f"V = [{{'a': 1.0}}]\n{FROM_KERAS}({model}, loss=l, input_spec=s, loss_weights={weights})"
    )
    (finding,) = findings(text, "0.13.1")
    named = f"({name} := {model})" if name else model
    code = f"{MODERN}({named}, loss=l, input_spec=s, loss_weights={expected})"
    check(finding, code, note=UNBUILT)
    if name:
        other = of_use(FROM_KERAS, f"keras_model = tf.zeros(1)\n{text}", "0.13.1")
        assert "made_keras_model := k()" in other.replacement
        assert "in made_keras_model.output_names" in other.replacement


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{'x': tf.TensorSpec([None], tf.float32)}", ""),
        ("tf.float32", ""),
        ("spec", ""),
        ("{'x': tf.float32}", "`input_spec` has to hold tf.TensorSpec in the place of dtypes."),
        ("[('x', [tf.int32])]", "`input_spec` has to hold tf.TensorSpec in the place of dtypes."),
        ("{'x': [1, d]}", ""),
    ],
)
def test_specs_hold_no_dtypes(spec: str, expected: str) -> None:
    (finding,) = findings(f"{FROM_KERAS}(k, loss=l, input_spec={spec})", "0.13.1")
    check(finding, expected or f"{MODERN}(k, loss=l, input_spec={spec})", note=UNBUILT)


@pytest.mark.parametrize(
    ("batch", "holds_lists"),
    [
        ("d", False),
        ("np.zeros([1])", False),
        ("({'x': 1.0}, 2.0)", False),
        ("[[1.0]]", True),
        ("{'x': [1.0]}", True),
        ("({'x': ([1],)}, 2.0)", True),
    ],
)
def test_the_spec_is_made_of_a_batch(batch: str, holds_lists: bool) -> None:
    (finding,) = findings(f"{FROM_KERAS}(k, dummy_batch={batch}, loss=l)", "0.9.0")
    spec = f"spec_of_batches({batch})" if holds_lists else SPEC.format(batch)
    check(finding, f"{MODERN}(k, loss=l, input_spec={spec})", note=UNBUILT)


DENSE = "tf.keras.layers.Dense(1{})"


@pytest.mark.parametrize(
    ("model", "added", "is_built"),
    [
        ("tf.keras.Model(i, o)", "", True),
        ("tf.keras.Model(inputs=i, outputs=o)", "", True),
        ("tf.keras.Model()", "", False),
        ("tf.keras.Sequential()", "", False),
        ("tf.keras.Sequential(layers)", "", False),
        ("tf.keras.Sequential([])", "", False),
        ("tf.keras.Sequential", "", False),
        (f"tf.keras.Sequential([{DENSE.format('')}])", "", False),
        (f"tf.keras.Sequential([{DENSE.format(', input_shape=(2,)')}])", "", True),
        ("tf.keras.Sequential([tf.keras.layers.InputLayer((2,))])", "", True),
        ("tf.keras.Sequential([tf.keras.Input((2,))])", "", True),
        ("tf.keras.Sequential([tf.keras.layers.Embedding(2, 3, input_length=4)])", "", True),
        ("tf.keras.Sequential([mine()])", "", False),
        (
            "tf.keras.Sequential()",
            f"model.add({DENSE.format(', input_dim=2')})\nmodel.add({DENSE.format('')})",
            True,
        ),
        (
            "tf.keras.Sequential()",
            f"model.add({DENSE.format('')})\nmodel.add({DENSE.format(', input_dim=2')})",
            False,
        ),
        ("tf.keras.Sequential()", f"other.add({DENSE.format(', input_dim=2')})", False),
        ("tff.simulation.models.mnist.create_keras_model()", "", True),
        ("tff.simulation.models.mnist.other()", "", False),
        ("tf.keras.Other()", "", False),
        ("tf.keras.Model(i, o) if c else tf.keras.Model()", "", False),
    ],
)
def test_a_model_has_to_be_built(model: str, added: str, is_built: bool) -> None:
    text = f"model = {model}\n{added}\n{FROM_KERAS}(model, loss=l, input_spec=s)"
    finding = of_use(FROM_KERAS, text, "0.16.0")
    code = f"{MODERN}(model, loss=l, input_spec=s)"
    check(finding, code, note="" if is_built else UNBUILT)


@pytest.mark.parametrize("adds", ["regularizer = r", "model.add_loss(1)"])
def test_losses_of_layers_count_since_0_16(adds: str) -> None:
    text = f"model = tf.keras.Model(i, o)\n{adds}\n{FROM_KERAS}(model, loss=l, input_spec=s)"
    code = f"{MODERN}(model, loss=l, input_spec=s)"
    check(of_use(FROM_KERAS, text, "0.15.0"), code, note=ADDED)
    check(of_use(FROM_KERAS, text, "0.16.0"), code)


def test_a_model_of_a_class_of_the_program_is_called_on_zeros() -> None:
    head = "class M(tf.keras.Model):\n    pass\n"
    (found,) = findings(f"{head}{FROM_KERAS}(M(), loss=l, input_spec=s)", "0.13.1")
    check(found, f"{MODERN}(called_on_zeros(M(), s), loss=l, input_spec=s)")
    spec = SPEC.format("d")
    for given in ("dummy_batch=d", "input_spec=None, dummy_batch=d"):
        (found,) = findings(f"{head}{FROM_KERAS}(M(), loss=l, {given})", "0.13.1")
        check(found, f"{MODERN}(called_on_zeros(M(), {spec}), loss=l, input_spec={spec})")
    (found,) = findings(f"{head}{FROM_KERAS}(M(), loss=l, input_spec=None)", "0.13.1")
    check(
        found,
        "`keras_model` gets its variables when it is called: call it on a batch first.",
    )


COMPILED = """
def model_fn():
    model = tf.keras.Sequential()
    {}
    return tff.learning.from_compiled_keras_model(model, b)
process = tff.learning.build_federated_averaging_process(model_fn)
"""
TRAINER = "the optimizer that the model of `model_fn` trains itself with belongs here."


@pytest.mark.parametrize(
    ("arguments", "model", "optimizer"),
    [
        (f"{K}.SGD(0.1), 'mse'", "loss=L()", f"{SGDM}(learning_rate=0.1)"),
        (f"loss='mse', optimizer={K}.SGD(0.1)", "loss=L()", f"{SGDM}(learning_rate=0.1)"),
        ("'sgd', 'mse', [M()]", "loss=L(), metrics=[M()]", f"{SGDM}(learning_rate=0.01)"),
        ("'adam', 'mse', (M(),)", "loss=L(), metrics=(M(),)", f"{ADAM}(learning_rate=0.001)"),
        (
            "'adagrad', 'mse', M(), [1.0]",
            "loss=L(), metrics=M(), loss_weights=[1.0]",
            "tff.learning.optimizers.build_adagrad(learning_rate=0.001)",
        ),
        (
            "'rmsprop', loss=lambda a, b: 1.0, loss_weights=[1.0]",
            "loss=loss_of_function(lambda a, b: 1.0), loss_weights=[1.0]",
            "tff.learning.optimizers.build_rmsprop(learning_rate=0.001)",
        ),
        (f"{K}.Adamax(1), l", "loss=l", f"keras_optimizer(lambda: {K}.legacy.Adamax(1))"),
    ],
)
def test_what_a_model_was_compiled_with_is_given_to_tff(
    arguments: str, model: str, optimizer: str
) -> None:
    text = COMPILED.format(f"model.compile({arguments})")
    made, process = findings(text, "0.9.0")
    inner = "(lambda model: tf.keras.Model(model.inputs, model.outputs))(model)"
    given = model.replace("L()", "tf.keras.losses.MeanSquaredError()")
    code = f"{MODERN}({inner}, {given}, input_spec={SPEC.format('b')})"
    check(made, code if made.replacement else model, note=UNBUILT)
    code = f"{WEIGHTED}(model_fn, client_optimizer_fn={optimizer})"
    check(process, code if process.replacement else optimizer)


AT_RUN_TIME = "optimizer_of_model(model_fn)"


@pytest.mark.parametrize(
    ("compiled", "optimizer"),
    [
        (f"model.compile({K}.SGD(tf.Variable(1)), l)", AT_RUN_TIME),
        ("model.compile('what', l)", AT_RUN_TIME),
        ("model.compile(opt, l)", AT_RUN_TIME),
        ("model.compile(loss=l)", AT_RUN_TIME),
        ("model.compile('sgd')", f"{SGDM}(learning_rate=0.01)"),
        ("model.compile('sgd', l, other=1)", f"{SGDM}(learning_rate=0.01)"),
        ("model.compile('sgd', l, ['accuracy'])", f"{SGDM}(learning_rate=0.01)"),
        ("model.compile('sgd', l, 'accuracy')", f"{SGDM}(learning_rate=0.01)"),
        ("", AT_RUN_TIME),
        ("model.compile('sgd', l)\n    model.compile('adam', l)", AT_RUN_TIME),
    ],
)
def test_what_the_source_does_not_say_a_compiled_model_is_asked_for(
    compiled: str, optimizer: str
) -> None:
    made, process = findings(COMPILED.format(compiled), "0.9.0")
    check(made, "from_compiled_keras_model(model, b)")
    check(process, f"{WEIGHTED}(model_fn, client_optimizer_fn={optimizer})")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (f"k, loss=l, dummy_batch=b, optimizer={K}.SGD(0.3)", f"{SGDM}(learning_rate=0.3)"),
        (f"k, b, l, None, None, {K}.SGD(0.3)", f"{SGDM}(learning_rate=0.3)"),
        ("k, b, l", TRAINER),
        ("k, b, l, None, None", TRAINER),
        ("k, b, l, None, None, opt", AT_RUN_TIME),
        ("*a", TRAINER),
    ],
)
def test_a_model_says_how_it_trains(arguments: str, expected: str) -> None:
    text = f"def model_fn():\n    return {FROM_KERAS}({arguments})\n{AVERAGING}(model_fn)"
    finding = of_use(AVERAGING, text, "0.11.0")
    code = f"{WEIGHTED}(model_fn, client_optimizer_fn={expected})"
    check(finding, code if finding.replacement else expected)


def test_the_one_of_several_models_is_asked_how_it_trains() -> None:
    made = f"{FROM_KERAS}(k, b, l, optimizer={K}.SGD({{}}))"
    text = (
        "def model_fn():\n    if c:\n"
        f"        return {made.format(1)}\n    return {made.format(2)}\n"
        f"{AVERAGING}(model_fn)"
    )
    code = f"{WEIGHTED}(model_fn, client_optimizer_fn={AT_RUN_TIME})"
    check(of_use(AVERAGING, text, "0.11.0"), code)


@pytest.mark.parametrize("given", ["M", "lambda: M()", "model_fn", "derived"])
@pytest.mark.parametrize("method", ["train_on_batch", "other"])
def test_a_model_of_the_program_may_train_itself(given: str, method: str) -> None:
    text = (
        f"class M(tff.learning.TrainableModel):\n    def {method}(self, b):\n        return 1\n"
        f"class D(M):\n    pass\ndef model_fn():\n    return M()\ndef derived():\n    return D()\n"
        f"{AVERAGING}({given})"
    )
    finding = of_use(AVERAGING, text, "0.11.0")
    if method == "other":
        check(finding, TRAINER)
    else:
        assert finding.replacement == f"averaging_process({given}, client_optimizer=None)"


def test_one_model_of_several_that_trains_itself_is_not_enough() -> None:
    text = (
        "class M(tff.learning.TrainableModel):\n    def train_on_batch(self, b): ...\n"
        "class D(tff.learning.TrainableModel):\n    pass\n"
        "def model_fn():\n    if c:\n        return M()\n    return D()\n"
    )
    check(of_use(AVERAGING, f"{text}{AVERAGING}(model_fn)", "0.11.0"), TRAINER)
    one_class = f"model_fn = M\nif c:\n    model_fn = D\n{AVERAGING}(model_fn)"
    check(of_use(AVERAGING, f"{text}{one_class}", "0.11.0"), TRAINER)


# --- Other arguments ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "is_constant"),
    [
        ("lambda o: 1.0", True),
        ("lambda o: tf.constant(2)", True),
        ("def w(o):\n    'Doc.'\n    return 1.0", True),
        ("lambda o: 0", False),
        ("lambda o: tf.constant(0.0)", False),
        ("lambda o: tf.reduce_sum(1.0)", False),
        ("lambda o: tf.constant()", False),
        ("lambda o: o", False),
        ("lambda o: 'x'", False),
        ("def w(o):\n    x = 1\n    return 1.0", False),
        ("def w(o):\n    return o", False),
        ("def w(o):\n    x = 1", False),
        ("w = unknown", False),
    ],
)
def test_a_constant_weight_is_uniform(weight: str, is_constant: bool) -> None:
    head, given = ("", weight) if weight.startswith("lambda") else (f"{weight}\n", "w")
    text = f"{head}{AVERAGING}(m, client_optimizer_fn={K}.SGD, client_weight_fn={given})"
    finding = of_use(AVERAGING, text, "0.17.0")
    client = f"{WEIGHTED}(m, client_optimizer_fn={SGDM}(learning_rate=0.01)"
    if is_constant:
        check(finding, f"{client}, client_weighting=tff.learning.ClientWeighting.UNIFORM)")
    else:
        assert finding.replacement.endswith(f", client_weight_fn={given})")
        assert finding.kind == "review"


def test_a_weighting_of_tff_stays() -> None:
    uniform = "tff.learning.ClientWeighting.UNIFORM"
    text = f"{AVERAGING}(m, client_optimizer_fn={K}.SGD, client_weighting={uniform})"
    assert f"client_weighting={uniform})" in of_use(AVERAGING, text, "0.20.0").replacement


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("True", "{iterator}"),
        ("False", "{reduce}"),
        ("None", "{reduce}"),
        ("1", "{iterator}"),
        ("x", "{iterator} if x else {reduce}"),
        ("x if y else z", "{iterator} if (x if y else z) else {reduce}"),
    ],
)
def test_how_data_is_read_is_a_loop_implementation(loop: str, expected: str) -> None:
    evaluation = "tff.learning.build_federated_evaluation"
    (finding,) = findings(f"{evaluation}(m, use_experimental_simulation_loop={loop})", "0.20.0")
    kinds = "tff.learning.LoopImplementation.DATASET_"
    given = expected.format(iterator=f"{kinds}ITERATOR", reduce=f"{kinds}REDUCE")
    check(finding, f"tff.learning.algorithms.build_fed_eval(m, loop_implementation={given})")


@pytest.mark.parametrize(("given", "expected"), [("", ""), ("None", ""), ("c", "c")])
def test_no_context_is_the_local_one(given: str, expected: str) -> None:
    (finding,) = findings(f"tff.framework.set_default_executor({given})", "0.11.0")
    local = "tff.backends.native.create_sync_local_cpp_execution_context()"
    check(finding, f"tff.framework.set_default_context({expected or local})")


def test_client_data_of_a_function_stays_so() -> None:
    path = "tff.simulation.ClientData.from_clients_and_fn"
    check(of_use(path, f"{path}(ids, f)", "0.17.0"), "client_data_of_function(ids, f)")
    check(of_use(path, f"make = {path}", "0.17.0"), "client_data_of_function")


@pytest.mark.parametrize("aggregator", ["tff.learning.metrics.sum_then_finalize", "None", "f"])
def test_metrics_are_aggregated_by_their_finalizers_alone(aggregator: str) -> None:
    text = f"{WEIGHTED}(m, client_optimizer_fn={K}.SGD, metrics_aggregator={aggregator})"
    client = f"{WEIGHTED}(m, client_optimizer_fn={SGDM}(learning_rate=0.01)"
    expected = {
        "None": f"{client})",
        "f": "`metrics_aggregator` has to take the finalizers of the metrics alone.",
    }
    code = f"{client}, metrics_aggregator={aggregator})"
    check(of_use(WEIGHTED, text, "0.85.0"), expected.get(aggregator, code))


@pytest.mark.parametrize("method", ["federated_output_computation", "other"])
def test_outputs_that_models_aggregate_themselves_are_aggregated_so(method: str) -> None:
    text = (
        f"class M(tff.learning.Model):\n    def {method}(self):\n        return 1\n"
        "tff.learning.build_federated_evaluation(M)\n"
        f"{AVERAGING}(M, client_optimizer_fn={K}.SGD)"
    )
    evaluation = of_use("tff.learning.build_federated_evaluation", text, "0.13.1").replacement
    process = of_use(AVERAGING, text, "0.13.1").replacement
    outputs = method != "other"
    assert evaluation.endswith(
        "(M, metrics_aggregation_process=aggregation_of_outputs(M))" if outputs else "eval(M)"
    )
    assert process.endswith(", metrics_aggregator=aggregate_outputs)") is outputs


STATE = f"""
def model_fn():
    return {FROM_KERAS}(k, b, l, None, None, {K}.SGD(0.3))
def get():
    return model_fn
def run(make):
    process = {AVERAGING}({{}})
    return process.initialize()
run(model_fn).model.trainable.keys()
"""


@pytest.mark.parametrize(
    ("model_fn", "problem"),
    [
        ("model_fn", ""),
        ("lambda: model_fn()", ""),
        ("get()", "`model_fn` has no name by which it is known here."),
        ("make", "`make` is not known where the code would stand."),
        ("lambda: make()", "`make` is not known where the code would stand."),
    ],
)
def test_what_made_an_object_is_named_where_its_members_are_used(
    model_fn: str, problem: str
) -> None:
    finding = findings(STATE.format(model_fn), "0.11.0")[-1]
    weights = "run(model_fn).global_model_weights.trainable"
    check(finding, problem or f"named_weights({model_fn}, 'trainable_variables', {weights}).keys()")


def test_parameters_of_a_lambda_are_its_own() -> None:
    text = STATE.format("lambda make=model_fn: make()")
    assert "named_weights(lambda make=model_fn: make()" in findings(text, "0.11.0")[-1].replacement


def test_each_derivation_that_is_declared_is_known_and_used() -> None:
    holes = {
        hole.derivation
        for entry in (*index.every(), *index.members())
        for each in (entry.modern, *entry.cases.values())
        for hole in each.holes
    }
    assert holes - {""} == set(derivations.NAMES)
    assert all(hasattr(Deriver, f"_{name}") for name in derivations.NAMES)
