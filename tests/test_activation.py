"""A view takes the place of `tensorflow_federated`, and gives it back."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
import tff_compat
from tff_compat import UnknownReleaseError


def _python(source: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(source)],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    # TFF's own objects go before what they need.
    assert "Exception ignored" not in done.stderr
    return done.stdout


def test_unknown_releases_list_the_near_ones():
    with pytest.raises(UnknownReleaseError, match=r"0\.13\.1"):
        tff_compat.activate("0.13.2")


def test_importing_the_package_imports_neither_tensorflow_nor_tff():
    assert _python(
        """
        import sys, tff_compat
        print([name for name in ("tensorflow", "tensorflow_federated") if name in sys.modules])
        """
    ).endswith("[]\n")


@pytest.mark.tff
def test_activation_and_deactivation():
    out = _python(
        """
        import sys, tff_compat
        tff_compat.activate("0.13")
        import tensorflow_federated as tff
        print(tff.__version__, hasattr(tff.learning, "from_keras_model"))
        print(hasattr(tff, "tensorflow"), hasattr(tff.learning, "algorithms"))
        import tensorflow_federated.python.learning
        from tensorflow_federated import python as old
        print(old.learning is tff.learning)
        tff_compat.deactivate()
        import tensorflow_federated as real
        print(real.__version__ == str(tff_compat.installed()), hasattr(real, "tensorflow"))
        with tff_compat.activate("0.20"):
            import tensorflow_federated as inner
            print(inner.__version__)
        print(sys.modules["tensorflow_federated"] is real)
        """
    )
    assert out.splitlines()[-6:] == [
        "0.13.1 True",
        "False False",
        "True",
        "True True",
        "0.20.0",
        "True",
    ]


@pytest.mark.tff
def test_views_of_two_releases_live_side_by_side():
    out = _python(
        """
        import inspect, tff_compat
        old, new = tff_compat.as_of("0.9"), tff_compat.as_of("0.14")
        for view in (old, new):
            print(inspect.signature(view.learning.from_keras_model))
        print(old.learning is old.learning, old.learning.Model is old.learning.Model)
        import tensorflow_federated as real
        print(hasattr(real, "tensorflow"))
        """
    )
    assert out.splitlines()[-4:] == [
        "(keras_model, dummy_batch, loss, loss_weights=None, metrics=None, optimizer=None)",
        "(keras_model, loss, input_spec, loss_weights=None, metrics=None)",
        "True True",
        "True",
    ]


@pytest.mark.tff
def test_what_is_refused_raises_when_it_is_used():
    out = _python(
        """
        import tff_compat
        tff = tff_compat.as_of("0.9")
        executor = tff.framework.CachingExecutor
        try:
            executor(1)
        except tff_compat.LegacyAPIError as error:
            print(error)
        try:
            tff.no_such_name
        except AttributeError as error:
            print(error)
        """
    )
    assert "tff.framework.CachingExecutor as of TFF 0.9.0" in out
    assert "has no attribute 'no_such_name'" in out


@pytest.mark.tff
def test_names_of_tensorflow_mean_what_they_meant():
    out = _python(
        """
        import tff_compat
        tff_compat.activate("0.4")
        import tensorflow as tf
        print(tf.keras.optimizers.SGD(lr=0.25).get_config()["learning_rate"])
        print(float(tf.to_float(tf.constant(3))), tf.contrib.eager.defun(lambda: tf.log(1.0))())
        print(tf.train.GradientDescentOptimizer is tf.compat.v1.train.GradientDescentOptimizer)
        tff_compat.deactivate()
        print(hasattr(tf, "contrib"), hasattr(tf, "to_float"))
        tff_compat.activate("0.64")
        print(float(tf.keras.optimizers.SGD(lr=0.25).learning_rate))
        """
    )
    assert [line for line in out.splitlines() if line][-5:] == [
        "0.25",
        "3.0 tf.Tensor(0.0, shape=(), dtype=float32)",
        "True",
        "False False",
        "0.25",
    ]
