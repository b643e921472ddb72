"""What `tff.types.to_type` takes in 0.64."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

OBJECTS = [
    tf.int32,
    np.float32,
    (tf.float32, [2, None]),
    tf.TensorSpec([None, 3], tf.string),
    tf.data.DatasetSpec(tf.TensorSpec([None], tf.int64)),
    collections.OrderedDict(a=tf.bool, b=(tf.int32, tf.float32)),
    [('x', tf.int32), ('y', tff.types.TensorType(tf.float32, [1]))],
    tff.types.FederatedType(tf.int32, tff.SERVER),
]

print(json.dumps({
    'types': [str(tff.types.to_type(obj)) for obj in OBJECTS],
    'same': tff.types.to_type(OBJECTS[-1]) is OBJECTS[-1],
    'by_keyword': str(tff.types.to_type(obj=tf.int32)),
    'equal': tff.types.to_type(OBJECTS[5]) == tff.to_type(OBJECTS[5]),
}))
