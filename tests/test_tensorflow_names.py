"""What `tf` offers as of a release: applied, put back, and around single functions."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
import warnings
from types import ModuleType

import pytest
from packaging.version import Version

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402
from tff_compat import deprecation, tensorflow_names  # noqa: E402

BEFORE_V2 = Version("1.15.3")
BEFORE_NEW_OPTIMIZERS = Version("2.8.1")
WITH_NEW_OPTIMIZERS = Version("2.14.1")
LEGACY = tf.keras.optimizers.legacy
NEW = tf.keras.optimizers.experimental


@pytest.fixture(autouse=True)
def _put_back():
    yield
    tensorflow_names.restore()


def snapshot():
    modules = [tf, tf.keras.optimizers, tf.optimizers, tf.train, tf.nn, tf.math, tf.losses]
    modules += [tf.metrics, tf.keras.mixed_precision, tf.compat.v1, tf.random]
    # Modules within them change by themselves: they are loaded when they are first used.
    return [
        {name: value for name, value in vars(module).items() if not isinstance(value, ModuleType)}
        for module in modules
    ]


@pytest.mark.parametrize("name", ["SGD", "Adam", "Adagrad", "RMSprop", "Optimizer"])
def test_classes_are_the_legacy_ones_before_2_11(name):
    with tensorflow_names.names_as_of(BEFORE_NEW_OPTIMIZERS):
        assert getattr(tf.keras.optimizers, name) is getattr(LEGACY, name)
        assert getattr(tf.optimizers, name) is getattr(LEGACY, name)
    assert issubclass(getattr(tf.keras.optimizers, name), NEW.Optimizer)


def test_every_way_to_an_optimizer():
    with tensorflow_names.names_as_of(BEFORE_NEW_OPTIMIZERS):
        from tensorflow.keras import optimizers
        from tensorflow.keras.optimizers import SGD

        made = [
            SGD(lr=0.25),
            optimizers.SGD(lr=0.25),
            tf.keras.optimizers.get({"class_name": "SGD", "config": {"learning_rate": 0.25}}),
            tf.keras.optimizers.deserialize(
                {"class_name": "SGD", "config": {"learning_rate": 0.25}}
            ),
        ]
        assert isinstance(tf.keras.optimizers.get("adam"), LEGACY.Adam)
        assert all(isinstance(each, tf.keras.optimizers.Optimizer) for each in made)
    assert [float(each.learning_rate) for each in made] == [0.25] * 4
    assert all(type(each) is LEGACY.SGD for each in made)


def test_subclass_of_a_user_before_2_11():
    with tensorflow_names.names_as_of(BEFORE_NEW_OPTIMIZERS):

        class Own(tf.keras.optimizers.Optimizer):
            def __init__(self, lr=0.1, name="Own", **kwargs):
                super().__init__(name, **kwargs)
                self._set_hyper("learning_rate", lr)

            def _create_slots(self, var_list):
                for variable in var_list:
                    self.add_slot(variable, "sum")

            def _resource_apply_dense(self, grad, var, apply_state=None):
                total = self.get_slot(var, "sum").assign_add(grad)
                return var.assign_sub(self._get_hyper("learning_rate") * total)

        optimizer = Own(lr=0.5)
    weight = tf.Variable([1.0])
    for _ in range(2):
        optimizer.apply_gradients([(tf.ones([1]), weight)])
    assert weight.numpy().tolist() == [-0.5]


@pytest.mark.parametrize("optimizer", ["sgd", "optimizer"])
def test_keras_trains_under_the_names(optimizer):
    for version in (BEFORE_V2, BEFORE_NEW_OPTIMIZERS, WITH_NEW_OPTIMIZERS):
        with tensorflow_names.names_as_of(version):
            model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
            given = tf.keras.optimizers.SGD(0.1) if optimizer == "optimizer" else optimizer
            model.compile(optimizer=given, loss="mse", metrics=["mae"])
            assert model.fit(tf.ones([2, 2]), tf.ones([2, 1]), verbose=0).history["loss"]


def test_lr_is_not_dropped_from_2_11_on():
    with pytest.warns(tff_compat.LegacyAPIWarning, match="learning_rate"):
        with tensorflow_names.names_as_of(WITH_NEW_OPTIMIZERS):
            optimizer = tf.keras.optimizers.Adam(lr=0.25)
    assert float(optimizer.learning_rate) == 0.25
    assert isinstance(optimizer, NEW.Adam)


def test_classes_are_one_from_2_11_on():
    """An optimizer of the one module is an optimizer of the other, and so is one made before."""
    before = tf.keras.optimizers.SGD(0.1)
    with tensorflow_names.names_as_of(WITH_NEW_OPTIMIZERS):
        assert tf.keras.optimizers.SGD is tf.optimizers.SGD
        assert isinstance(before, tf.keras.optimizers.SGD)
        assert isinstance(tf.keras.optimizers.get("sgd"), tf.keras.optimizers.SGD)


def test_names_of_1_x():
    with tensorflow_names.names_as_of(BEFORE_V2):
        tf.enable_eager_execution()
        tf.enable_resource_variables()
        tf.compat.v1.enable_v2_behavior()
        assert tf.to_float(tf.constant(2)).dtype == tf.float32
        assert float(tf.log(1.0)) == 0.0
        assert tf.reduce_sum(tf.ones([2, 3]), reduction_indices=[1]).numpy().tolist() == [3.0, 3.0]
        assert float(tf.assign_add(tf.Variable(1.0), 2.0)) == 3.0
        assert int(tf.argmax(tf.constant([[0, 2, 1]]), axis=1)) == 1
        assert tf.train.GradientDescentOptimizer is tf.compat.v1.train.GradientDescentOptimizer
        assert tf.losses.mean_squared_error is tf.compat.v1.losses.mean_squared_error
        assert tf.contrib.framework.nest.flatten({"b": 2, "a": 1}) == [1, 2]
        assert tf.contrib.framework.nest.is_sequence([1])
        for function in (tf.contrib.eager.function, tf.contrib.eager.defun):
            assert float(function(lambda x: x + 1.0)(1.0)) == 2.0

        @tf.contrib.eager.function(autograph=False)
        def two():
            return tf.constant(2)

        assert int(two()) == 2

        import tensorflow.contrib.eager as tfe
        from tensorflow.contrib import framework
        from tensorflow.python.keras.optimizer_v2 import gradient_descent

        assert tfe is tf.contrib.eager
        assert framework is tf.contrib.framework
        assert gradient_descent.SGD is tf.keras.optimizers.SGD is LEGACY.SGD
    assert not hasattr(tf, "contrib")
    assert not hasattr(tf, "to_float")


def test_data_sets_and_tables_of_1_x():
    dataset = tf.data.Dataset.from_tensor_slices({"x": [[1.0, 2.0]]})
    with tensorflow_names.names_as_of(BEFORE_V2):
        assert dataset.output_types == {"x": tf.float32}
        assert dataset.output_shapes == {"x": tf.TensorShape([2])}
        assert dataset.make_one_shot_iterator().get_next()["x"].numpy().tolist() == [1.0, 2.0]
        lookup = tf.contrib.lookup.index_table_from_tensor
        table = lookup(mapping=["a", "b"], default_value=0)
        assert table.lookup(tf.constant(["b", "a", "z"])).numpy().tolist() == [1, 0, 0]
        table = lookup(["a", "b"], num_oov_buckets=1)
        assert table.lookup(tf.constant(["b", "z"])).numpy().tolist() == [1, 2]
    assert not hasattr(dataset, "output_types")


def test_imports_of_an_optimizer():
    """Each in a process of its own: the first import of a module decides what the next ones see."""
    for statement in (
        "from tensorflow.keras.optimizers import SGD",
        "from tensorflow.keras import optimizers; SGD = optimizers.SGD",
        "import tensorflow.keras as keras; SGD = keras.optimizers.SGD",
        "from tensorflow import keras; SGD = keras.optimizers.SGD",
        "from keras.optimizers import SGD",
        "from tensorflow.compat.v1.keras.optimizers import SGD",
    ):
        program = f"""
