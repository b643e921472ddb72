"""What is run in the environment of a real release, of which nothing else is known.

    python program.py RELEASE PROBLEM.json RESULT.json

One client step of linear regression on each client of the problem, and their average: by the API
of the release. Then each kind of layer that programs build most, with Keras alone, and TensorBoard
with its plugins. RESULT.json is written anew after each stage, so that it tells how far it came. It
runs on Python 3.7 and later, and without tff-compat.
"""

import collections
import json
import os
import sys


def _results(path):
    stages: list = []
    found = {"stages": stages}

    def passed(stage, **values):
        stages.append(stage)
        found.update(values)
        # A reader never sees half of it.
        with open(path + ".part", "w") as file:
            json.dump(found, file)
        os.rename(path + ".part", path)

    return passed


def _sum_over_clients(tf, tff, np, release, values):
    number = np.int32 if release >= (0, 70) else tf.int32

    @tff.federated_computation(tff.FederatedType(number, tff.CLIENTS))
    def total(x):
        return tff.federated_sum(x)

    return int(total(values))


def _dataset(tf, np, x, y):
    batch = collections.OrderedDict(
        [("x", np.array(x, np.float32)), ("y", np.array(y, np.float32))]
    )
    return tf.data.Dataset.from_tensor_slices(batch).batch(len(x))


def _model_fn(tf, tff, np, release, rate):
    """The function that makes the model, by the signature of `from_keras_model` as it was then."""

    def squared_error(y_true, y_pred):
        return tf.reduce_mean(tf.square(y_true - y_pred))

    def optimizer():
        if release < (0, 5):
            from tensorflow.python.keras.optimizer_v2 import gradient_descent

            return gradient_descent.SGD(learning_rate=rate)
        return tf.keras.optimizers.SGD(learning_rate=rate)

    def model_fn():
        keras_model = tf.keras.models.Sequential(
            [
                tf.keras.layers.Dense(
                    1,
                    kernel_initializer="zeros",
                    bias_initializer="zeros",
                    input_shape=(2,),
                )
            ]
        )
        dummy_batch = collections.OrderedDict(
            [("x", np.zeros([1, 2], np.float32)), ("y", np.zeros([1, 1], np.float32))]
        )
        if release < (0, 13):
            loss = squared_error if release < (0, 6) else tf.keras.losses.MeanSquaredError()
            # Optimizers came with the model, until 0.12 also took them apart.
            given = {} if release >= (0, 12) else {"optimizer": optimizer()}
            return tff.learning.from_keras_model(keras_model, dummy_batch, loss, **given)
        spec = collections.OrderedDict(
            [
                ("x", tf.TensorSpec([None, 2], tf.float32)),
                ("y", tf.TensorSpec([None, 1], tf.float32)),
            ]
        )
        learning = tff.learning.models if release >= (0, 49) else tff.learning
        return learning.from_keras_model(
            keras_model, loss=tf.keras.losses.MeanSquaredError(), input_spec=spec
        )

    return model_fn, optimizer


def _loss(metrics, release):
    """The loss among the metrics of releases up to 0.27."""
    if release >= (0, 16):
        return float(metrics["train"]["loss"])
    if release < (0, 2):
        # A single metric came alone.
        return float(metrics)
    return float(getattr(metrics, "train", metrics).loss)


def _train(tf, tff, np, release, problem):
    """The weights and the loss after one round of federated averaging."""
    rate = problem["learning_rate"]
    model_fn, optimizer = _model_fn(tf, tff, np, release, rate)
    data = [_dataset(tf, np, x, y) for x, y in problem["clients"]]
    if release < (0, 28):
        given = {} if release < (0, 12) else {"client_optimizer_fn": optimizer}
        process = tff.learning.build_federated_averaging_process(model_fn, **given)
        state, metrics = process.next(process.initialize(), data)
        trainable = state.model.trainable
        if hasattr(trainable, "values"):
            trainable = trainable.values()
        return [np.ravel(np.asarray(each)).tolist() for each in trainable], _loss(metrics, release)
    if release < (0, 87):
        process = tff.learning.algorithms.build_weighted_fed_avg(
            model_fn, client_optimizer_fn=optimizer
        )
    else:
        process = tff.learning.algorithms.build_weighted_fed_avg(
            model_fn, client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=rate)
        )
    output = process.next(process.initialize(), data)
    trainable = process.get_model_weights(output.state).trainable
    loss = float(output.metrics["client_work"]["train"]["loss"])
    return [np.ravel(np.asarray(each)).tolist() for each in trainable], loss


