"""Encodings of the strings in IBLT tables, in 0.33."""
import json

import tensorflow as tf
import tensorflow_federated as tff

iblt = tff.analytics.heavy_hitters.iblt
WORDS = tf.constant([b'fig\x00tree', b'pear', b'pomegranate'])

output = {}
for encoding in iblt.CharacterEncoding:
  chunker = iblt.create_chunker(string_max_length=9, encoding=encoding)
  chunks, trimmed = chunker.encode_tensorflow(WORDS)
  encoder = iblt.IbltEncoder(10, 9, encoding=encoding, seed=4)
  sketch = encoder.compute_iblt(WORDS)
  decoded = iblt.decode_iblt_tf(
      sketch, 10, string_max_length=9, encoding=encoding, seed=4)
  tensor_encoder = iblt.IbltTensorEncoder(
      (1,), capacity=10, string_max_length=9, encoding=encoding)
  tensor_sketch, values = tensor_encoder.compute_iblt(
      WORDS, tf.constant([[1], [2], [3]], tf.int64))
  tensor_decoded = iblt.decode_iblt_tensor_tf(
      tensor_sketch,
      values,
      capacity=10,
      string_max_length=9,
      value_shape=(1,),
      encoding=encoding)
  decoder = iblt.IbltDecoder(
      iblt=sketch,
      capacity=10,
      string_max_length=9,
      encoding=encoding,
      seed=4)
  process = tff.analytics.IbltFactory(
      capacity=10, string_max_length=9, encoding=encoding,
      repetitions=3).create(
          tff.SequenceType(
              tff.to_type([('key', tf.string),
                           ('value', tff.TensorType(tf.int64, [1]))])))
  output[encoding.name] = {
      'chunks': chunks.numpy().tolist(),
      'trimmed': [word.hex() for word in trimmed.numpy()],
      'back': [
          word.hex() for word in chunker.decode_tensorflow(chunks).numpy()
      ],
      'decoded': sorted(word.hex() for word in decoded[0].numpy()),
      'with values': sorted(
          zip([word.hex() for word in tensor_decoded[0].numpy()],
              tensor_decoded[2].numpy().tolist())),
      'estimates': sorted(decoder.get_freq_estimates().values()),
      'next': str(process.next.type_signature),
  }

computation = iblt.build_iblt_computation(capacity=10, max_string_length=4)
result = computation([
    tf.data.Dataset.from_tensor_slices(words).batch(1)
    for words in [['fig', 'pomegranate'], ['fig']]
])
output['computation'] = {
    'type': str(computation.type_signature),
    'found': sorted(
        zip([word.decode() for word in result.heavy_hitters],
            result.heavy_hitters_counts.tolist())),
}
print(json.dumps(output))
