"""Heavy hitters by IBLT in one computation, in 0.34, and a model for MNIST."""
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

build = tff.analytics.heavy_hitters.iblt.build_iblt_computation
DATA = [
    tf.data.Dataset.from_tensor_slices(words).batch(1)
    for words in [['fig', 'fig', 'pomegranate', 'pear'], ['fig', 'pear'], ['kiwi', 'fig']]
]


def run(**kwargs):
  computation = build(capacity=20, **kwargs)
  result = computation(DATA)
  return {
      'type': str(computation.type_signature),
      'clients': int(result.clients),
      'found': sorted(zip(
          [word.decode() for word in result.heavy_hitters.tolist()],
          result.heavy_hitters_counts.tolist(), result.heavy_hitters_unique_counts.tolist())),
      'not decoded': int(result.num_not_decoded),
  }


def error(**kwargs):
  try:
    build(**kwargs)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


model = tff.simulation.models.mnist.create_keras_model(compile_model=True)
images = np.ones([2, 784], np.float32)
print(json.dumps({
    'plain': run(),
    'short': run(string_max_bytes=4, seed=3, repetitions=4),
    'by k': run(k_anonymity=2),
    'at most': run(max_heavy_hitters=1),
    'one each': run(multi_contribution=False, max_words_per_user=2),
    'upper': run(string_postprocessor=tf.strings.upper),
    'errors': [
        error(string_max_bytes=0), error(repetitions=2), error(max_heavy_hitters=0),
        error(max_words_per_user=0), error(k_anonymity=0), error(secure_sum_bitwidth=63),
        error(batch_size=0)],
    'model': [
        [type(layer).__name__ for layer in model.layers],
        [w.numpy().ravel()[:3].tolist() for w in model.trainable_variables],
        model.predict(images).tolist(), model.loss.name],
}))
