"""What clients contribute to an IBLT aggregation, clipped, in 0.38."""
import json

import tensorflow as tf
import tensorflow_federated as tff

WORDS = ['fig', 'pear', 'fig', 'pomegranate', 'fig']


def contribution(**kwargs):
  dataset = tff.analytics.data_processing.get_clipped_elements_with_counts(
      tf.data.Dataset.from_tensor_slices(WORDS).batch(1), **kwargs)
  return {
      'spec': str(dataset.element_spec),
      'elements': sorted((element['key'].numpy().decode(),
                          element['value'].numpy().tolist())
                         for element in dataset),
  }


process = tff.analytics.IbltFactory(
    capacity=10, string_max_bytes=10, repetitions=3).create(
        tff.SequenceType(
            tff.to_type([('key', tf.string),
                         ('value', tff.TensorType(tf.int64, [2]))])))


@tff.tf_computation(tff.SequenceType(tff.TensorType(tf.string, [None])))
@tf.function
def prepare(dataset):
  return tff.analytics.data_processing.get_clipped_elements_with_counts(
      dataset, max_words_per_user=3, unique_counts=True)


find = tff.analytics.heavy_hitters.iblt.build_iblt_computation(
    string_max_bytes=4, capacity=10)

try:
  contribution(max_words_per_user=0)
  error = None
except Exception as e:  # pylint: disable=broad-except
  error = type(e).__name__

print(json.dumps({
    'by default': contribution(),
    'capped': contribution(max_words_per_user=3, string_max_bytes=4),
    'once each': contribution(multi_contribution=False),
    'top': contribution(max_words_per_user=1, multi_contribution=False),
    'with ones': contribution(unique_counts=True),
    'prepare': str(prepare.type_signature),
    'next': str(process.next.type_signature),
    'find': str(find.type_signature),
    'no words': error,
}))
