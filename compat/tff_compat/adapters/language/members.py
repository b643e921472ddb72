"""What replaces the members of values and of the results of computations.

Nothing here runs: the objects themselves have these members as of their release.
"""

from __future__ import annotations

from tff_compat.adapters.framework import runtimes
from tff_compat.adapters.language import computations, type_classes, values
from tff_compat.adapters.registry import Legacy, helper, member

helper(
    "element",
    '''\
def element(structure, name):
  """The element of a structure by its name, whichever container it is in."""
  if isinstance(structure, tff.learning.templates.LearningAlgorithmState):
    name = {'model': 'global_model_weights', 'optimizer_state': 'finalizer'}.get(name, name)
  return structure[name] if isinstance(structure, dict) else getattr(structure, name)
''',
)
_ELEMENT = "{!element}({self}, {key})"
# Results were anonymous tuples whatever the container was that a computation returned.
member("computation", "()", releases="<0.16", gives="result of a computation")
for _name in ("shape", "dtype", "size", "ndim", "T"):
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
    "with_field",
    '''\
def with_field(structure, name, value):
  """The value of a computation with another value of one of its fields."""
  kind = structure.type_signature
  if isinstance(kind, tff.FederatedType):
    change = tff.federated_computation(lambda each: with_field(each, name, value), kind.member)
    return tff.federated_map(change, structure)
  names = [each for each, _ in tff.structure.iter_elements(kind)]
  if name not in names:
    raise AttributeError(name)
  parts = [value if each == name else structure[index] for index, each in enumerate(names)]
  container = getattr(kind, 'python_container', None)
  blocks = [tff.to_value(part, None).comp for part in parts]
  return tff.Value(tff.framework.Struct(list(zip(names, blocks)), container))
''',
)
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
    replacement="{!with_field}({self}, {key}, {value})",
)

_CALLED = '''\
def %(name)s(computation, *args, **kwargs):
  """Calls a computation with arguments of other forms.

  These are %(forms)s.
  """
  def of_tensor(value, dtype):
    numbers = (range, list, tuple, int, float, np.generic, np.ndarray)
    given = np.asarray(value) if isinstance(value, numbers) else None
    if given is None or not {given.dtype.kind, np.dtype(dtype).kind} <= set('iuf'):
      return value
    return given.astype(dtype)[()] if np.can_cast(given.dtype, dtype, 'same_kind') else value

  def taken(value, kind):
    if isinstance(kind, tff.FederatedType):
      if kind.all_equal or not isinstance(value, %(of_clients)s):
        return taken(value, kind.member)
      return [taken(each, kind.member) for each in value]
    if isinstance(kind, tff.TensorType):
      return of_tensor(value, kind.dtype)
    if not isinstance(kind, tff.StructType) or not isinstance(value, (dict, list, tuple)):
      return value
    elements = list(tff.structure.iter_elements(kind))%(surplus)s
    if len(value) != len(elements):
      return value
    if isinstance(value, dict):
      kinds = dict(elements)
      return type(value)((name, taken(each, kinds.get(name))) for name, each in value.items())
    parts = [taken(each, part) for each, (_, part) in zip(value, elements)]
    return type(value)(*parts) if hasattr(value, '_fields') else type(value)(parts)

  parameter = getattr(getattr(computation, 'type_signature', None), 'parameter', None)
  if len(args) == 1 and not kwargs:
    return computation(taken(args[0], parameter))
  if isinstance(parameter, tff.StructType):
    kinds = dict(tff.structure.iter_elements(parameter))
    args = [taken(each, kind) for each, kind in zip(args, parameter)] + list(args[len(parameter):])
    kwargs = {name: taken(each, kinds.get(name)) for name, each in kwargs.items()}
  return computation(*args, **kwargs)
'''
_SURPLUS = """
    if len(value) > len(elements):
      value = list(value.values() if isinstance(value, dict) else value)[:len(elements)]"""
