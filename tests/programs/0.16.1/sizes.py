"""What travels to clients and back, as the sizing executors count it: plain and encoded."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_model_optimization.python.core.internal import tensor_encoding as te


def set_sizing_environment(**kwargs):
    sizing_factory = tff.framework.sizing_executor_factory(**kwargs)
    tff.framework.set_default_context(tff.framework.ExecutionContext(executor_fn=sizing_factory))
    return sizing_factory


def bits(factory):
    info = factory.get_size_info()
    return [[int(n) for n in info.broadcast_bits], [int(n) for n in info.aggregate_bits]]


@tff.federated_computation(
    tff.FederatedType(tf.float32, tff.SERVER, True), tff.FederatedType(tf.float32, tff.CLIENTS)
)
def several(x, y):
    tff.federated_broadcast(x)
    product = tff.federated_map(
        tff.tf_computation(lambda a, b: a * b), (tff.federated_broadcast(x), y)
    )
    return (
        tff.federated_sum(product),
        tff.federated_sum(y),
        tff.federated_sum(y),
        tff.federated_mean(y),
        tff.federated_mean(product, y),
        product,
        tff.federated_broadcast(x),
    )


@tff.federated_computation
def constants():
    return (
        tff.federated_value(1, tff.CLIENTS),
        tff.federated_sum(tff.federated_value(1.5, tff.CLIENTS)),
    )


@tff.federated_computation(
    tff.FederatedType(
        tff.StructType(
            [
                ("names", (tf.string, [2])),
                ("flags", (tf.bool, [2, 3])),
                ("data", tff.SequenceType(tf.int32)),
            ]
        ),
        tff.CLIENTS,
    )
)
def structures(x):
    total = tff.federated_map(
        tff.tf_computation(lambda v: v.data.reduce(tf.constant(0), lambda a, b: a + b)), x
    )
    return tff.federated_sum(total), tff.federated_map(tff.tf_computation(lambda v: v.names), x)


@tff.federated_computation(
    tff.FederatedType(
        tff.StructType([("number", tf.float32), ("flags", (tf.bool, [3]))]), tff.CLIENTS
    ),
    tff.FederatedType(tf.int64, tff.CLIENTS),
)
def collected(x, y):
    total = tff.federated_aggregate(
        y,
        tff.tf_computation(lambda: tf.constant(0, tf.int64))(),
        tff.tf_computation(lambda a, b: a + b, tf.int64, tf.int64),
        tff.tf_computation(lambda a, b: a + b, tf.int64, tf.int64),
        tff.tf_computation(lambda a: a, tf.int64),
    )
    return tff.federated_collect(x), tff.federated_collect(y), total


def model_fn():
    keras_model = tf.keras.models.Sequential(
        [
            tf.keras.layers.Dense(
                3, kernel_initializer="zeros", activation="softmax", input_shape=(8,)
            ),
        ]
    )
    return tff.learning.from_keras_model(
        keras_model,
        input_spec=collections.OrderedDict(
            x=tf.TensorSpec([None, 8], tf.float32), y=tf.TensorSpec([None, 1], tf.int32)
        ),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(),
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
    )


def broadcast_encoder_fn(value):
    spec = tf.TensorSpec(value.shape, value.dtype)
    if value.shape.num_elements() > 4:
        return te.encoders.as_simple_encoder(te.encoders.uniform_quantization(bits=8), spec)
    return te.encoders.as_simple_encoder(te.encoders.identity(), spec)


def mean_encoder_fn(value):
    spec = tf.TensorSpec(value.shape, value.dtype)
    if value.shape.num_elements() > 4:
        return te.encoders.as_gather_encoder(te.encoders.uniform_quantization(bits=8), spec)
    return te.encoders.as_gather_encoder(te.encoders.identity(), spec)


def client_dataset(offset):
    x = ((np.arange(32) + offset) % 9).astype(np.float32).reshape([-1, 8]) / 9.0
    y = ((np.arange(4) + offset) % 3).astype(np.int32).reshape([-1, 1])
    return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(3)


federated_train_data = [client_dataset(i) for i in range(4)]


def run(process):
    environment = set_sizing_environment()
    state = process.initialize()
    rounds = []
    for number in (3, 3, 4):
        state, _ = process.next(state, federated_train_data[:number])
        rounds.append(bits(environment))
    return rounds


def sgd(rate):
    return lambda: tf.keras.optimizers.SGD(learning_rate=rate)


output = collections.OrderedDict()

environment = set_sizing_environment()
output["several"] = []
for x, y in [(1.0, [2.0, 3.0]), (1.0, [2.0, 3.0]), (2.0, [4.0, 5.0, 6.0]), (2.0, [2.0, 2.0])]:
    several(x, y)
    output["several"].append(bits(environment))

environment = set_sizing_environment(num_clients=3)
constants()
output["constants"] = bits(environment)
history = environment.get_size_info().broadcast_history
output["history"] = {
    str(k): sorted(str([int(n), d.name]) for n, d in v) for k, v in history.items()
}

environment = set_sizing_environment(max_fanout=2)
several(1.0, [2.0, 3.0, 4.0, 5.0, 6.0])
output["joined"] = bits(environment)

environment = set_sizing_environment()
structures(
    [collections.OrderedDict(names=["ab", "cde"], flags=[[True, False, True]] * 2, data=[1, 2, 3])]
    * 2
)
output["structures"] = bits(environment)

environment = set_sizing_environment()
collected([collections.OrderedDict(number=1.0, flags=[True, False, True])] * 3, [1, 2, 3])
output["collected"] = bits(environment)

output["averaging"] = run(
    tff.learning.build_federated_averaging_process(model_fn, sgd(0.5), sgd(1.0))
)
output["sgd"] = run(tff.learning.build_federated_sgd_process(model_fn, sgd(1.0)))
output["encoded"] = run(
    tff.learning.build_federated_averaging_process(
        model_fn,
        sgd(0.5),
        sgd(1.0),
        aggregation_process=tff.learning.framework.build_encoded_mean_process_from_model(
            model_fn, mean_encoder_fn
        ),
        broadcast_process=tff.learning.framework.build_encoded_broadcast_process_from_model(
            model_fn, broadcast_encoder_fn
        ),
    )
)

evaluation = tff.learning.build_federated_evaluation(model_fn)
weights = (
    tff.learning.build_federated_averaging_process(model_fn, sgd(0.5), sgd(1.0)).initialize().model
)
environment = set_sizing_environment()
evaluation(weights, federated_train_data)
output["evaluation"] = bits(environment)

print(json.dumps(output))
