"""Clients sampled for each round, in 0.18, the only release with this name for it."""
import collections
import json

import numpy as np
import tensorflow_federated as tff

source = tff.simulation.FromTensorSlicesClientData({
    'client_{}'.format(i): collections.OrderedDict(x=np.array([i], np.int32)) for i in range(6)
})


sample = tff.simulation.build_uniform_client_sampling_fn(source, 3, random_seed=7)
again = tff.simulation.build_uniform_client_sampling_fn(
    dataset=source, clients_per_round=3, random_seed=7)
rounds = [list(sample(round_num)) for round_num in range(4)]

print(json.dumps({
    'same_seed': [list(again(round_num)) for round_num in range(4)] == rounds,
    'distinct': [len(set(chosen)) for chosen in rounds],
    'rounds': rounds,
}))
