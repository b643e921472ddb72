"""What replaces the members of the results of computations, for `check` and `upgrade`.

Nothing here runs: the objects themselves have these members as of their release.
"""

from __future__ import annotations

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
