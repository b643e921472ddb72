"""A program that silences the warning for Python 2, in 0.11."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import json
import warnings

import tensorflow_federated as tff

warnings.simplefilter('ignore', tff.Python2DeprecationWarning)

with warnings.catch_warnings(record=True) as caught:
  warnings.simplefilter('always', tff.Python2DeprecationWarning)
  warnings.warn('Please use Python 3.', tff.Python2DeprecationWarning)

print(json.dumps({
    'bases': [base.__name__ for base in tff.Python2DeprecationWarning.__mro__],
    'caught': [each.category.__name__ for each in caught],
}))
