"""Heavy hitters with IBLT, and the processing of strings around it, in 0.20."""
import json

import tensorflow as tf
import tensorflow_federated as tff

iblt = tff.analytics.heavy_hitters.iblt
data_processing = tff.analytics.data_processing

CLIENTS = [
    ['apple', 'pear', 'apple', 'pomegranate'],
    ['apple', 'fig'],
    ['pear', 'apple', 'fig', 'fig', 'fig'],
]


def client_dataset(words, batch_size=1):
  return tf.data.Dataset.from_tensor_slices(words).batch(batch_size)


def as_text(tensor):
  return [word.decode() for word in tensor.numpy()]


def with_counts(result):
  elements, counts = result
  return sorted(zip(as_text(elements), counts.numpy().tolist()))


def error_of(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return None
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


def find(**kwargs):
  computation = iblt.build_iblt_computation(capacity=20, **kwargs)
  output = computation([client_dataset(words) for words in CLIENTS])
  found = {
      word.decode(): int(count)
      for word, count in zip(output.heavy_hitters, output.heavy_hitters_counts)
  }
  return {
      'type': str(computation.type_signature),
      'clients': int(output.clients),
      'found': found,
      'not decoded': int(output.num_not_decoded),
  }


def decode_and_shout(iblt, capacity, string_max_length, repetitions, seed):
  words, counts, not_decoded = tff.analytics.heavy_hitters.iblt.decode_iblt_tf(
      iblt, capacity, string_max_length, repetitions=repetitions, seed=seed)
  return tf.strings.upper(words), counts, not_decoded


@tff.tf_computation(tff.SequenceType(tff.TensorType(tf.string, [None])))
def different_words(dataset):
  return tf.size(
      data_processing.get_unique_elements(dataset, max_string_length=3))


words = CLIENTS[2]
data = {
    'all': as_text(
        data_processing.get_all_elements(
            client_dataset(words), max_string_length=2)),
    'capped': as_text(
        data_processing.get_capped_elements(
            client_dataset(words, 2),
            max_user_contribution=3,
            batch_size=2,
            max_string_length=4)),
    'capped with counts': with_counts(
        data_processing.get_capped_elements_with_counts(
            client_dataset(words), 4, max_string_length=1)),
    'unique': as_text(data_processing.get_unique_elements(
        client_dataset(words), 3)),
    'unique with counts': with_counts(
        data_processing.get_unique_elements_with_counts(
            client_dataset(words), max_string_length=3)),
    'top': as_text(
        data_processing.get_top_elements(
            client_dataset(words), max_user_contribution=1,
            max_string_length=2)),
    'top with counts': with_counts(
        data_processing.get_top_elements_with_counts(
            client_dataset(words), 1, max_string_length=2)),
    'top multi': as_text(
        data_processing.get_top_multi_elements(
            client_dataset(words), 1, max_string_length=2)),
    'in a computation': int(different_words(client_dataset(words))),
    'errors': [
        error_of(
            data_processing.get_all_elements,
            client_dataset(words),
            max_string_length=0),
        error_of(data_processing.get_unique_elements,
                 tf.data.Dataset.range(3).batch(1)),
        error_of(
            data_processing.get_top_elements,
            client_dataset(words),
            max_user_contribution=0),
    ],
}

encoder = iblt.IbltEncoder(capacity=10, string_max_length=6, seed=1)
sketch = encoder.compute_iblt(tf.constant(CLIENTS[0]))
dropping = iblt.IbltEncoder(
    10, 6, drop_strings_above_max_length=True, seed=1, hash_family='random')
decoder = iblt.IbltDecoder(
    iblt=dropping.compute_iblt(tf.constant(CLIENTS[0])),
    capacity=10,
    string_max_length=6,
    seed=1)
decoded, counts, not_decoded = iblt.decode_iblt_tf(
    iblt=sketch, capacity=10, string_max_length=6, seed=1)

chunker = iblt.UTF8Chunker(string_max_length=5, max_chunk_value=2**31 - 1)
chunks, trimmed = chunker.encode_tensorflow(tf.constant(['fig', 'pomegranate']))
chunker_output = {
    'number': chunker.get_num_chunks(),
    'chunks': chunks.numpy().tolist(),
    'trimmed': as_text(trimmed),
    'decoded': as_text(chunker.decode_tensorflow(chunks)),
    'in numpy': [
        word.decode().rstrip('\0')
        for word in chunker.decode_python(chunks.numpy())
    ],
    'errors': [
        error_of(iblt.UTF8Chunker, 0),
        error_of(iblt.UTF8Chunker, 5, dtype=tf.float32),
    ],
}

random_hasher = iblt.RandomHyperEdgeHasher(seed=3, table_size=50, repetitions=4)
coupled_hasher = iblt.CoupledHyperEdgeHasher(
    seed=3, table_size=50, repetitions=3, rescale_factor=4)

print(json.dumps({
    'data': data,
    'sketch': {
        'shape': sketch.shape.as_list(),
        'sum': int(tf.reduce_sum(sketch[:, :, -1])),
        'decoded': with_counts((decoded, counts)),
        'not decoded': int(not_decoded),
        'dropping': decoder.get_freq_estimates(),
    },
    'chunker': chunker_output,
    'hashes': {
        'random': random_hasher.get_hash_indices(['apple', 'fig']),
        'coupled': coupled_hasher.get_hash_indices(['apple', 'fig', 'pear']),
        'none': random_hasher.get_hash_indices([]),
        'in TensorFlow': random_hasher.get_hash_indices_tf(
            tf.constant(['apple', 'fig'])).numpy().tolist(),
    },
    'computations': {
        'by default': find(),
        'short words': find(max_string_length=3, seed=5),
        'of two clients': find(k_anonymity=2, max_words_per_user=4),
        'once each': find(multi_contribution=False, max_heavy_hitters=1),
        'top': find(
            multi_contribution=False,
            max_words_per_user=1,
            string_postprocessor=tf.strings.upper),
        'decoded by a function': find(
            k_anonymity=2, decode_iblt_fn=decode_and_shout),
        'of secure sums': str(
            iblt.build_iblt_computation(secure_sum_bitwidth=40).type_signature),
        'errors': [
            error_of(iblt.build_iblt_computation, max_string_length=0),
            error_of(iblt.build_iblt_computation, repetitions=2),
            error_of(iblt.build_iblt_computation, secure_sum_bitwidth=63),
            error_of(iblt.build_iblt_computation, max_heavy_hitters=0),
        ],
    },
}))
