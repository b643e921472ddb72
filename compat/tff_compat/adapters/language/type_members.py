"""What replaces the members of types, as types had them as of TFF 0.15 to 0.67.

Nothing here runs: the types themselves have these members as of their release, see `dated_types`.
`tff-compat check` and `upgrade` read it.
"""

from __future__ import annotations

from tff_compat.adapters.language import computations, type_classes
from tff_compat.adapters.registry import Legacy, helper, member

_TYPE = type_classes.ROLE
_SHAPE = "shape of a legacy type"
_DTYPE = "dtype of a legacy type"
_CLASSES = {
    "tensor": "TensorType",
    "sequence": "SequenceType",
    "federated": "FederatedType",
    "function": "FunctionType",
    "struct": "StructType",
    "struct_with_python": "StructWithPythonType",
    "tuple": "StructType",
    "tuple_with_py_container": "StructWithPythonType",
    "abstract": "types.AbstractType",
    "placement": "types.PlacementType",
}
helper(
    "check_kind",
    '''\
def check_kind(type_signature, kind):
  """Raises an error where a type is of another kind."""
  if not isinstance(type_signature, kind):
    raise TypeError(f'Expected a {kind.__name__}, found {type_signature}.')
''',
)
for _kind, _class in _CLASSES.items():
    _first, _last, _last_check = "0.15", "0.62", "0.68"
    if _kind.startswith("tuple"):
        _last = _last_check = "0.16"
    elif _kind.startswith("struct"):
        _first = "0.16"
    member(
        _TYPE,
        f".is_{_kind}()",
        releases=f">={_first},<{_last}",
        replacement=f"isinstance({{self}}, tff.{_class})",
    )
    if _kind == "tensor":
        # It let every type pass.
        member(_TYPE, ".check_tensor()", releases="==0.15.*", replacement="None")
        _first = "0.16"
    member(
        _TYPE,
        f".check_{_kind}()",
        releases=f">={_first},<{_last_check}",
        replacement=f"{{!check_kind}}({{self}}, tff.{_class})",
    )

helper(
    "member_of_type",
    '''\
def member_of_type(type_signature, name, unchecked=None):
  """A member of a type, also one that asks for its kind, such as `is_tensor`."""
  kinds = {
      'tensor': tff.TensorType,
      'sequence': tff.SequenceType,
      'federated': tff.FederatedType,
      'function': tff.FunctionType,
      'struct': tff.StructType,
      'struct_with_python': tff.StructWithPythonType,
      'tuple': tff.StructType,
      'tuple_with_py_container': tff.StructWithPythonType,
      'abstract': tff.types.AbstractType,
      'placement': tff.types.PlacementType,
  }
  verb, _, kind = name.partition('_')
  if verb == 'is' and kind in kinds:
    return lambda: isinstance(type_signature, kinds[kind])
  if verb == 'check' and kind in kinds:
    return lambda: None if kind == unchecked else check_kind(type_signature, kinds[kind])
  return getattr(type_signature, name)
''',
)
member(
    _TYPE,
    "getattr()",
    releases="==0.15.*",
    replacement="{!member_of_type}({self}, {name}, unchecked='tensor')",
)
member(
    _TYPE,
    "getattr()",
    releases=">=0.16,<0.68",
    replacement="{!member_of_type}({self}, {name})",
)

for _role in (computations.ROLE, "training initialize", "training next"):
    member(_role, ".type_signature", releases="<0.68", gives=_TYPE)
# Whatever has one of these is a computation or value, or a data set.
member("", ".type_signature", releases="<0.68", gives=_TYPE)
member("", ".element_spec", gives="tensorflow.TensorSpec")
for _name in (".parameter", ".result", ".member", ".element", "[*]"):
    member(_TYPE, _name, releases="<0.68", gives=_TYPE)

# Equal were types whose elements are, whatever the containers of Python they are for.
helper(
    "equal_types",
    '''\
def equal_types(first, second):
  """Whether two types are equal, whatever their Python containers are."""
  if not (isinstance(first, tff.Type) and isinstance(second, tff.Type)):
    return first == second
  return first.is_equivalent_to(second)
''',
)
for _operator, _not in {"==": "", "!=": "not "}.items():
    member(
        _TYPE,
        _operator,
        releases="<0.16",
        replacement=f"{_not}{{!equal_types}}({{self}}, {{other}})",
        legacy=Legacy(values={"other": "structures"}),
    )

# Shapes were those of TensorFlow.
member(_TYPE, ".shape", releases="<0.65", gives=_SHAPE)
member(_SHAPE, ".as_list()", releases="<0.65", replacement="list({self})")
helper(
    "rank",
    '''\
def rank(shape):
  """The number of dimensions of a shape, None where it is unknown."""
  return None if shape is None else len(shape)
''',
)
for _name in (".rank", ".ndims"):
    member(_SHAPE, _name, releases="<0.64", replacement="len({self})")
    member(_SHAPE, _name, releases="==0.64.*", replacement="{!rank}({self})")
member(_SHAPE, ".num_elements()", releases="<0.65", replacement="int(np.prod({self}))")

# Their dtypes too, which are those of NumPy now.
member(_TYPE, ".dtype", releases="<0.65", gives=_DTYPE)
for _name in ("is", "is not"):
    member(_DTYPE, _name, releases="<0.65", replacement=f"tf.as_dtype({{self}}) {_name} {{other}}")
for _name in (".is_floating", ".is_integer", ".name", ".as_numpy_dtype", ".size"):
    member(_DTYPE, _name, releases="<0.65", replacement=f"tf.as_dtype({{self}}){_name}")
