"""Client data of 0.17 as computations, in front of a process, with synthetic data and files."""
import collections
import io
import json
import logging.handlers  # Without it gldv2.load_data of 0.17 does not find it.
import os
import tempfile

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

folder = tempfile.mkdtemp()
files = {}
for client_id, numbers in [('one', [1, 2]), ('two', [3])]:
  files[client_id] = os.path.join(folder, client_id + '.txt')
  with open(files[client_id], 'w') as f:
    f.write(''.join('%d\n' % n for n in numbers))


def error(fn):
  try:
    fn()
  except Exception as e:
    return type(e).__name__
  return None


def ints(dataset):
  return [int(n) for n in dataset]


text = tff.simulation.FilePerUserClientData(files, lambda path: tf.data.TextLineDataset(path))
numbers = text.preprocess(lambda ds: ds.map(lambda s: tf.strings.to_number(s, tf.int32)))


@tff.tf_computation(tf.string)
def up_to_length(client_id):
  return tf.data.Dataset.range(tf.cast(tf.strings.length(client_id), tf.int64)).map(
      lambda n: tf.cast(n, tf.int32))


by_computation = tff.simulation.ClientData.from_clients_and_fn(['a', 'bb', 'ccc'], up_to_length)
by_python = tff.simulation.ClientData.from_clients_and_fn(
    ('a', 'b'), lambda i: tf.data.Dataset.range(2))
train, test = tff.simulation.ClientData.train_test_client_split(by_computation, 1, seed=4)


class Subclass(tff.simulation.ClientData):
  client_ids = ['a']
  element_type_structure = tf.TensorSpec([], tf.int64)

  def create_tf_dataset_for_client(self, client_id):
    return tf.data.Dataset.range(3)


class WithComputation(Subclass):

  @property
  def dataset_computation(self):
    raise NotImplementedError


@tff.tf_computation(tff.SequenceType(tf.int32))
def total(ds):
  return ds.reduce(0, lambda a, b: a + b)


@tff.federated_computation
def initialize():
  return tff.federated_value(0, tff.SERVER)


@tff.federated_computation(
    initialize.type_signature.result,
    tff.FederatedType(tff.SequenceType(tf.int32), tff.CLIENTS))
def next_fn(state, data):
  added = tff.federated_sum(tff.federated_map(total, data))
  return tff.federated_map(tff.tf_computation(lambda a, b: a + b), (state, added)), added


process = tff.templates.IterativeProcess(initialize, next_fn)
composed = tff.simulation.compose_dataset_computation_with_iterative_process(
    numbers.dataset_computation, process)
state = composed.initialize()
state, first = composed.next(state, ['one', 'two'])
state, second = composed.next(state, ['two'])

shakespeare = tff.simulation.datasets.shakespeare.get_synthetic()
stackoverflow = tff.simulation.datasets.stackoverflow.get_synthetic()
gldv2 = tff.simulation.datasets.gldv2
cache = os.path.join(folder, 'cache')
train_folder = os.path.join(cache, gldv2.MINI_GLD_CACHE, gldv2.TRAIN_SUB_DIR)
os.makedirs(train_folder)


def write(path, count):
  with tf.io.TFRecordWriter(path) as writer:
    for label in range(count):
      image = tf.io.encode_jpeg(np.full([8, 8, 3], 10 * label, np.uint8)).numpy()
      writer.write(tf.train.Example(features=tf.train.Features(feature={
          gldv2.KEY_IMAGE_BYTES: tf.train.Feature(bytes_list=tf.train.BytesList(value=[image])),
          gldv2.KEY_CLASS: tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
      })).SerializeToString())


write(os.path.join(train_folder, '12'), 2)
write(os.path.join(train_folder, '7'), 1)
write(os.path.join(cache, gldv2.MINI_GLD_CACHE, gldv2.TEST_FILE_NAME), 3)
landmarks, landmarks_test = gldv2.load_data(cache_dir=cache, gld23k=True)

print(json.dumps({
    'files': [text.client_ids, str(text.dataset_computation.type_signature)],
    'numbers': [ints(numbers.create_tf_dataset_for_client('one')),
                str(numbers.dataset_computation.type_signature),
                ints(numbers.dataset_computation('two'))],
    'all': ints(numbers.create_tf_dataset_from_all_clients(seed=1)),
    'by_computation': [str(by_computation.dataset_computation.type_signature),
                       ints(by_computation.create_tf_dataset_for_client('bb'))],
    'split': [train.client_ids, test.client_ids, ints(test.create_tf_dataset_for_client('ccc'))],
    'composed': [str(composed.initialize.type_signature), str(composed.next.type_signature)],
    'rounds': [int(first), int(second), int(state)],
    'shakespeare': {i: [e['snippets'].numpy().decode() for e in
                        shakespeare.create_tf_dataset_for_client(i)]
                    for i in shakespeare.client_ids},
    'stackoverflow': [str(tff.to_type(stackoverflow.element_type_structure)),
                      {i: [int(e['score']) for e in stackoverflow.create_tf_dataset_for_client(i)]
                       for i in stackoverflow.client_ids}],
    'landmarks': {i: [[list(e), int(e['class'][0]), e['image/decoded'].shape.as_list(),
                       float(np.mean(e['image/decoded']))]
                      for e in landmarks.create_tf_dataset_for_client(i)]
                  for i in landmarks.client_ids},
    'landmarks_test': [int(e[gldv2.KEY_CLASS][0]) for e in landmarks_test],
    'landmarks_keys': [gldv2.KEY_IMAGE_BYTES, gldv2.KEY_IMAGE_DECODED, gldv2.KEY_CLASS],
    'are_client_data': [isinstance(each, tff.simulation.ClientData)
                        for each in (text, numbers, by_computation, train, shakespeare,
                                     landmarks, Subclass)],
    'errors': {
        'abstract': error(Subclass),
        'complete': error(WithComputation),
        'no_computation': error(lambda: WithComputation().dataset_computation),
        'of_python': error(lambda: by_python.dataset_computation),
        'of_slices': error(lambda: shakespeare.dataset_computation),
        'of_preprocessed': error(
            lambda: shakespeare.preprocess(lambda ds: ds.take(1)).dataset_computation),
        'files': error(lambda: tff.simulation.FilePerUserClientData(['a'], len)),
        'no_files': error(lambda: tff.simulation.FilePerUserClientData({}, len)),
        'ids': error(lambda: tff.simulation.ClientData.from_clients_and_fn(3, len)),
    },
}))