import tff_compat
tff_compat.activate("0.13")
import tensorflow as tf
{statement}
assert SGD is tf.keras.optimizers.legacy.SGD, SGD
assert tf.keras.optimizers.SGD is SGD is tf.optimizers.SGD
print("done")
"""
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert run.stdout.strip() == "done", run.stderr


def test_mixed_precision_before_2_11():
    with tensorflow_names.names_as_of(BEFORE_NEW_OPTIMIZERS):
        experimental = tf.keras.mixed_precision.experimental
        assert experimental.Policy("float32").compute_dtype == "float32"
    assert not hasattr(tf.keras.mixed_precision, "experimental")


@pytest.mark.parametrize("version", [BEFORE_V2, BEFORE_NEW_OPTIMIZERS, WITH_NEW_OPTIMIZERS])
def test_everything_is_put_back(version):
    # TensorFlow itself replaces these modules when they are first used.
    importlib.import_module("tensorflow.keras.optimizers")
    assert tf.optimizers.SGD and tf.losses.MeanSquaredError and tf.metrics.Mean
    before = snapshot()
    tensorflow_names.apply(version)
    assert snapshot() != before
    tensorflow_names.apply(BEFORE_V2)
    tensorflow_names.restore()
    tensorflow_names.restore()
    assert snapshot() == before
    assert not hasattr(tf, "contrib")
    assert not [name for name in sys.modules if name.startswith("tensorflow.contrib")]


def test_names_are_put_back_after_an_error():
    with pytest.raises(ZeroDivisionError), tensorflow_names.names_as_of(BEFORE_V2):
        1 / 0  # noqa: B018
    assert not hasattr(tf, "contrib")


def test_blocks_nest():
    with tensorflow_names.names_as_of(BEFORE_V2):
        with tensorflow_names.names_as_of(WITH_NEW_OPTIMIZERS):
            assert not hasattr(tf, "contrib")
            assert issubclass(tf.keras.optimizers.SGD, NEW.SGD)
        assert hasattr(tf, "contrib")
        with tensorflow_names.names_as_of(BEFORE_V2):
            assert tf.keras.optimizers.SGD is LEGACY.SGD
        assert tf.keras.optimizers.SGD is LEGACY.SGD
    assert not hasattr(tf, "contrib")


def test_function_in_its_era():
    def optimizer_fn(scale=1.0):
        """Makes an optimizer."""
        return tf.keras.optimizers.SGD(lr=0.5 * scale)

    of_0_13 = tensorflow_names.in_era(optimizer_fn, Version("0.13.1"))
    assert of_0_13.__doc__ == optimizer_fn.__doc__
    made = of_0_13(scale=0.5)
    assert type(made) is LEGACY.SGD
    assert float(made.learning_rate) == 0.25
    assert tf.keras.optimizers.SGD is not LEGACY.SGD


def test_names_at_the_first_import_of_tensorflow():
    """Programs import TensorFlow before TFF, and use names that are gone at once."""
    program = """
        import sys
        import tff_compat
        tff_compat.activate("0.1")
        assert "tensorflow" not in sys.modules
        import tensorflow as tf
        tf.enable_eager_execution()
        from tensorflow.contrib.framework import nest
        assert "tensorflow_federated" not in sys.modules
        assert tf.keras.optimizers.SGD is tf.keras.optimizers.legacy.SGD
        tff_compat.deactivate()
        assert not hasattr(tf, "contrib")
        assert tf.keras.optimizers.SGD is not tf.keras.optimizers.legacy.SGD
        print("done")
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True
    )
    assert run.stdout.strip() == "done", run.stderr