def _keras_models(tf, np):
    """By name, the layers of a model and its inputs."""
    layers = tf.keras.layers
    sequences = np.linspace(-1, 1, 24, dtype=np.float32).reshape([2, 4, 3])
    images = np.linspace(-1, 1, 32, dtype=np.float32).reshape([2, 4, 4, 1])
    vectors = np.linspace(-1, 1, 4, dtype=np.float32).reshape([2, 2])
    tokens = np.array([[0, 1, 2], [2, 3, 4]], np.int32)
    return {
        "LSTM": lambda: ([layers.LSTM(3, input_shape=(4, 3))], sequences),
        "GRU": lambda: ([layers.GRU(3, input_shape=(4, 3))], sequences),
        "SimpleRNN": lambda: ([layers.SimpleRNN(3, input_shape=(4, 3))], sequences),
        "Conv2D": lambda: ([layers.Conv2D(2, 2, input_shape=(4, 4, 1)), layers.Flatten()], images),
        "BatchNormalization": lambda: (
            [layers.Dense(3, input_shape=(2,)), layers.BatchNormalization()],
            vectors,
        ),
        "Embedding": lambda: (
            [layers.Embedding(5, 2, input_length=3), layers.Flatten()],
            tokens,
        ),
    }


def _problem_of(tf, np, make):
    """What goes wrong when a model is built, trained, saved as h5 and loaded; empty for nothing."""
    step = "cannot be built"
    try:
        hidden, inputs = make()
        model = tf.keras.models.Sequential([*hidden, tf.keras.layers.Dense(1)])
        step = "cannot be trained"
        model.compile(optimizer="sgd", loss="mse")
        before = model.get_weights()
        model.fit(inputs, np.ones([2, 1], np.float32), epochs=1, verbose=0)
        after = model.get_weights()
        assert np.all([np.all(np.isfinite(each)) for each in after]), "weights are not finite"
        assert any(np.any(old != new) for old, new in zip(before, after)), "no weight changed"
        step = "cannot be saved and loaded as h5"
        model.save("model.h5")
        loaded = tf.keras.models.load_model("model.h5")
        assert np.allclose(loaded.predict(inputs), model.predict(inputs)), "it predicts otherwise"
    except Exception as error:
        # Whatever it is, the verification is to tell it.
        first = str(error).split("\n")[0]
        return f"{step}: {type(error).__name__}: {first}"
    return ""


def _problem_of_tensorboard():
    """What goes wrong when TensorBoard is loaded as its command loads it; empty for nothing."""
    try:
        import tensorboard.main  # noqa: F401, what `%tensorboard` starts.
        from tensorboard import default

        assert default.get_plugins(), "it has no plugins"
        default.get_dynamic_plugins()
    except Exception as error:
        # As above.
        return f"{type(error).__name__}: {error}"
    return ""


def main():
    """Does each step of the verification, and writes after each what it gave."""
    release = tuple(int(part) for part in sys.argv[1].split(".")[:2])
    with open(sys.argv[2]) as file:
        problem = json.load(file)
    passed = _results(sys.argv[3])
    import numpy as np
    import tensorflow as tf

    if release < (0, 16):
        tf.compat.v1.enable_v2_behavior()
    import tensorflow_federated as tff

    passed("import", tensorflow=tf.__version__)
    passed("computation", sum=_sum_over_clients(tf, tff, np, release, problem["numbers"]))
    weights, loss = _train(tf, tff, np, release, problem)
    passed("training", weights=weights, loss=loss)
    made = _keras_models(tf, np)
    passed("layers", layers={name: _problem_of(tf, np, make) for name, make in made.items()})
    passed("tensorboard", tensorboard=_problem_of_tensorboard())


if __name__ == "__main__":
    main()
