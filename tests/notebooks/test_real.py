"""Trains as in 2019 in real kernels: in place where TFF is, in an inner kernel where it is not."""

from __future__ import annotations

import importlib.util

import pytest

_IMPORTS = """
import collections
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
print(tff)
"""
_TRAINING = """
batch = collections.OrderedDict([('x', np.ones((2, 3), np.float32)), ('y', np.ones((2, 1), 'i'))])

def model_fn():
  model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(3, tf.nn.softmax, kernel_initializer='zeros', input_shape=(3,))])
  model.compile(loss=tf.keras.losses.SparseCategoricalCrossentropy(),
                optimizer=tf.keras.optimizers.SGD(0.1))
  return tff.learning.from_compiled_keras_model(model, batch)

process = tff.learning.build_federated_averaging_process(model_fn)
state, metrics = process.next(process.initialize(), [[batch], [batch]])
print('loss={:.4f}'.format(metrics.loss))
"""


@pytest.fixture
def without_tff(start):
    """A kernel of a Python that has no TFF, with the real cached environment."""
    if importlib.util.find_spec("tensorflow_federated") is not None:
        pytest.skip("this Python has TensorFlow Federated")
    return start()


@pytest.fixture
def with_tff(start):
    return start()


def _trains(kernel):
    kernel.as_of("0.9")
    assert kernel.run(_IMPORTS).ok().out.endswith("<view of 'tff' as of TFF 0.9.0>\n")
    ran = kernel.run(_TRAINING).ok()
    assert ran.out == "loss=1.0986\n"
    assert ran.stream("stderr") == ""
    (block,) = ran.displays
    assert "tff.learning.build_federated_averaging_process" in block["text/plain"]
    assert "build_weighted_fed_avg" in block["text/html"]
    ran = kernel.interrupted("print('begun', flush=True)\nwhile True: pass")
    assert ran.reply["ename"] == "KeyboardInterrupt"
    again = "state, metrics = process.next(state, [[batch]])\nprint(metrics.loss < 1.0986)"
    assert kernel.run(again).ok().out == "True\n", "TFF computes after an interrupt as before"


@pytest.mark.tff
def test_in_place(with_tff):
    _trains(with_tff)
    ran = with_tff.run("%tff_as_of 0.13").ok()
    assert "what was imported before stays as it was: tff." in ran.out
    assert with_tff.run("import tensorflow_federated as tff\nprint(tff)").ok().out == (
        "<view of 'tff' as of TFF 0.13.1>\n"
    )


@pytest.mark.network
def test_in_an_inner_kernel(without_tff, ended):
    _trains(without_tff)
    plot = without_tff.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);").ok().displays
    assert [sorted(each) for each in plot] == [["image/png", "text/plain"]]
    ran = without_tff.run("import os\nprint(os.getpid(), os.environ['TFF_COMPAT_REPORTS'])").ok()
    pid, folder = ran.out.split()
    without_tff.manager.provisioner.process.kill()
    ended(int(pid), folder=folder)
