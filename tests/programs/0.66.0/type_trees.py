"""Structures made from the tensors of a type, in 0.66."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

TYPE = tff.to_type(collections.OrderedDict(
    a=tf.int32, b=(tff.TensorType(tf.float32, [2, None]), tf.string)))
shapes = tff.types.structure_from_tensor_type_tree(lambda t: list(t.shape), TYPE)
names = tff.types.structure_from_tensor_type_tree(
    fn=lambda t: str(t.dtype), type_spec=[('x', tf.bool), ('y', tf.int64)])

print(json.dumps({
    'shapes': shapes,
    'containers': [type(shapes).__name__, type(shapes['b']).__name__],
    'names': [list(names), list(names.values()) if hasattr(names, 'values') else None],
}))