_WITHOUT_LR = "tf.keras.optimizers.SGD(learning_rate=0.25, momentum=0.9)"


def test_lr_is_warned_of_where_optimizers_took_it():
    with tensorflow_names.names_as_of(BEFORE_NEW_OPTIMIZERS):
        with pytest.warns(deprecation.LegacyAPIWarning) as warned:
            optimizer = tf.keras.optimizers.SGD(lr=0.25, momentum=0.9)
        with warnings.catch_warnings():
            warnings.simplefilter("error", deprecation.LegacyAPIWarning)
            tf.keras.optimizers.SGD(learning_rate=0.25)
    assert float(optimizer.learning_rate) == 0.25
    assert warned[0].message.replacement == _WITHOUT_LR


@pytest.mark.parametrize(
    "name", ["Adadelta", "Adagrad", "Adam", "Adamax", "Nadam", "RMSprop", "SGD"]
)
def test_keras_says_nothing_of_lr_where_optimizers_took_it(name):
    with tensorflow_names.names_as_of(BEFORE_NEW_OPTIMIZERS), warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", deprecation.LegacyAPIWarning)
        optimizer = getattr(tf.keras.optimizers, name)
        assert float(optimizer(lr=0.25).learning_rate) == 0.25
        assert float(optimizer(lr=0.25, learning_rate=0.5).learning_rate) == 0.25


def test_ftrl_takes_lr_and_trains_with_its_own_rate_as_it_did_and_does():
    with tensorflow_names.names_as_of(BEFORE_NEW_OPTIMIZERS), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", deprecation.LegacyAPIWarning)
        optimizer = tf.keras.optimizers.Ftrl(lr=0.25)
    assert float(optimizer.learning_rate) == float(tf.keras.optimizers.legacy.Ftrl().learning_rate)


def test_lr_is_warned_of_where_optimizers_dropped_it():
    with tensorflow_names.names_as_of(WITH_NEW_OPTIMIZERS):
        with pytest.warns(deprecation.LegacyAPIWarning) as warned:
            tf.keras.optimizers.SGD(lr=0.25, momentum=0.9)
    assert warned[0].message.replacement == _WITHOUT_LR
