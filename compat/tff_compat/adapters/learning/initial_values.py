"""Helpers that let Keras and TensorFlow draw values as they did.

Nothing here runs: `tff_compat.keras_behaviour` and `framework.own_process` do the same for a run.
"""

from __future__ import annotations

from tff_compat.adapters.registry import helper

helper(
    "drawing_on",
    '''\
def drawing_on(initializer, *args, **kwargs):
  """An initializer of Keras that draws on from its seed, as in TensorFlow 2.6 to 2.9."""
  made = initializer(*args, **kwargs)
  made._random_generator._rng_type = 'legacy_stateful'
  return made
''',
)
helper(
    "with_its_seed",
    '''\
def with_its_seed(layer):
  """A layer of Keras that draws from one seed each time it is traced, as up to TensorFlow 2.7."""
  seed = layer._random_generator._seed
  layer._random_generator.make_legacy_seed = lambda: seed
  return layer
''',
)
helper(
    "seeding",
    '''\
def drawing_anew(function):
  """Lets initial values of Keras without a seed be drawn anew, as up to TensorFlow 2.9."""
  from keras.src import backend

  generator = backend.RandomGenerator
  begin = generator._maybe_init

  def begin_as_then(self):
    if self._seed is None and self._rng_type == self.RNG_STATELESS:
      self._rng_type = self.RNG_LEGACY_STATEFUL
    begin(self)

  generator._maybe_init = begin_as_then
  return function


@drawing_anew
def seeding(set_seed):
  """What sets the seed of TensorFlow, which initial values of Keras follow."""
  return set_seed
''',
)
helper(
    "drawn_anew",
    '''\
def drawn_anew(draw):
  """What a function draws from its seeds, the same each time that a computation runs."""
  def zeros(spec):
    return tf.zeros([size or 0 for size in spec.shape], spec.dtype)

  drawn = tf.function(draw).get_concrete_function().structured_outputs
  # A data set makes the operations of its functions anew each time.
  return tf.data.Dataset.range(1).reduce(
      tf.nest.map_structure(zeros, drawn), lambda *_: draw())
''',
)
