"""Operators on sequences, as TensorFlow code where the runtime does not run them.

The runtime of the primary release has no `tff.sequence_sum`, hands what `tff.sequence_map` gives to
nothing but `tff.sequence_reduce`, runs no function that uses values from around it, and takes the
fields of elements in the order of their names for those of the type. What replaces the legacy forms
therefore are helpers that do it in TensorFlow.
"""

from __future__ import annotations

from typing import Any

from tff_compat import modern
from tff_compat.adapters.registry import helper
from tff_compat.modern import stand_ins

tff = modern.package()

helper(
    "over_sequence",
    """def over_sequence(function, sequence, zero=None):
    \"\"\"A sequence mapped with a function, or reduced with an operator from `zero` on.

    It is done in TensorFlow. The function may use values of the computation around it.
    \"\"\"
    import collections

    if isinstance(sequence.type_signature, tff.FederatedType):
        member = sequence.type_signature.member
        mapped = tff.federated_computation(lambda each: over_sequence(function, each), member)
        return tff.federated_map(mapped, sequence)
    blocks = tff.framework
    start = () if zero is None else (tff.to_value(zero, None),)
    types = [each.type_signature for each in start] + [sequence.type_signature.element]
    if isinstance(function, tff.Computation):
        block = function.to_building_block()
    else:
        hint = tff.StructType(types) if start else types[0]
        block = tff.to_value(function, None, parameter_type_hint=hint).comp
    around = {}

    def find(part, bound):
        root = part
        while isinstance(root, blocks.Selection):
            root = root.source
        if isinstance(root, blocks.Reference):
            if root.name not in bound:
                around.setdefault(str(part), part)
        elif isinstance(part, blocks.Lambda):
            find(part.result, bound | {part.parameter_name})
        elif isinstance(part, blocks.Block):
            for name, local in part.locals:
                find(local, bound)
                bound = bound | {name}
            find(part.result, bound)
        else:
            for child in part.children():
                find(child, bound)

    find(block, frozenset())
    values = [tff.Value(each) for each in around.values()]
    value_types = [each.type_signature for each in values]
    given = blocks.Reference("given", tff.StructType([*value_types, *types]))
    places = [blocks.Selection(given, index=index) for index in range(len(given.type_signature))]
    taken = dict(zip(around, places))

    def replace(part):
        return taken.get(str(part), part), str(part) in taken

    block, _ = blocks.transform_preorder(block, replace)
    arguments = places[len(values) :]
    call = blocks.Call(block, blocks.Struct(arguments) if start else arguments[0])
    closed = blocks.Lambda(given.name, given.type_signature, call)
    config = tf.compat.v1.ConfigProto()
    code = tff.backends.mapreduce.parse_tff_to_tf(closed, config).proto.tensorflow
    graph = tf.compat.v1.GraphDef()
    code.graph_def.Unpack(graph)
    if code.initialize_op:
        # Variables have their first values for each element, before anything else is done.
        inputs = {node.name: node.input for node in graph.node}
        early, pending = set(), [code.initialize_op]
        while pending:
            name = pending.pop().lstrip("^").split(":")[0]
            if name not in early:
                early.add(name)
                pending += inputs[name]
        for node in graph.node:
            if node.name not in early and node.op != "Placeholder":
                node.input.append(f"^{code.initialize_op}")

    def names(binding):
        if binding.WhichOneof("binding") == "struct":
            return [name for each in binding.struct.element for name in names(each)]
        return [binding.tensor.tensor_name]

    def flat(part):
        if tf.nest.is_nested(part):
            part = tff.structure.from_container(part, recursive=True)
        return tff.structure.flatten(part)

    def packed(kind, tensors):
        if not isinstance(kind, tff.StructType):
            return next(tensors)
        parts = [(name, packed(each, tensors)) for name, each in tff.structure.iter_elements(kind)]
        if any(name is not None for name, _ in parts):
            return collections.OrderedDict(parts)
        return tuple(part for _, part in parts)

    def called(*parts):
        # A data set takes tensors from outside by operations of its own.
        tensors = [tf.identity(each) for part in parts for each in flat(part)]
        return tf.graph_util.import_graph_def(
            graph,
            input_map=dict(zip(names(code.parameter), tensors)),
            return_elements=names(code.result),
        )

    def mapped(elements, values):
        def one(*element):
            found = called(values, element[0] if len(element) == 1 else element)
            return packed(call.type_signature, iter(found))

        return elements.map(one)

    def reduced(elements, values, state):
        def step(state, element):
            return tuple(called(values, state, element))

        found = elements.reduce(tuple(flat(state)), step)
        return packed(call.type_signature, iter(found))

    inputs = (sequence, tff.to_value(tuple(values), None), *start)
    made = tff.tensorflow.computation(
        reduced if start else mapped, *(each.type_signature for each in inputs)
    )
    return made(*inputs)
""",
)
helper(
    "sequence_sum",
    """def sequence_sum(value):
    \"\"\"The sum of the elements of a sequence, or of each of federated ones, in TensorFlow.\"\"\"

    @tff.tensorflow.computation
    def total(elements):
        zero = tf.nest.map_structure(
            lambda spec: tf.zeros(spec.shape, spec.dtype), elements.element_spec
        )
        return elements.reduce(zero, lambda a, b: tf.nest.map_structure(tf.add, a, b))

    if isinstance(value.type_signature, tff.FederatedType):
        return tff.federated_map(total, value)
    return total(value)
""",
)


