"""A view takes the place of `tensorflow_federated`, and gives it back."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
import tff_compat
from packaging.version import Version
from tff_compat import UnknownReleaseError, activation, catalog, eras, installation


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


def test_a_later_tff_than_the_known_ones_is_tried_with_a_note(monkeypatch):
    monkeypatch.setattr(installation, "version", lambda: Version("1.2.0"))
    newest = catalog.load().releases[-1]
    with pytest.warns(UserWarning, match=rf"TFF 1\.2\.0 .* knows the releases up to {newest}\."):
        activation._check_reached(newest)
    assert eras.release("1.2.0") == Version("1.2.0")
    with pytest.raises(UnknownReleaseError):
        eras.release("1.1.0")


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
def test_activations_nest():
    out = _python(
        """
        import threading, tff_compat
        def now():
            import tensorflow_federated
            return tensorflow_federated.__version__
        with tff_compat.activate("0.9") as outer:
            print(now())
            with tff_compat.activate("0.20"):
                print(now())
                with tff_compat.activate("0.4"):
                    import tensorflow as tf
                    print(now(), hasattr(tf, "contrib"))
                print(now(), hasattr(tf, "contrib"))
            from tensorflow_federated.python.core.framework import set_default_executor
            print(now())
        print(now() == str(tff_compat.installed()))
        thread = threading.Thread(target=tff_compat.activate, args=("0.13",))
        thread.start()
        thread.join()
        tff_compat.activate("0.14")
        print(now())
        tff_compat.deactivate()
        print(now() == str(tff_compat.installed()))
        with tff_compat.activate("0.9"):
            tff_compat.deactivate()
            tff_compat.activate("0.12")
        print(now())
        """
    )
    assert out.splitlines()[-9:] == [
        "0.9.0",
        "0.20.0",
        "0.4.0 True",
        "0.20.0 False",
        "0.9.0",
        "True",
        "0.14.0",
        "True",
        "0.12.0",
    ]


@pytest.mark.tff
def test_deactivation_undoes_what_activation_changed():
    out = _python(
        """
        import builtins, collections, signal, subprocess, sys
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        import tensorflow as tf, tensorflow_federated as real, tff_compat
        from tensorflow_federated.python.core.impl.executor_stacks import executor_factory
        as_default = tf.Graph.as_default
        names = {
            "attrs": lambda: hasattr(real.learning.models.ModelWeights, "__attrs_attrs__"),
            "worker": lambda: executor_factory.subprocess is not subprocess,
            "import": lambda: type(builtins.__import__).__module__ != "builtins",
            "graph": lambda: tf.Graph.as_default is not as_default,
            "finders": lambda: any("tff_compat" in type(each).__module__ for each in sys.meta_path),
            "interrupt": lambda: signal.getsignal(signal.SIGINT) != signal.SIG_IGN,
            "python": lambda: hasattr(collections, "Mapping"),
        }
        def changed():
            return " ".join(name for name, is_changed in names.items() if is_changed())
        for _ in range(2):
            with tff_compat.activate("0.9"):
                print("active:", changed())
            print("inactive:", changed())
        given = tff_compat.as_of("0.9")
        print("given:", changed())
        tff_compat.activate("0.20")
        tff_compat.deactivate()
        print("given:", changed())
        """
    )
    assert out.splitlines()[-6:] == [
        "active: attrs worker import graph interrupt python",
        "inactive: ",
        "active: attrs worker import graph interrupt python",
        "inactive: ",
        "given: attrs worker graph interrupt",
        "given: attrs worker graph interrupt",
    ]


@pytest.mark.tff
def test_the_release_travels_with_what_a_view_made():
    out = _python(
        """
        import collections, tensorflow as tf, tff_compat
        def sums(tff, value_type, *factories):
            for factory in (tff.aggregators.SumFactory(), *factories):
                process = factory.create(value_type)
                yield lambda value, p=process: p.next(p.initialize(), value).result
        tff = tff_compat.as_of("0.30")
        robust = tff.aggregators.UnweightedMeanFactory(), tff.aggregators.clipping_factory(
            100.0, tff.aggregators.SumFactory())
        for total in sums(tff, tff.TensorType(tf.float32), *robust):
            print(float(total([1, 2, 3])), float(total((1, 2, 3))))
        pair = tff.to_type(collections.OrderedDict(b=tf.float32, a=tf.int64))
        total, = sums(tff, pair)
        print(float(total([dict(a=1, b=2)] * 2)["b"]))
        with tff_compat.activate("0.30"):
            import tensorflow_federated as active
            total, = sums(active, active.TensorType(tf.float32))
        print(float(total([1, 2, 3])))
        import tensorflow_federated as installed
        total, = sums(installed, installed.TensorType(tf.float32.as_numpy_dtype))
        try:
            total([1, 2, 3])
        except TypeError:
            print("not of its own")
        """
    )
    assert out.splitlines()[-6:] == [
        "6.0 6.0",
        "2.0 2.0",
        "6.0 6.0",
        "4.0",
        "6.0",
        "not of its own",
    ]


@pytest.mark.tff
def test_names_that_activation_does_not_reach_are_told():
    out = _python(
        """
        import sys, types, warnings
        import tensorflow_federated as tff
        from tensorflow_federated import learning, to_type
        models = learning.models
        program = types.ModuleType("program")
        exec("from tensorflow_federated import to_type", program.__dict__)
        sys.modules["program"] = program
        import tff_compat
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            tff_compat.activate("0.9")
            print([each for each in caught if "before activate" in str(each.message)][0].message)
            print(caught[0].filename)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            del tff, learning, models, to_type
            del sys.modules["program"]
            tff_compat.activate("0.13")
            print([each for each in caught if "before activate" in str(each.message)])
        """
    )
    told, place, then = out.splitlines()[-3:]
    for name in ("`tff` of __main__", "`models` of __main__", "`to_type` of program"):
        assert name in told
    assert "activate('0.9')" in told
    assert place == "<string>"
    assert then == "[]"


@pytest.mark.parametrize(
    ("given", "written"), [(0.20, "'0.20' or '0.2'"), (0.9, "'0.9'"), (0.12, "'0.12'")]
)
def test_releases_that_are_numbers_are_to_be_strings(given, written):
    for take in (tff_compat.activate, tff_compat.as_of):
        with pytest.raises(TypeError, match=f"Write {written}, in quotes"):
            take(given)
    with pytest.raises(TypeError, match="is a string, found None"):
        tff_compat.activate(None)


@pytest.mark.tff
def test_threads_share_the_default_context_up_to_0_13():
    out = _python(
        """
        import threading, tensorflow as tf, tff_compat
        def outcome(call):
            found = []
            def run():
                try:
                    found.append(int(call()))
                except RuntimeError as error:
                    found.append(str(error)[:20])
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
            return found[0]
        for release in ("0.9", "0.13.1", "0.14"):
            tff = tff_compat.as_of(release)
            at_clients = tff.FederatedType(tf.int32, tff.CLIENTS)
            total = tff.federated_computation(tff.federated_sum, at_clients)
            print(outcome(lambda: total([1, 2])), total([1, 2]), outcome(lambda: total([3, 4])))
            if release != "0.14":
                make = getattr(tff.framework, "local_executor_factory", None)
                tff.framework.set_default_executor(
                    (make or tff.framework.create_local_executor)(3))
                print(outcome(lambda: total([1, 2, 3])))
                tff.framework.set_default_executor(
                    (make or tff.framework.create_local_executor)())
        """
    )
    assert out.splitlines()[-5:] == [
        "3 3 7",
        "6",
        "3 3 7",
        "6",
        "No default context i 3 No default context i",
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
        for use in (
            lambda: executor(1),
            lambda: isinstance(1, executor),
            lambda: issubclass(int, executor),
        ):
            try:
                use()
            except tff_compat.LegacyAPIError as error:
                print(error)
        try:
            tff.no_such_name
        except AttributeError as error:
            print(error)
        """
    )
    assert out.count("tff.framework.CachingExecutor as of TFF 0.9.0") == 3
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
