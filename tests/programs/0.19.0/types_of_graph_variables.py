"""The types of tensors and variables of a graph that is done, as research code asks for them."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

with tf.Graph().as_default():
  net = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])
  counter = tf.Variable(0, dtype=tf.int64, name='counter')
  unknown = tf.compat.v1.placeholder(tf.float32, [None, 4])

print(json.dumps({
    'weights': str(tff.framework.type_from_tensors(
        tff.learning.ModelWeights(net.trainable_variables, net.non_trainable_variables))),
    'counter': str(tff.types.type_from_tensors(counter)),
    'nested': str(tff.framework.type_from_tensors(
        collections.OrderedDict(a=[counter, unknown], b=(np.float32([1.0]), 2)))),
}))