def mapped(function: Any, value: Any) -> Any:
    """The sequence of what a function gives for the elements of one, as a `tff.Value`.

    Args:
      function: A computation, or what makes one. For a sequence that is not federated it may use
        values from outside of it.
      value: A sequence or a federated one.
    """
    value = tff.to_value(value, None)
    kind = value.comp.type_signature
    member = kind.member if isinstance(kind, tff.FederatedType) else kind
    if not isinstance(member, tff.SequenceType):
        # The installed TFF says what is wrong.
        return tff.sequence_map(function, value)
    op = tff.to_value(function, None, parameter_type_hint=member.element)
    block, outside = _with_outside(function, op)
    if not outside:
        return stand_ins.sequence_map(value, op)
    if member is not kind:
        return tff.sequence_map(op, value)
    blocks = tff.framework
    given = tff.to_value([tff.Value(each) for each in outside], None)
    parameter = blocks.Reference(
        "outside_and_element", tff.StructType([given.type_signature, member.element])
    )
    body = blocks.Block(
        _selected(outside, blocks.Selection(parameter, index=0)),
        blocks.Call(block, blocks.Selection(parameter, index=1)),
    )
    closed = blocks.Lambda(parameter.name, parameter.type_signature, body)
    return stand_ins.sequence_map(value, tff.Value(closed), given)


def total(value: Any) -> Any:
    """The sum of the elements of a sequence or of federated ones, as a `tff.Value`."""
    value = tff.to_value(value, None)
    kind = value.comp.type_signature
    member = kind.member if isinstance(kind, tff.FederatedType) else kind
    if not isinstance(member, tff.SequenceType):
        return tff.sequence_sum(value)
    return stand_ins.sequence_sum(value)


def reduced(value: Any, zero: Any, op: Any) -> Any:
    """What an operator makes of a sequence, one element after the other, as a `tff.Value`.

    The runtimes run operators that use nothing from outside; what others use travels with the
    accumulator.

    Args:
      value: A sequence or a federated one.
      zero: What to start with.
      op: A computation of two arguments, or what makes one.
    """
    value, zero = tff.to_value(value, None), tff.to_value(zero, None)
    kind = value.comp.type_signature
    if not isinstance(kind, tff.SequenceType):
        # Of federated ones, or no sequence: the installed TFF says what is wrong.
        return tff.sequence_reduce(value, zero, op)
    hint = tff.StructType([zero.comp.type_signature, kind.element])
    made = tff.to_value(op, None, parameter_type_hint=hint)
    block, outside = _with_outside(op, made)
    if not outside:
        return stand_ins.sequence_reduce(value, zero, made)
    blocks = tff.framework
    start = tff.to_value([zero, *map(tff.Value, outside)], None)
    parameter = blocks.Reference(
        "accumulator_and_element", tff.StructType([start.type_signature, kind.element])
    )
    carried = blocks.Selection(parameter, index=0)
    step = blocks.Call(
        block,
        blocks.Struct([blocks.Selection(carried, index=0), blocks.Selection(parameter, index=1)]),
    )
    body = blocks.Block(_selected(outside, carried, first=1), blocks.Struct([step, *outside]))
    closed = blocks.Lambda(parameter.name, parameter.type_signature, body)
    return stand_ins.sequence_reduce(value, start, tff.Value(closed))[0]


def uses_outside(op: Any) -> bool:
    """Whether a computation uses values from outside of it."""
    return isinstance(op, tff.framework.ConcreteComputation) and bool(_free(op.to_building_block()))


def _with_outside(op: Any, made: Any) -> tuple[Any, list[Any]]:
    """The building block of an operator, and references to what it uses from outside of it.

    Args:
      op: The operator as the program gave it.
      made: The `tff.Value` of it, which hides what a computation consists of.
    """
    block = op.to_building_block() if uses_outside(op) else made.comp
    return block, [tff.framework.Reference(name, kind) for name, kind in _free(block)]


def _selected(outside: list[Any], source: Any, first: int = 0) -> list[tuple[str, Any]]:
    """For a block: the names from outside, bound to the elements of a struct."""
    return [
        (each.name, tff.framework.Selection(source, index=first + index))
        for index, each in enumerate(outside)
    ]


def _free(block: Any) -> list[tuple[str, Any]]:
    """The names and types of the references in a building block that are bound outside of it."""
    found: dict[str, Any] = {}
    _collect(block, frozenset(), found)
    return list(found.items())


def _collect(block: Any, bound: frozenset[str], found: dict[str, Any]) -> None:
    blocks = tff.framework
    if isinstance(block, blocks.Reference):
        if block.name not in bound:
            found.setdefault(block.name, block.type_signature)
    elif isinstance(block, blocks.Lambda):
        _collect(block.result, bound | {block.parameter_name}, found)
    elif isinstance(block, blocks.Block):
        for name, local in block.locals:
            _collect(local, bound, found)
            bound |= {name}
        _collect(block.result, bound, found)
    else:
        for child in block.children():
            _collect(child, bound, found)
