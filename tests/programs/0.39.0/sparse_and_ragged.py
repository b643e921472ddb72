"""Data sets of sparse and ragged tensors, and of named tuples, at clients and the server."""
import collections
import json

import attr
import tensorflow as tf
import tensorflow_federated as tff

tff.backends.native.set_local_python_execution_context()

# In another order than the alphabet's.
Batch = collections.namedtuple('Batch', ['tokens', 'tags'])


@attr.s(eq=False)
class Row:
  words = attr.ib()
  count = attr.ib()


def sparse(size):
  def make(i):
    tokens = tf.SparseTensor([[i], [i + 1]], tf.ones([2]), [6])
    return Batch(tokens, tf.cast(i, tf.float32))
  return tf.data.Dataset.range(size).map(make).batch(2)


def ragged(size):
  def make(i):
    words = tf.strings.split(tf.strings.join(['a b', tf.strings.as_string(i)]))
    return collections.OrderedDict(
        w=tf.RaggedTensor.from_row_lengths(words, [2]), n=tf.cast(i, tf.int32))
  return tf.data.Dataset.range(size).map(make)


def dense(size):
  return tf.data.Dataset.range(size).map(lambda i: Row(
      tf.cast(i, tf.float32), Batch(tf.cast(i, tf.int32), (i, i))))


def alone(size):
  return sparse(size).map(lambda batch: batch.tokens)


@tf.function
def sum_sparse(dataset):
  return dataset.reduce(
      tf.zeros([6]), lambda total, batch: total + tf.reduce_sum(
          tf.sparse.to_dense(batch.tokens), axis=0) + tf.reduce_sum(batch.tags))


def sum_ragged(dataset):
  return dataset.reduce(
      0, lambda total, row: total + row['n'] + tf.cast(
          row['w'].row_lengths()[0], tf.int32) + tf.strings.length(
              tf.strings.reduce_join(row['w'].flat_values)))


def sum_dense(dataset):
  return dataset.reduce(
      0.0, lambda total, row: total + row.words + 10 * tf.cast(
          row.count.tokens, tf.float32) + 100 * tf.cast(row.count.tags[1], tf.float32))


def sum_alone(dataset):
  return dataset.reduce(
      0.0, lambda total, each: total + tf.ensure_shape(
          tf.sparse.reduce_sum(each), []))


def results(make, total):
  dataset_type = tff.SequenceType(make(1).element_spec)
  typed = tff.tf_computation(total, dataset_type)
  untyped = tff.tf_computation(total)
  first = tff.tf_computation(lambda dataset: dataset.take(1), dataset_type)
  plus = tff.tf_computation(lambda dataset, x: total(dataset) + x, dataset_type,
                            typed.type_signature.result)

  @tff.federated_computation(tff.type_at_clients(dataset_type))
  def at_clients(datasets):
    one = tff.federated_map(untyped, tff.federated_map(first, datasets))
    return tff.federated_sum(tff.federated_map(typed, datasets)), tff.federated_sum(one)

  @tff.federated_computation(
      tff.type_at_server(dataset_type),
      tff.type_at_server(typed.type_signature.result))
  def at_server(dataset, x):
    return tff.federated_map(plus, (dataset, x))

  return {
      'types': [str(each.type_signature) for each in (typed, first, at_clients, at_server)],
      'typed': typed(make(3)).tolist(),
      'untyped': untyped(make(3)).tolist(),
      'clients': [each.tolist() for each in at_clients([make(3), make(1)])],
      'server': at_server(make(2), typed(make(1))).tolist(),
  }


@tff.tf_computation(tf.SparseTensorSpec([None, 6], tf.float32))
def doubled(tokens):
  return tokens * 2.0


@tff.federated_computation(
    tff.type_at_clients(tff.to_type(tf.RaggedTensorSpec([None, None], tf.int32))))
def lengths(values):
  return tff.federated_map(
      tff.tf_computation(lambda value: tf.size(value.flat_values)), values)


twice = doubled(next(iter(alone(2))))
print(json.dumps({
    'sparse': results(sparse, sum_sparse),
    'ragged': results(ragged, sum_ragged),
    'dense': results(dense, sum_dense),
    'alone': results(alone, sum_alone),
    'doubled': [str(doubled.type_signature), type(twice).__name__,
                tf.sparse.to_dense(twice).numpy().tolist()],
    'lengths': [int(each) for each in lengths(
        [tf.ragged.constant([[1, 2], [3]]), tf.ragged.constant([[4]])])],
}))
