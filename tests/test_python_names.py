"""What Python and NumPy offer as of a release: added, and taken away again."""

from __future__ import annotations

import base64
import collections
import collections.abc
import inspect
import sys
import threading
import time

import pytest
from packaging.version import Version

pytestmark = pytest.mark.tff

np = pytest.importorskip("numpy", reason="NumPy comes with TFF")

from tff_compat import python_names  # noqa: E402

FIRST_ALIASES_GONE = Version("0.60")
NUMPY_HAS_NONE = Version(np.__version__) >= Version("1.24")
COLLECTIONS_HAS_NONE = sys.version_info >= (3, 10)


@pytest.fixture(autouse=True)
def _put_back():
    yield
    python_names.restore()


@pytest.mark.skipif(not COLLECTIONS_HAS_NONE, reason="Python still has the names")
def test_abstract_classes_in_collections():
    before = dict(vars(collections))
    python_names.apply(Version("0.13.1"))
    assert collections.Mapping is collections.abc.Mapping
    python_names.apply(Version("0.64.0"))
    assert vars(collections) == before


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python still has some of the names")
def test_functions_of_python():
    assert not hasattr(time, "clock")
    python_names.apply(Version("0.13.1"))
    assert time.clock() <= time.process_time()
    assert base64.encodestring(b"a") == b"YQ==\n"
    assert threading.current_thread().isAlive()

    def function(a, b=1, *c, **d): ...

    assert inspect.getargspec(function) == (["a", "b"], "c", "d", (1,))
    with pytest.raises(ValueError, match="keyword-only"):
        inspect.getargspec(lambda *, a: a)
    # On Python 3.9.
    python_names.apply(Version("0.40.0"))
    assert inspect.getargspec(function).args == ["a", "b"]
    assert not hasattr(time, "clock")


@pytest.mark.skipif(not NUMPY_HAS_NONE, reason="NumPy still has the aliases")
def test_aliases_in_numpy():
    before = dict(vars(np))
    python_names.apply(Version("0.52.0"))
    assert np.zeros(1, np.bool).dtype.kind == "b"
    assert (np.object, np.int, np.unicode) == (object, int, str)
    python_names.apply(Version("0.13.1"))
    assert np.asscalar(np.array([2.5])) == 2.5
    python_names.apply(FIRST_ALIASES_GONE)
    assert not hasattr(np, "bool")
    python_names.restore()
    assert vars(np) == before
