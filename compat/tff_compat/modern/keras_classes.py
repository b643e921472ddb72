"""The classes of Keras, which stay what they are outside of the graphs that TFF traces in.

Since TensorFlow 2.2 Keras gives its classes other bases when a layer or model is made in a graph,
for the whole process: every model that was made before is dead until one more of its class is made.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from tff_compat.replaced_names import ReplacedNames


class _Swaps:
    """What Keras has swapped, until no thread is in a graph any more."""

    def __init__(self, swap: Any):
        self._swap = swap
        self._swapped: dict[tuple[type, type, type], None] = {}
        self._open = 0
        # A class that is swapped calls what made it, and so this, again.
        self._lock = threading.RLock()

    def swap(self, cls: type, v2_cls: type, v1_cls: type, use_v2: bool) -> type:
        """Stands for Keras's own function, which it calls."""
        with self._lock:
            if not use_v2 and self._open:
                self._swapped[cls, v2_cls, v1_cls] = None
            swapped: type = self._swap(cls, v2_cls, v1_cls, use_v2)
            return swapped

    @contextlib.contextmanager
    def graph(self) -> Iterator[None]:
        """A block in which a graph is the default."""
        with self._lock:
            self._open += 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1
                if not self._open:
                    while self._swapped:
                        self._swap(*self._swapped.popitem()[0], True)


_replaced = ReplacedNames()


def restore() -> None:
    """Lets Keras swap classes as ever. Harmless where nothing keeps it from that."""
    _replaced.restore()


def keep() -> None:
    """Keeps Keras's classes what they were outside of graphs, also after a trace has failed."""
    if _replaced:
        return
    selectors = [
        each for each in tf.keras.layers.Layer.__mro__ if "VersionSelector" in each.__name__
    ]
    if not selectors:
        return
    versions: Any = sys.modules[selectors[0].__module__]
    swaps = _Swaps(versions.swap_class)
    _replaced.set(versions, "swap_class", swaps.swap)
    graphs: Any = tf.Graph
    as_default = graphs.as_default

    @contextlib.contextmanager
    def counted(graph: Any) -> Iterator[Any]:
        with swaps.graph(), as_default(graph) as entered:
            yield entered

    functools.update_wrapper(counted, as_default)
    _replaced.set(graphs, "as_default", counted)
