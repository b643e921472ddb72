"""Executors with a number of clients, with any number, and pools of them."""

from __future__ import absolute_import, division, print_function

import collections
import json

import tensorflow as tf

tf.compat.v1.enable_v2_behavior()

import tensorflow_federated as tff


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def total(x):
  return tff.federated_sum(x)


@tff.federated_computation
def number_of_clients():
  return tff.federated_sum(tff.federated_value(1, tff.CLIENTS))


def outcome(fn, *args):
  try:
    return int(fn(*args))
  except Exception as e:
    return type(e).__name__


def outcomes():
  return [outcome(total, [1, 2, 3]), outcome(total, [1, 2]), outcome(number_of_clients)]


output = collections.OrderedDict()
tff.framework.set_default_executor(tff.framework.create_local_executor(3))
output['three_clients'] = outcomes()
tff.framework.set_default_executor(tff.framework.create_local_executor())
output['any_clients'] = [outcome(total, [1, 2, 3]), outcome(total, [1, 2])]
tff.framework.set_default_executor()
output['as_imported'] = [outcome(total, [1, 2, 3]), outcome(total, [1, 2])]
for name, args in [('zero', (0,)), ('text', ('3',)), ('negative', (-1,))]:
  try:
    tff.framework.create_local_executor(*args)
    output[name] = 'made'
  except Exception as e:
    output[name] = type(e).__name__
for name, args in [('no_executors', ([],)), ('no_list', (3,))]:
  try:
    tff.framework.create_worker_pool_executor(*args)
    output[name] = 'made'
  except Exception as e:
    output[name] = type(e).__name__
print(json.dumps(output))
