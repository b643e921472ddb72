"""Keras models made outside of model_fn: used after the builder and a failing one, and cloned."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

K = tf.keras
INITIAL = dict(
    kernel_initializer=K.initializers.RandomNormal(stddev=0.5, seed=3),
    recurrent_initializer='zeros')


class Subclassed(K.Model):

  def __init__(self):
    super(Subclassed, self).__init__()
    self.dense = K.layers.Dense(1, kernel_initializer='ones')

  def call(self, x):
    return self.dense(x)


def sequential():
  return K.Sequential([
      K.layers.Dense(1, kernel_initializer='ones', input_shape=(2,))])


def functional():
  x = K.Input((2,))
  return K.Model(x, K.layers.Dense(1, kernel_initializer='ones')(x))


def recurrent():
  return K.Sequential([
      K.layers.Embedding(
          5, 3, embeddings_initializer=K.initializers.RandomUniform(seed=1),
          batch_input_shape=[2, None]),
      K.layers.GRU(3, return_sequences=True, stateful=True, **INITIAL),
      K.layers.Dense(5, kernel_initializer=K.initializers.he_normal(seed=2)),
  ])


x = np.arange(8, dtype=np.float32).reshape([4, 2]) / 8
y = np.ones([4, 1], np.float32)
words = np.arange(8, dtype=np.int32).reshape([2, 4]) % 5
batch = collections.OrderedDict([('x', x), ('y', y)])
sentences = collections.OrderedDict([('x', words), ('y', (words + 1) % 5)])


def process_of(make, loss, like):

  def model_fn():
    model = make()
    model.compile(optimizer=K.optimizers.SGD(0.5), loss=loss)
    return tff.learning.from_compiled_keras_model(model, like)

  return tff.learning.build_federated_averaging_process(model_fn)


def flat(values):
  return [np.asarray(value).ravel().tolist() for value in values]


models = collections.OrderedDict([
    ('sequential', sequential()), ('functional', functional()), ('subclassed', Subclassed())])
for model in models.values():
  model.compile(optimizer=K.optimizers.SGD(0.25), loss='mse')
  model.predict(x)
text_model = recurrent()
text_loss = K.losses.SparseCategoricalCrossentropy(from_logits=True)


def failing():
  sequential()
  raise KeyError('no model')


try:
  process_of(failing, 'mse', batch)
except KeyError:
  pass
results = {'after a failure': flat(models['sequential'].get_weights())}

process = process_of(sequential, K.losses.MeanSquaredError(), batch)
state, _ = process.next(process.initialize(), [[batch], [batch]])
for name, model in models.items():
  model.set_weights([np.asarray(value) for value in state.model.trainable])
  results[name] = {
      'evaluate': float(model.evaluate(x, y, verbose=0)),
      'predict': flat(model.predict(x)),
      'fit': float(model.fit(x, y, batch_size=4, verbose=0).history['loss'][0]),
      'weights': flat(model.get_weights()),
  }

for name, make in [
    ('clone', lambda: K.models.clone_model(text_model)),
    ('config', lambda: K.Sequential.from_config(text_model.get_config()))]:
  process = process_of(make, text_loss, sentences)
  state, metrics = process.next(process.initialize(), [[sentences]])
  results[name] = {'loss': float(metrics.loss), 'weights': flat(state.model.trainable)}
results['text'] = flat(text_model.predict(words))
print(json.dumps(results))