helper(
    "called",
    _CALLED
    % {
        "name": "called",
        "forms": "integers for floats, tuples for lists of clients, surplus elements",
        "of_clients": "(list, tuple)",
        "surplus": _SURPLUS,
    },
)
helper(
    "called_with_numbers",
    _CALLED
    % {
        "name": "called_with_numbers",
        "forms": "integers for floats, numbers of another precision, ranges",
        "of_clients": "list",
        "surplus": "",
    },
)
for _releases, _helper in {"<0.41": "called", ">=0.41,<0.87": "called_with_numbers"}.items():
    member(
        computations.ROLE,
        "()",
        releases=_releases,
        replacement=f"{{!{_helper}}}({{self}}, {{*args}}, {{**kwargs}})",
        parameters="(*args, **kwargs)",
        legacy=Legacy(values={"args": "another form"}),
    )

# What clients have came as eager tensors.
helper(
    "as_numpy",
    '''\
def as_numpy(value):
  """The value of a tensor, or of what is none any more."""
  return value.numpy() if isinstance(value, tf.Tensor) else value
''',
)
member(computations.ROLE, "()", releases=">=0.16,<0.20", gives="result of a computation")
for _name in ("[*]", ".*"):
    member("result of a computation", _name, releases="<0.20", gives="result of a computation")
# A sample was in a structure without a container.
member("sample of clients", ".*", releases="<0.19", replacement=_ELEMENT)
member(
    "result of a computation",
    ".numpy()",
    releases=">=0.7,<0.20",
    replacement="{!as_numpy}({self})",
)

for _name in (".create_executor()", ".executor_factory"):
    member(
        runtimes.ROLE,
        _name,
        note="A context stands in the place of executor factories now, and gives none.",
    )

member(
    runtimes.ROLE,
    ".get_size_info()",
    note="Contexts do not count what travels: count it from the types of what is broadcast and "
    "aggregated.",
)

helper(
    "as_dict",
    '''\
def as_dict(structure):
  """The elements of a structure by name, whichever container it is in."""
  return structure if isinstance(structure, dict) else structure._asdict()
''',
)
# Whatever the containers that a computation returns, its results were anonymous tuples.
_NOW_CONTAINERS = (
    "It was an anonymous tuple, and is in the container now that a computation returns"
)
member(
    "result of a computation",
    "isinstance()",
    releases="<0.16",
    replacement="isinstance({self}, {classes})",
    note=f"{_NOW_CONTAINERS}: what is done where it is of such a class is done with it now.",
    parameters="(self, classes, /)",
    legacy=Legacy(values={"self": "container"}),
)
for _role in (
    "training state",
    "training metrics",
    "metrics of training",
    "evaluation metrics",
    "model weights",
):
    member(
        _role,
        "isinstance()",
        releases="<0.16",
        note=f"{_NOW_CONTAINERS}.",
        legacy=Legacy(values={"self": "container"}),
    )
# A class that is only shown is another one now; what is done by it has to be written anew.
for _releases, _what in {
    "<0.16": f"{_NOW_CONTAINERS}.",
    "==0.16.*": "What clients have, and what a list of pairs describes, was a `Struct`, and is in "
    "a container of Python now.",
    ">=0.17,<0.20": "What a list of pairs describes was a `Struct`, and is an `OrderedDict` now.",
}.items():
    member(
        "result of a computation",
        "type()",
        releases=_releases,
        replacement="type({self})",
        note=_what,
        gives="class of a result",
    )
    member("class of a result", ".__name__", releases=_releases, gives="class of a result")
    for _operator in ("==", "!=", "is", "is not", "in", "not in"):
        member("class of a result", _operator, releases=_releases, note=_what)
member(
    "result of a computation",
    "._asdict()",
    releases="<0.16",
    replacement="{!as_dict}({self})",
    gives="result of a computation",
)
for _name, _element in {"items": "item of a result", "values": "result of a computation"}.items():
    member("result of a computation", f".{_name}()", gives=f"{_name} of a result")
    member(f"{_name} of a result", "[*]", gives=_element)
member("item of a result", "[1]", gives="result of a computation")
member(
    "result of a computation",
    "hasattr(_asdict)",
    releases="<0.16",
    replacement="(isinstance({self}, dict) or hasattr({self}, '_asdict'))",
    note="what computations return as a tuple, a list or an object of attrs had it too",
)
