"""Structs turned into containers of one's own with `tff.structure` of 0.20."""
import json

import tensorflow_federated as tff

struct = tff.structure.Struct([
    ('a', 1),
    ('b', tff.structure.Struct([(None, 2), (None, 3)])),
    ('c', {'d': tff.structure.Struct([('e', 4)])}),
])


def pairs(elements):
  return [[name, value] for name, value in elements]


def as_dict(elements):
  return {name or str(i): value for i, (name, value) in enumerate(elements)}


found = tff.structure.to_container_recursive(struct, pairs)
error = None
try:
  tff.structure.to_container_recursive([1, 2], pairs)
except Exception as e:  # pylint: disable=broad-except
  error = type(e).__name__

print(json.dumps({
    'pairs': found[:2],
    'inside of a dict': type(found[2][1]['d']).__name__,
    'dict': {
        k: v for k, v in tff.structure.to_container_recursive(
            struct, container_fn=as_dict).items() if k != 'c'
    },
    'empty': tff.structure.to_container_recursive(
        tff.structure.Struct([]), list),
    'error': error,
}))
