"""Data sets of 0.5 with the members that TensorFlow 1 gave them, and client data with types."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


def names(structure):
  return collections.OrderedDict(
      (name, tf.as_dtype(each).name if not isinstance(each, tf.TensorShape) else each.as_list())
      for name, each in structure.items())


clients = tff.simulation.FromTensorSlicesClientData(collections.OrderedDict(
    (client, collections.OrderedDict([
        ('x', np.arange(2 * size, dtype=np.float32).reshape([size, 2])),
        ('y', np.arange(size, dtype=np.int32)),
    ])) for client, size in (('ann', 3), ('bob', 4))))
output = {'clients': [names(clients.output_types), names(clients.output_shapes)]}

dataset = clients.create_tf_dataset_for_client('bob')
output['data set'] = [names(dataset.output_types), names(dataset.output_shapes)]
batches = dataset.map(lambda each: collections.OrderedDict(
    [('z', each['x'] * 2), ('y', each['y'])])).batch(3)
output['batches'] = [names(batches.output_types), names(batches.output_shapes)]
iterator = batches.make_one_shot_iterator()
output['first'] = iterator.get_next()['z'].numpy().tolist()
everyone = clients.create_tf_dataset_from_all_clients()
output['all'] = names(everyone.output_types)
output['number'] = sum(1 for _ in everyone)


@tff.tf_computation(tff.SequenceType(collections.OrderedDict([
    ('x', tff.TensorType(tf.float32, [2])), ('y', tf.int32)])))
def total(dataset):
  return dataset.reduce(np.float32(0), lambda total, each: total + tf.reduce_sum(each['x']))


output['total'] = float(total(dataset))
print(json.dumps(output))
