"""Keras and TF1 optimizers: their state, steps and errors, and the code that replaces them."""

from __future__ import annotations

import ast
import warnings

import numpy as np
import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

from tff_compat.adapters.learning import optimizers  # noqa: E402
from tff_compat.declared.replacement import NotWritable  # noqa: E402
from tff_compat.source import keras_optimizers, kinds  # noqa: E402

legacy = tf.keras.optimizers.legacy
new = tf.keras.optimizers.experimental
v1 = tf.compat.v1.train

KERNEL = np.array([[1.0], [-2.0]], np.float32)
BIAS = np.array([0.5], np.float32)
# Large against every epsilon, so that where an epsilon stands does not matter.
GRADIENTS = [
    ([[0.5], [-1.0]], [2.0]),
    ([[-0.25], [-1.5]], [0.5]),
    ([[1.0], [0.75]], [-1.0]),
]


class Halving(legacy.SGD):
    """A user's optimizer that steps half as far."""

    def _resource_apply_dense(self, grad, var, apply_state=None):
        return super()._resource_apply_dense(grad / 2.0, var, apply_state)


class NewHalving(new.SGD):
    """The same for the Keras of TensorFlow 2.11 on."""

    def update_step(self, gradient, variable):
        super().update_step(gradient / 2.0, variable)


def _schedule():
    return tf.keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)


# The optimizer, and what TFF carried of it for a kernel and a bias: Keras in the order of the
# weights, TF1 in the order of their names.
STATES = {
    "legacy SGD": (lambda: legacy.SGD(0.1), "iteration"),
    "legacy SGD, lr": (lambda: legacy.SGD(lr=0.1), "iteration"),
    "legacy SGD, decay": (lambda: legacy.SGD(lr=0.1, decay=0.5), "iteration"),
    "legacy SGD, momentum": (lambda: legacy.SGD(0.1, momentum=0.9), "iteration kernel bias"),
    "legacy SGD, nesterov": (
        lambda: legacy.SGD(0.1, momentum=0.9, nesterov=True),
        "iteration kernel bias",
    ),
    "legacy SGD, clipnorm": (lambda: legacy.SGD(0.1, clipnorm=0.5), "iteration"),
    "legacy SGD, clipvalue": (lambda: legacy.SGD(0.1, clipvalue=0.5), "iteration"),
    "legacy SGD, schedule": (lambda: legacy.SGD(_schedule()), "iteration"),
    "legacy Adam": (lambda: legacy.Adam(0.1), "iteration kernel bias kernel bias"),
    "legacy Adam, amsgrad": (
        lambda: legacy.Adam(0.1, amsgrad=True),
        "iteration kernel bias kernel bias kernel bias",
    ),
    "legacy Adagrad": (lambda: legacy.Adagrad(0.1), "iteration kernel bias"),
    "legacy RMSprop": (lambda: legacy.RMSprop(0.1), "iteration kernel bias"),
    "legacy RMSprop, momentum": (
        lambda: legacy.RMSprop(0.1, momentum=0.5),
        "iteration kernel bias kernel bias",
    ),
    "legacy subclass": (lambda: Halving(0.1), "iteration"),
    "new SGD": (lambda: new.SGD(0.1), "iteration kernel bias"),
    "new SGD, clipnorm": (lambda: new.SGD(0.1, clipnorm=0.5), "iteration kernel bias"),
    "new SGD, weight decay": (lambda: new.SGD(0.1, weight_decay=0.1), "iteration kernel bias"),
    "new SGD, momentum": (lambda: new.SGD(0.1, momentum=0.9), "iteration kernel bias"),
    "new SGD, schedule": (lambda: new.SGD(_schedule()), None),
    "new Adam": (lambda: new.Adam(0.1), "iteration kernel kernel bias bias"),
    "new AdamW": (lambda: new.AdamW(0.1, weight_decay=0.1), None),
    "new Adagrad": (lambda: new.Adagrad(0.1), None),
    "new RMSprop": (lambda: new.RMSprop(0.1), None),
    "new subclass": (lambda: NewHalving(0.1), "iteration kernel bias"),
    "TF1 gradient descent": (lambda: v1.GradientDescentOptimizer(0.1), ""),
    "TF1 momentum": (lambda: v1.MomentumOptimizer(0.1, 0.9), "bias kernel"),
    "TF1 nesterov": (lambda: v1.MomentumOptimizer(0.1, 0.9, use_nesterov=True), "bias kernel"),
    "TF1 Adagrad": (lambda: v1.AdagradOptimizer(0.1), "bias kernel"),
    "TF1 Adam": (lambda: v1.AdamOptimizer(0.1), "power power bias bias kernel kernel"),
}
SHAPES = {"iteration": (), "power": (), "kernel": (2, 1), "bias": (1,)}


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def stepped_eagerly(optimizer):
    kernel, bias = tf.Variable(KERNEL), tf.Variable(BIAS)
    for gradients in GRADIENTS:
        pairs = [(tf.constant(g), v) for g, v in zip(gradients, (kernel, bias))]
        optimizer.apply_gradients(pairs)
    return [kernel.numpy(), bias.numpy()]


