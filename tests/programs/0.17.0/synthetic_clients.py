"""The synthetic data of 0.17: two users of Stack Overflow."""
import json

import tensorflow_federated as tff

users = tff.simulation.datasets.stackoverflow.get_synthetic()
output = {'users': [
    [each['tokens'].numpy().decode('utf-8')
     for each in users.create_tf_dataset_for_client(user)] for user in users.client_ids]}
train, test = tff.simulation.ClientData.train_test_client_split(users, 1, seed=3)
output['split'] = [len(train.client_ids), len(test.client_ids)]
lines = tff.simulation.datasets.shakespeare.get_synthetic()
output['characters'] = [
    [client, sum(1 for _ in lines.create_tf_dataset_for_client(client))]
    for client in lines.client_ids]
print(json.dumps(output))
