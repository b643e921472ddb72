"""States, outputs and weights of 0.44 taken apart and changed with the functions of attrs."""
import collections
import json

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

SPEC = collections.OrderedDict(
    x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32))


def client(seed):
  x = np.arange(8, dtype=np.float32).reshape(4, 2) / 8.0 + seed
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=np.sum(x, axis=1, keepdims=True))).batch(2)


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))])
  return tff.learning.from_keras_model(
      keras_model, input_spec=SPEC, loss=tf.keras.losses.MeanSquaredError())


def plain(value):
  if isinstance(value, dict):
    return {name: plain(each) for name, each in value.items()}
  if isinstance(value, (list, tuple)):
    return [plain(each) for each in value]
  return np.asarray(value).tolist()


process = tff.learning.algorithms.build_weighted_fed_avg(
    model_fn, client_optimizer_fn=tff.learning.optimizers.build_sgdm(0.1))
data = [client(0.0), client(1.0)]
output = process.next(process.initialize(), data)
weights = output.state.global_model_weights

doubled = attr.evolve(weights, trainable=[2.0 * each for each in weights.trainable])
changed = attr.evolve(output.state, global_model_weights=doubled)
later = process.next(changed, data)

taken = process.get_model_weights(changed)
own = tff.learning.models.ModelWeights(trainable=[np.float32(1.0)], non_trainable=[])
result = tff.learning.templates.ClientResult(update=[1.0, 2.0], update_weight=3.0)


@tff.tf_computation(
    tff.learning.models.ModelWeights(trainable=[tf.float32], non_trainable=[]))
def shifted(value):
  return attr.evolve(value, trainable=[each + 1.0 for each in value.trainable])


print(json.dumps({
    'of attrs': [attr.has(type(each)) for each in (
        output, output.state, weights, doubled, taken, own, result)],
    'output': sorted(attr.asdict(output, recurse=False)),
    'state': sorted(attr.asdict(later.state, recurse=False)),
    'weights': plain(attr.asdict(later.state.global_model_weights)),
    'tuple': plain(attr.astuple(taken)),
    'fields': [field.name for field in attr.fields(type(weights))],
    'result': plain(attr.asdict(attr.evolve(result, update_weight=4.0))),
    'kinds': [isinstance(each, tff.learning.models.ModelWeights)
              for each in (weights, doubled, taken, own, result)],
    'shifted': plain(attr.asdict(shifted(own))),
    'type': str(shifted.type_signature),
    'representation': repr(result),
    'loss': plain(later.metrics['client_work']['train']['loss']),
}))
