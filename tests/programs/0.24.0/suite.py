"""A suite on `tff.test.TestCase`, run by `tff.test.main`, in 0.24."""
import contextlib
import io
import json
import sys

import tensorflow as tf
import tensorflow_federated as tff

ran = []


class SumTest(tff.test.TestCase):

  def setUp(self):
    super().setUp()
    ran.append('setUp')

  def test_sum(self):
    @tff.federated_computation(tff.type_at_clients(tf.int32))
    def total(values):
      return tff.federated_sum(values)

    self.assertEqual(total([1, 2, 3]), 6)
    self.assertAllClose([1.0, 2.0], [1.0, 2.0 + 1e-9])
    ran.append('test_sum')

  def test_keras_names(self):
    self.assertEqual(tf.keras.layers.Dense(1).name, 'dense')
    ran.append('test_keras_names')

  def test_keras_names_again(self):
    self.assertEqual(tf.keras.layers.Dense(1).name, 'dense')
    ran.append('test_keras_names_again')

  def test_types(self):
    with self.assertRaises(AssertionError):
      self.assertAllEqual([1, 2], [1, 3])
    ran.append('test_types')


sys.argv = sys.argv[:1]
status = None
with contextlib.redirect_stderr(io.StringIO()):
  try:
    tff.test.main()
  except SystemExit as e:
    status = e.code
print(json.dumps({
    'ran': ran,
    'passed': not status,
    'bases': [base.__name__ for base in tff.test.TestCase.__mro__
              if base.__module__.startswith(('absl', 'unittest'))],
}))
