"""Clients of 0.16.1 that NumPy's own generator holds out for tests, some of them without examples."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

sizes = {'c%d' % i: i % 3 for i in range(9)}


def rows(client_id):
  return tf.data.Dataset.from_tensor_slices(
      {'x': np.full([sizes[client_id], 2], sizes[client_id], np.float32)})


def of(client_data):
  return [[client_id, sum(float(each['x'][0]) for each in
                          client_data.create_tf_dataset_for_client(client_id))]
          for client_id in client_data.client_ids]


output = {}
np.random.seed(7)
clients = tff.simulation.ClientData.from_clients_and_fn(sorted(sizes), rows)
train, test = tff.simulation.ClientData.train_test_client_split(clients, 2)
output['split'] = [of(train), of(test)]
rest, validation = tff.simulation.ClientData.train_test_client_split(
    client_data=train, num_test_clients=1)
output['again'] = [of(rest), of(validation)]
doubled = rest.preprocess(lambda dataset: dataset.concatenate(dataset))
left, right = doubled.train_test_client_split(doubled, 2)
output['by an object'] = [of(left), of(right)]

slices = tff.simulation.FromTensorSlicesClientData(
    collections.OrderedDict((name, {'x': [[float(i)]]}) for i, name in enumerate('vwxyz')))
one, other = tff.simulation.FromTensorSlicesClientData.train_test_client_split(slices, 3)
output['slices'] = [of(one), of(other)]
made = tff.simulation.FilePerUserClientData.from_clients_and_fn(sorted(sizes), rows)
output['files'] = [of(each) for each in
                   tff.simulation.FilePerUserClientData.train_test_client_split(made, 1)]
made = tff.simulation.HDF5ClientData.from_clients_and_fn(sorted(sizes), rows)
output['hdf5'] = [of(each) for each in
                  tff.simulation.HDF5ClientData.train_test_client_split(made, 1)]
made = tff.simulation.TransformingClientData.from_clients_and_fn(sorted(sizes), rows)
output['transforming'] = [of(each) for each in
                          tff.simulation.TransformingClientData.train_test_client_split(made, 1)]
made = tff.simulation.FromTensorSlicesClientData.from_clients_and_fn(sorted(sizes), rows)
output['from slices'] = of(made)
output['next draw'] = int(np.random.randint(1000))
print(json.dumps(output))
