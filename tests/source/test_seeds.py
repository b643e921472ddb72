"""What `check` finds of seeds that other values come of now."""

from __future__ import annotations

import pytest

from tests.source.test_findings import check, upgrade

SEEDED = "tf.random.set_seed(7)\n{}\n"
FOLLOWED = "seeding(tf.random.set_seed)(7)"


@pytest.mark.parametrize("drawn", ["tf.keras.layers.Dense(2)", "tf.keras.initializers.Zeros()"])
def test_seeds_that_initial_values_follow_are_for_review(drawn: str) -> None:
    (finding,) = check(SEEDED.format(drawn), "0.34.0")
    assert (finding.code, finding.kind, finding.replacement) == ("TFF406", "review", FOLLOWED)


@pytest.mark.parametrize(
    ("release", "drawn"),
    [("0.48.0", "tf.keras.layers.Dense(2)"), ("0.34.0", "tf.random.normal([])")],
)
def test_other_seeds_hold(release: str, drawn: str) -> None:
    assert check(SEEDED.format(drawn), release) == []


@pytest.mark.parametrize(
    ("release", "setter", "now"),
    [
        ("0.9.0", "tf.compat.v1.set_random_seed", "tf.random.set_seed"),
        ("0.4.0", "tf.set_random_seed", "tf.random.set_seed"),
        ("0.34.0", "tf.keras.utils.set_random_seed", "tf.keras.utils.set_random_seed"),
    ],
)
def test_seeds_are_set_as_now(release: str, setter: str, now: str) -> None:
    written = upgrade(f"{setter}(7)\ntf.keras.layers.Dense(2)\n", release, unsafe=True)
    assert f"seeding({now})(7)\n" in written


def test_a_seed_of_all_is_of_a_later_time() -> None:
    assert check("tf.keras.utils.set_random_seed(7)\ntf.keras.layers.Dense(2)\n", "0.19.0") == []


@pytest.mark.parametrize(
    ("call", "now"),
    [
        (
            "tf.keras.initializers.RandomNormal(0.0, 0.1, seed=5)",
            "drawing_on(tf.keras.initializers.RandomNormal, 0.0, 0.1, seed=5)",
        ),
        (
            "tf.keras.initializers.RandomUniform(-1.0, 1.0, 3)",
            "drawing_on(tf.keras.initializers.RandomUniform, -1.0, 1.0, 3)",
        ),
        (
            "tf.keras.initializers.VarianceScaling(1.0, 'fan_in', 'normal', 3)",
            "drawing_on(tf.keras.initializers.VarianceScaling, 1.0, 'fan_in', 'normal', 3)",
        ),
        (
            "tf.keras.initializers.Orthogonal(1.0, 3)",
            "drawing_on(tf.keras.initializers.Orthogonal, 1.0, 3)",
        ),
        (
            "tf.keras.initializers.HeNormal(3)",
            "drawing_on(tf.keras.initializers.HeNormal, 3)",
        ),
        (
            "tf.initializers.glorot_uniform(seed=seed)",
            "drawing_on(tf.initializers.glorot_uniform, seed=seed)",
        ),
    ],
)
def test_initializers_with_a_seed_draw_on(call: str, now: str) -> None:
    written = upgrade(f"drawn = {call}\n", "0.34.0")
    assert f"drawn = {now}\n" in written
    assert "def drawing_on(initializer, *args, **kwargs):" in written


@pytest.mark.parametrize(
    ("release", "call"),
    [
        # They drew the same each time, as they do now.
        ("0.19.0", "tf.keras.initializers.RandomNormal(seed=5)"),
        ("0.36.0", "tf.keras.initializers.RandomNormal(seed=5)"),
        ("0.34.0", "tf.keras.initializers.RandomNormal(seed=None)"),
        ("0.34.0", "tf.keras.initializers.RandomNormal(0.0, 0.1)"),
        ("0.34.0", "tf.keras.initializers.Constant(5)"),
    ],
)
def test_other_initializers_stay(release: str, call: str) -> None:
    assert check(f"initializer = {call}\n", release) == []


@pytest.mark.parametrize(
    "call",
    [
        "tf.keras.layers.Dropout(0.5, seed=1)",
        "tf.keras.layers.Dropout(0.5, None, 1)",
        "tf.keras.layers.AlphaDropout(rate=0.5, seed=seed)",
        "tf.compat.v1.keras.layers.SpatialDropout1D(0.5, seed=1)",
    ],
)
def test_layers_draw_from_their_very_seed_before_tensorflow_2_8(call: str) -> None:
    source = f"layer = {call}\n"
    written = upgrade(source, "0.19.0")
    assert f"layer = with_its_seed({call})\n" in written
    assert "def with_its_seed(layer):" in written
    assert check(source, "0.20.0") == []
    assert check("layer = tf.keras.layers.Dropout(0.5)\n", "0.19.0") == []


SEEDED_OPERATIONS = [
    "tf.random.uniform([2], seed=1)",
    "tf.compat.v1.random_normal([2], seed=1)",
    "tf.random_shuffle(x, seed=SEED)",
    "tf.nn.dropout(x, rate=0.5, seed=1)",
    "tf.compat.v1.initializers.glorot_uniform(seed=1)([2])",
    "tf.compat.v1.random_uniform_initializer(0.0, 1.0, 1)([2])",
]
IN_COMPUTATION = "@tff.tf_computation\ndef draw():\n  return {}\n"
IN_FUNCTION = "def draw():\n  return {}\n"


