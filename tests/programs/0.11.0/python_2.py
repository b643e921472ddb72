"""The warning that 0.11 gave on Python 2, as programs filter it."""
import json
import warnings

import tensorflow_federated as tff

warnings.simplefilter('ignore', tff.Python2DeprecationWarning)

with warnings.catch_warnings(record=True) as caught:
  warnings.simplefilter('always')
  warnings.warn('old', tff.Python2DeprecationWarning)

print(json.dumps({
    'bases': [base.__name__ for base in tff.Python2DeprecationWarning.__mro__],
    'caught': [w.category.__name__ for w in caught],
}))
