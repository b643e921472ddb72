"""The derivations that holes of templates may name, and what each makes of an argument."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "optimizer": "a Keras optimizer, or a function that makes one, as a tff.learning optimizer",
    "server_optimizer": "as `optimizer`; stays one of Keras where the program reads its state",
    "server_of_averaging": "as `server_optimizer`; of rate 1.0 where it is not given",
    "server_of_sgd": "as `server_optimizer`; of rate 0.1 where it is not given",
    "type": "what TFF made a type of up to 0.69, as a `tff.Type`; None stays",
    "types": "of the arguments of a decorator: a function as it is, the rest each as of `type`",
    "elements": "the elements of a structure type, as `tff.StructType` takes them",
    "dtype": "a dtype of TensorFlow, numpy or Python, as numpy's",
    "shape": "a shape where None is that of a scalar, or a number that of a vector, as a list",
    "sizes": "a shape, or a number that of a vector, as a list",
    "context": "what runs computations; for None or nothing given the default local context",
    "spec": "an example batch, as the spec of batches of any size",
    "model": "a compiled Keras model, as its loss and metrics: `loss=…, metrics=…`",
    "built": "a Keras model, if it is sure that it has its variables before it is called",
    "weighting": "a function of client weights, as what `client_weighting` takes",
    "trainer": "a function that makes a model with an optimizer, as the tff.learning optimizer",
    "optimizer_of_rate": "a function from a rate to a Keras optimizer, to one of tff.learning",
    "loss": "a function of labels and predictions, or several, as `tf.keras.losses.Loss`",
    "loss_weights": "the weights of losses, as a list of floats",
    "input_spec": "a spec of batches that may hold dtypes, with `tf.TensorSpec` or as a `tff.Type`",
    "loop": "whether to iterate over data, as a `tff.learning.LoopImplementation`",
    "own_trainer": "as `trainer`; None where the model is the program's own and trains itself",
    "carried": "the optimizer of a model, where what trains the model cannot name it itself",
    "outputs": "what aggregates the outputs of models that say so themselves; else the part goes",
    "outputs_process": "as `outputs`, as a process for evaluations",
    "there": "an argument of the call that made the object, where its names mean the same here",
    "aggregator": "a function that aggregates metrics, as one of their finalizers alone",
}
"""Each derivation, and what it gives."""

OF_OPTIMIZERS = frozenset({"optimizer", "server_optimizer", "server_of_averaging", "server_of_sgd"})
"""Those whose argument is a function that makes an optimizer."""

OF_THAT_TIME = (
    "what `{name}` makes is to be as in the TensorFlow of that time: tf.keras.optimizers.legacy "
    "has it"
)
"""What to look at where it cannot be seen which optimizer of Keras a function makes."""