def of_seeds(source: str, release: str) -> list[tuple[str, str]]:
    """The kinds of what is found of seeds, and what is written."""
    found = [each for each in check(source, release) if each.code == "TFF406"]
    return [(each.kind, each.replacement) for each in found]


@pytest.mark.parametrize("call", SEEDED_OPERATIONS)
def test_operations_in_computations_begin_anew(call: str) -> None:
    ((kind, code),) = of_seeds(IN_COMPUTATION.format(call), "0.12.0")
    now = call.replace("tf.random_shuffle", "tf.compat.v1.random_shuffle")
    assert (kind, code) == ("exact", f"drawn_anew(lambda: {now})")
    assert of_seeds(f"tff.tf_computation(lambda x: {call}, tf.float32)", "0.12.0") == [(kind, code)]


@pytest.mark.parametrize("call", SEEDED_OPERATIONS)
def test_operations_in_other_functions_are_for_review(call: str) -> None:
    for source in (IN_FUNCTION.format(call), f"draw = lambda: {call}", f"use(lambda: {call})"):
        ((kind, code),) = of_seeds(source, "0.12.0")
        assert (kind, code[:19]) == ("review", "drawn_anew(lambda: ")


def test_what_repeats_an_operation_begins_anew_as_a_whole() -> None:
    call = "tf.map_fn(lambda i: tf.random.uniform([], seed=1), tf.range(3))"
    written = [("exact", f"drawn_anew(lambda: {call})")]
    assert of_seeds(IN_COMPUTATION.format(call), "0.12.0") == written
    named = call.replace("lambda i", "fn=lambda i").replace("tf.range(3)", "elems=tf.range(3)")
    written = [("exact", f"drawn_anew(lambda: {named})")]
    assert of_seeds(IN_COMPUTATION.format(named), "0.12.0") == written


@pytest.mark.parametrize("call", SEEDED_OPERATIONS)
@pytest.mark.parametrize("source", [IN_FUNCTION, IN_COMPUTATION])
def test_operations_that_went_on_at_each_client_are_told(source: str, call: str) -> None:
    found = check(source.format(call), "0.40.0")
    found = [each for each in found if each.code == "TFF406"]
    assert [each.kind for each in found] == ["none"]
    assert "it is open which client gets which value" in found[0].message


@pytest.mark.parametrize("release", ["0.12.0", "0.40.0"])
@pytest.mark.parametrize(
    "source",
    [
        "class Model:\n  def forward_pass(self, x):\n    return {}\n",
        "class Model:\n  def train_on_batch(self, x):\n    return {}\n",
        IN_COMPUTATION.format("xs.reduce(0.0, lambda total, x: total + {})"),
        IN_COMPUTATION.format("xs.map(map_func=lambda x: {})"),
        IN_COMPUTATION.format("xs.flat_map(lambda x: {})"),
        IN_COMPUTATION.format("xs.scan(0, lambda s, x: {})"),
        f"{IN_FUNCTION}\n@tff.tf_computation\ndef use(xs):\n  return xs.map(draw)\n",
    ],
)
def test_operations_in_data_sets_hold(source: str, release: str) -> None:
    assert of_seeds(source.replace("{}", SEEDED_OPERATIONS[0]), release) == []


@pytest.mark.parametrize(
    ("source", "release"),
    [
        (IN_FUNCTION.format("tf.random.uniform([2], seed=1)"), "0.41.0"),
        (IN_FUNCTION.format("tf.random.uniform([2])"), "0.12.0"),
        (IN_FUNCTION.format("tf.random.uniform([2], seed=None)"), "0.12.0"),
        (IN_FUNCTION.format("tf.random.stateless_uniform([2], seed=[1, 2])"), "0.12.0"),
        (IN_FUNCTION.format("tf.compat.v1.initializers.glorot_uniform()([2])"), "0.12.0"),
        (IN_FUNCTION.format("tf.keras.initializers.GlorotUniform(seed=1)([2])"), "0.12.0"),
        ("drawn = tf.random.uniform([2], seed=1)\n", "0.12.0"),
        ("drawn = tf.map_fn(lambda i: tf.random.uniform([], seed=1), x)\n", "0.12.0"),
    ],
)
def test_other_operations_hold(source: str, release: str) -> None:
    assert of_seeds(source, release) == []


@pytest.mark.parametrize(
    ("release", "now"),
    [
        ("0.19.0", "mnist_model([tf.keras.initializers.RandomNormal(seed=0)] * 4)"),
        ("0.27.0", "for seed in range(4)],\n    compile_model=True)"),
        ("0.34.0", "for seed in range(1, 5)],\n    compile_model=True)"),
    ],
)
def test_the_model_for_mnist_begins_as_then(release: str, now: str) -> None:
    given = "compile_model=True" if "compile_model" in now else ""
    source = f"model = tff.simulation.models.mnist.create_keras_model({given})\n"
    written = upgrade(source, release)
    assert now in written
    assert "def mnist_model(initializers, compile_model=False):" in written
    assert check(source, "0.36.0") == []
