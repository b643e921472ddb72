"""Heavy hitters with values for each string, as an aggregation and as a computation, in 0.27."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

iblt = tff.analytics.heavy_hitters.iblt

WORDS = [
    ['apple', 'pear', 'apple', 'apple'],
    ['apple', 'fig'],
    ['pear', 'fig', 'fig'],
]


def client_dataset(words):
  return tf.data.Dataset.from_tensor_slices(words).batch(1)


def find(**kwargs):
  computation = iblt.build_iblt_computation(capacity=20, **kwargs)
  output = computation([client_dataset(words) for words in WORDS])
  found = {
      word.decode(): [int(count), int(unique)] for word, count, unique in zip(
          output.heavy_hitters, output.heavy_hitters_counts,
          output.heavy_hitters_unique_counts)
  }
  return {
      'type': str(computation.type_signature),
      'clients': int(output.clients),
      'found': found,
      'not decoded': int(output.num_not_decoded),
  }


def decode_and_shout(iblt_decode=iblt.decode_iblt_tensor_tf, **kwargs):
  names = sorted(kwargs)
  assert names == [
      'capacity', 'iblt', 'iblt_values', 'repetitions', 'seed',
      'string_max_length', 'value_shape'
  ], names
  words, counts, values, not_decoded = iblt_decode(**kwargs)
  return tf.strings.upper(words), counts, values, not_decoded


encoder = iblt.IbltTensorEncoder(
    value_shape=(2,), capacity=10, string_max_length=8, seed=2)
sketch, values = encoder.compute_iblt(
    tf.constant(['fig', 'pear', 'fig']),
    tf.constant([[1, 10], [2, 20], [3, 30]], tf.int64))
decoder = iblt.IbltTensorDecoder(
    iblt=sketch,
    iblt_values=values,
    value_shape=(2,),
    capacity=10,
    string_max_length=8,
    seed=2)
words, counts, tensors, not_decoded = iblt.decode_iblt_tensor_tf(
    iblt=sketch,
    iblt_values=values,
    capacity=10,
    string_max_length=8,
    value_shape=(2,),
    seed=2)

factory = tff.analytics.IbltFactory(
    capacity=10,
    string_max_length=5,
    repetitions=3,
    seed=0,
    sketch_agg_factory=tff.aggregators.SumFactory(),
    value_tensor_agg_factory=tff.aggregators.SumFactory())
value_type = tff.SequenceType(
    collections.OrderedDict(
        key=tff.TensorType(tf.string), value=tff.TensorType(tf.int64, [1])))
process = factory.create(value_type)
output = process.next(process.initialize(), [
    tf.data.Dataset.from_tensor_slices(
        collections.OrderedDict(
            key=words,
            value=tf.constant([[n + 1] for n in range(len(words))], tf.int64)))
    for words in [['apple', 'fig'], ['fig']]
])
keys = [key.decode() for key in output.result.output_strings]

errors = []
for arguments in [
    dict(capacity=0, string_max_length=5, repetitions=3),
    dict(capacity=5, string_max_length=0, repetitions=3),
    dict(capacity=5, string_max_length=5, repetitions=2),
    dict(capacity=5, string_max_bytes=5, repetitions=3),
]:
  try:
    tff.analytics.IbltFactory(**arguments)
    errors.append(None)
  except Exception as e:  # pylint: disable=broad-except
    errors.append(type(e).__name__)

print(json.dumps({
    'encoded': {
        'shapes': [sketch.shape.as_list(), values.shape.as_list()],
        'decoded': sorted(zip(
            [word.decode() for word in words.numpy()], counts.numpy().tolist(),
            tensors.numpy().tolist())),
        'not decoded': int(not_decoded),
        'estimates': decoder.get_freq_estimates(),
    },
    'factory': {
        'initialize': str(process.initialize.type_signature),
        'next': str(process.next.type_signature),
        'result': sorted(zip(
            keys, output.result.string_values.tolist())),
        'measurements': sorted(output.measurements),
        'errors': errors,
    },
    'by default': find(),
    'short words of two clients': find(
        max_string_length=2, k_anonymity=2, seed=1),
    'at most two': find(max_heavy_hitters=2),
    'of the first': find(max_words_per_user=2),
    'of secure sums': str(
        iblt.build_iblt_computation(secure_sum_bitwidth=40).type_signature),
    'decoded by a function': find(decode_iblt_fn=decode_and_shout),
}))
