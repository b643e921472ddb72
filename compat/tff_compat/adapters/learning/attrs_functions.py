"""The helper that lets functions of attrs take TFF's named tuples that were classes of attrs.

Nothing here runs: `tff_compat.modern.attrs_classes` does the same for a run.
"""

from __future__ import annotations

from tff_compat.adapters.registry import helper

helper(
    "of_attrs",
    '''\
def of_attrs(function, value, *args, **kwargs):
  """What a function of attrs gives for a value, or class, that TFF has as a named tuple now."""
  def mark(each):
    kind = each if isinstance(each, type) else type(each)
    is_of_tff = hasattr(kind, '_fields') and kind.__module__.startswith('tensorflow_federated.')
    if is_of_tff and '__attrs_attrs__' not in vars(kind):
      kind.__attrs_attrs__ = attr.make_class(kind.__name__, list(kind._fields)).__attrs_attrs__
    if is_of_tff and each is not kind:
      for part in each:
        mark(part)

  mark(value)
  return function(value, *args, **kwargs)
''',
)
