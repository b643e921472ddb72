"""Operations of TensorFlow that draw random values from a seed of their own, found in graphs.

Such an operation goes on from value to value for as long as the runtime keeps the session, or the
function of a data set, that it is in; then it begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def are_in(graph: Any) -> bool:
    """Whether a `tf.compat.v1.GraphDef` draws from a seed anywhere."""
    return any(_draws(node) for node in _with_functions(graph))


def are_outside_data_sets(graph: Any, *, initial_values: bool = True) -> bool:
    """Whether it does where no data set has the function, which makes that anew for each run.

    Args:
      graph: A `tf.compat.v1.GraphDef`.
      initial_values: Whether the initial values of variables count, as far as their names tell.
    """
    functions = {each.signature.name: each.node_def for each in graph.library.function}
    seen: set[str] = set()

    def found(nodes: Iterable[Any]) -> bool:
        return any(drawn(node) or any(map(called, _names(node))) for node in nodes)

    def drawn(node: Any) -> bool:
        return _draws(node) and (initial_values or "/Initializer/" not in node.name)

    def called(name: str) -> bool:
        if name in seen or name not in functions:
            return False
        seen.add(name)
        return found(functions[name])

    return found(graph.node)


def _with_functions(graph: Any) -> Iterator[Any]:
    yield from graph.node
    for function in graph.library.function:
        yield from function.node_def


def _draws(node: Any) -> bool:
    # Data sets that shuffle take their seeds as inputs; stateless operations have none.
    return any(name in node.attr and node.attr[name].i for name in ("seed", "seed2"))


def _names(node: Any) -> Iterator[str]:
    """The functions that a node calls, other than those of data sets."""
    if "Dataset" in node.op:
        return
    yield node.op
    for value in node.attr.values():
        for function in (value.func, *value.list.func):
            if function.name:
                yield function.name