def stepped_in_tff(optimizer):
    """The weights after each step is a call of a computation of its own, as in rounds."""
    specs = [tf.TensorSpec([2, 1]), tf.TensorSpec([1])]
    weights_type = tff.types.tensorflow_to_type(specs)

    @tff.tensorflow.computation
    def initialize():
        return optimizer.initialize(specs)

    @tff.tensorflow.computation(initialize.type_signature.result, weights_type, weights_type)
    def step(state, weights, gradients):
        return optimizer.next(state, list(weights), list(gradients))

    state, weights = initialize(), [KERNEL, BIAS]
    for gradients in GRADIENTS:
        state, weights = step(state, weights, [np.array(g, np.float32) for g in gradients])
    return list(weights)


def assert_close(actual, expected):
    for one, other in zip(actual, expected):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name, (_, state) in STATES.items() if state is not None])
def test_state(name):
    make, expected = STATES[name]
    shapes = []

    @tff.tensorflow.computation
    def state():
        with tf.init_scope():
            optimizer = optimizers.keras_optimizer(make)
            weights = [tf.Variable(KERNEL, name="kernel"), tf.Variable(BIAS, name="bias")]
            optimizer.create_variables(weights)
        shapes.extend(tuple(variable.shape) for variable in optimizer.variables)
        return 0

    assert shapes == [SHAPES[kind] for kind in expected.split()]


@pytest.mark.parametrize("name", STATES)
def test_steps_are_those_of_the_optimizer(name):
    make, _ = STATES[name]
    assert_close(stepped_in_tff(optimizers.as_tff_optimizer(make)), stepped_eagerly(make()))


@pytest.mark.parametrize(
    ("module", "code"),
    [
        (legacy, "SGD(0.1)"),
        (legacy, "SGD(lr=0.1, momentum=0.9)"),
        (legacy, "Adam(0.1)"),
        (legacy, "Adagrad(0.1)"),
        (legacy, "RMSprop(0.1)"),
        (new, "SGD(0.1, momentum=0.9)"),
        (new, "Adam(learning_rate=0.1, beta_1=0.8)"),
        (new, "Adagrad(0.1)"),
        (new, "RMSprop(0.1, rho=0.8)"),
        (v1, "GradientDescentOptimizer(0.1)"),
        (v1, "MomentumOptimizer(0.1, 0.9)"),
    ],
)
def test_code_that_is_derived_does_the_same(module, code):
    call = ast.parse(code, mode="eval").body
    name = call.func.id
    found = kinds.KerasOptimizer(name, f"tensorflow.keras.optimizers.{name}", call, object())
    derived = keras_optimizers.modern_optimizer(found, lambda node, unit: ast.unparse(node))
    made = stepped_eagerly(eval(code, vars(module)))
    assert_close(stepped_in_tff(eval(derived, {"tff": tff})), made)


@pytest.mark.parametrize(
    "code",
    [
        "SGD(0.1, momentum=0.9, nesterov=True)",
        "SGD(0.1, clipnorm=0.5)",
        "SGD(0.1, decay=0.5)",
        "SGD(0.1, weight_decay=0.1)",
        "Adam(0.1, amsgrad=True)",
        "RMSprop(0.1, momentum=0.5)",
        "Halving(0.1)",
    ],
)
def test_nothing_is_derived_without_a_counterpart(code):
    call = ast.parse(code, mode="eval").body
    name = call.func.id
    found = kinds.KerasOptimizer(name, f"tensorflow.keras.optimizers.{name}", call, object())
    with pytest.raises(NotWritable):
        keras_optimizers.modern_optimizer(found, lambda node, unit: ast.unparse(node))


def test_tff_optimizer_stays_as_it_is():
    modern = tff.learning.optimizers.build_adam(0.1)
    assert optimizers.as_tff_optimizer(modern) is modern


@pytest.mark.parametrize("name", ["legacy SGD", "legacy Adam", "new SGD", "TF1 momentum"])
def test_gradient_that_is_none_leaves_its_weight(name):
    make, _ = STATES[name]
    kernel, bias = tf.Variable(KERNEL), tf.Variable(BIAS)
    optimizer = optimizers.keras_optimizer(make)
    optimizer.create_variables([kernel, bias])

    tf.function(optimizer.apply_gradients)([(tf.ones([2, 1]), kernel), (None, bias)])

    assert (kernel.numpy() < KERNEL).all()
    np.testing.assert_array_equal(bias.numpy(), BIAS)


def test_function_is_asked_for_not_an_optimizer():
    for take in (optimizers.keras_optimizer, optimizers.as_tff_optimizer):
        with pytest.raises(TypeError, match="the optimizer SGD itself"):
            take(legacy.SGD(0.1))
        with pytest.raises(TypeError, match="found str"):
            take("sgd")
    with pytest.raises(TypeError, match="returns float"):
        optimizers.keras_optimizer(lambda: 0.1)
    # An optimizer's class itself is a function that makes one.
    assert optimizers.keras_optimizer(legacy.SGD).variables == []
