"""What a trace keeps of the optimizers that a program makes; it must not disturb the program."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.version import Version

pytestmark = pytest.mark.tff


def _traced(make: Any, *calls: Any) -> dict[str, Any]:
    """What the trace of a program says of the optimizers that a function makes."""
    from tff_compat.tracing.recorder import Recorder

    recorder = Recorder(Version("0.13.1"))
    for arguments in calls or [()]:
        recorder.optimizer(make, make(*arguments))
    recorder.legacy_call("tff.f", "p.py", 1, 0, {"client_optimizer_fn": make})
    (call,) = recorder.written()["p.py"]["calls"]
    described: dict[str, Any] = call["arguments"]["client_optimizer_fn"]
    return described


@pytest.mark.parametrize("kind", ["legacy", "new"])
def test_an_optimizer_of_keras_is_one_of_tff(kind):
    import tensorflow as tf

    optimizers = tf.keras.optimizers.legacy if kind == "legacy" else tf.keras.optimizers
    assert _traced(lambda: optimizers.SGD(0.02, momentum=0.9)) == {
        "optimizer": "tff.learning.optimizers.build_sgdm(learning_rate=0.02, momentum=0.9)"
    }
    assert _traced(lambda: optimizers.SGD(0.02, nesterov=True)) == {"optimizer": None}


def test_several_that_a_function_makes_are_none():
    import tensorflow as tf

    make = tf.keras.optimizers.legacy.SGD
    one = {"optimizer": "tff.learning.optimizers.build_sgdm(learning_rate=0.1)"}
    assert _traced(make, (0.1,), (0.1,)) == one
    assert _traced(make, (0.1,), (0.2,)) == {"optimizer": None}


@pytest.mark.parametrize("kind", ["legacy", "new"])
def test_a_learning_rate_in_a_graph_that_is_being_built_is_not_evaluated(kind):
    import tensorflow as tf

    optimizers = tf.keras.optimizers.legacy if kind == "legacy" else tf.keras.optimizers
    with tf.Graph().as_default():
        rate = tf.compat.v1.placeholder(tf.float32, ())
        assert _traced(lambda: optimizers.SGD(rate)) == {"kind": "function"}


def test_no_code_of_the_program_is_run():
    import tensorflow as tf

    calls = []

    class SGD(tf.keras.optimizers.legacy.SGD):
        def get_config(self) -> Any:
            calls.append("get_config")
            return super().get_config()

    def rate() -> float:
        calls.append("rate")
        return 0.1

    variable = tf.Variable(0.1)
    for make in (
        lambda: SGD(0.1),
        lambda: tf.keras.optimizers.legacy.SGD(rate),
        lambda: tf.keras.optimizers.legacy.SGD(variable),
    ):
        assert _traced(make) == {"kind": "function"}
    assert calls == []


def test_attributes_are_those_that_the_program_gets_without_a_trace():
    import tensorflow as tf
    import tff_compat
    from tff_compat.tracing.recorder import Recorder

    kind = tff_compat.as_of("0.19.0").TensorType(tf.float32, [2])
    recorder = Recorder(Version("0.19.0"))
    assert recorder.attribute(kind, "shape", "1:0").as_list() == kind.shape.as_list() == [2]
    assert recorder.attribute(kind, "dtype", "1:0") is kind.dtype is tf.float32
