"""The synthetic data of 0.20: one client of images, each with all that it has."""
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

datasets = tff.simulation.datasets
output = {}
for name, data in (
    ('emnist', datasets.emnist.get_synthetic()),
    ('cifar100', datasets.cifar100.get_synthetic()),
    ('shakespeare', datasets.shakespeare.get_synthetic()),
    ('stackoverflow', datasets.stackoverflow.get_synthetic()),
):
  counts = [sum(1 for _ in data.create_tf_dataset_for_client(each)) for each in data.client_ids]
  output[name] = [len(data.client_ids), counts]

digits = datasets.emnist.get_synthetic()


@tff.tf_computation(tff.SequenceType(digits.element_type_structure))
def brightness(dataset):
  return dataset.reduce(np.float32(0), lambda sum, each: sum + tf.reduce_mean(each['pixels']))


@tff.federated_computation(tff.type_at_clients(brightness.type_signature.parameter))
def all_brightness(data):
  return tff.federated_sum(tff.federated_map(brightness, data))


output['brightness'] = float(all_brightness(
    [digits.create_tf_dataset_for_client(each) for each in digits.client_ids]))
everyone = digits.create_tf_dataset_from_all_clients(seed=1)
output['labels'] = sorted(int(each['label']) for each in everyone)
print(json.dumps(output))
