"""What replaces the members of values and of the results of computations.

Nothing here runs: the objects themselves have these members as of their release.
"""

from __future__ import annotations

from tff_compat.adapters.language import computations, type_classes, values
from tff_compat.adapters.registry import helper, member

helper(
    "element",
    '''\
def element(structure, name):
  """The element of a structure by its name, whichever container it is in."""
  return structure[name] if isinstance(structure, dict) else getattr(structure, name)
''',
)
_ELEMENT = "{!element}({self}, {key})"
# Results were anonymous tuples whatever the container was that a computation returned.
member("computation", "()", releases="<0.16", gives="result of a computation")
for _name in "shape dtype size ndim tolist astype numpy item sum mean T flatten reshape".split():
    member("result of a computation", f".{_name}")
member(
    "result of a computation",
    ".*",
    releases="<0.16",
    replacement=_ELEMENT,
    gives="result of a computation",
)

# Inside of a computation, what is made of values is a value.
for _name in (".*", "[*]", "()", f"({values.ROLE})"):
    member(values.ROLE, _name, gives=values.ROLE)
member(computations.ROLE, f"({values.ROLE})", gives=values.ROLE)
member(values.ROLE, ".type_signature", gives=type_classes.ROLE)

helper(
    "plus",
    '''\
def plus(first, second):
  """The sum of two values of a computation, by element."""
  first, second = tff.to_value(first, None), tff.to_value(second, None)
  kind = first.type_signature
  member = kind.member if isinstance(kind, tff.FederatedType) else kind

  @tff.tensorflow.computation(member, member)
  def add(a, b):
    if isinstance(a, tff.structure.Struct):
      return tff.structure.map_structure(tf.add, a, b)
    return tf.nest.map_structure(tf.add, a, b)

  if isinstance(kind, tff.FederatedType):
    return tff.federated_map(add, (first, second))
  return add(first, second)
''',
)
member(
    values.ROLE,
    "+",
    releases="<0.68",
    replacement="{!plus}({self}, {other})",
    gives=values.ROLE,
)
member(
    values.ROLE,
    ".*=",
    releases="<0.19",
    note="Values cannot be changed: make a new structure of its fields.",
)
