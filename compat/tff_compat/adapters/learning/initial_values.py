"""Helpers that let Keras draw values as it did up to TensorFlow 2.9.

Nothing here runs: `tff_compat.keras_behaviour` does the same for a run.
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
