"""Imports from `tensorflow_federated.python` give what the release had, and TFF its own modules."""

from __future__ import annotations

import builtins
import pickle
import sys
import types

import pytest
import tff_compat
from packaging.version import Version
from tff_compat import installation, internals, views
from tff_compat.adapters import registry
from tff_compat.eras import Eras

OLD = Version("0.9.0")
PYTHON = "tensorflow_federated.python"


def _module(name: str, **contents: object) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update({"__path__": [], "__file__": "", "__spec__": None, **contents})
    return module


@pytest.fixture
def installed(monkeypatch):
    """A package that stands for the installed TFF, with an internal module of today."""
    typecheck = _module(f"{PYTHON}.common_libs.py_typecheck", check_type=lambda target: target)
    libs = _module(f"{PYTHON}.common_libs", py_typecheck=typecheck)
    python = _module(PYTHON, common_libs=libs)
    public = {"federated_sum": lambda value: value, "CLIENTS": "clients", "SERVER": "server"}
    root = _module("tensorflow_federated", **public, __loader__=None)
    for module in (root, python, libs, typecheck):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(installation, "version", lambda: Version("0.87.0"))
    monkeypatch.setattr(installation, "_real", [root])
    # The adapters need TensorFlow.
    monkeypatch.setattr(registry, "load_all", lambda: None)
    monkeypatch.setattr(registry, "_entries", {})
    views.view.cache_clear()
    monkeypatch.setitem(sys.modules, "tensorflow_federated", views.view(OLD))
    yield root
    views.view.cache_clear()


@pytest.fixture
def imports(installed):
    imports = internals.Imports(Eras({}, OLD))
    imports.install()
    yield imports
    imports.remove()


def test_public_symbols_are_those_of_the_view(imports, installed):
    from tensorflow_federated.python.core import api as tff

    assert tff.federated_sum is installed.federated_sum
    assert not hasattr(tff, "learning")
    assert repr(tff) == f"<view of '{PYTHON}.core.api' as of TFF 0.9.0>"
    import tensorflow_federated

    assert tensorflow_federated.federated_sum is tff.federated_sum


def test_a_module_that_was_public_is_the_same_module(imports):
    import tensorflow_federated as tff
    from tensorflow_federated.python import learning
    from tensorflow_federated.python.learning import keras_utils

    assert learning is tff.learning
    assert keras_utils is tff.learning.keras_utils


def test_an_import_without_from_binds_the_package(imports):
    import tensorflow_federated.python.learning.keras_utils

    assert "from_keras_model" in dir(tensorflow_federated.python.learning.keras_utils)


def test_what_is_called_the_same_way_is_the_installed_object(imports):
    from tensorflow_federated.python.common_libs.py_typecheck import check_type

    installed = sys.modules[f"{PYTHON}.common_libs.py_typecheck"]
    assert check_type is installed.check_type


def test_what_is_gone_is_refused_when_it_is_used(imports):
    from tensorflow_federated.python.learning.framework.optimizer_utils import server_init

    with pytest.raises(tff_compat.LegacyAPIError, match=r"server_init was internal to TFF 0\.1\.0"):
        server_init(1)


@pytest.mark.parametrize("name", ["learning.algorithms", "learning.keras_utils.nothing", "nothing"])
def test_modules_that_the_release_did_not_have(imports, name):
    with pytest.raises(ModuleNotFoundError, match="as of TFF 0.9.0"):
        builtins.__import__(f"{PYTHON}.{name}", globals())


def test_names_that_the_release_did_not_have(imports):
    with pytest.raises(ImportError):
        exec(f"from {PYTHON}.learning.keras_utils import nothing", {"__name__": "program"})


def test_stars_take_what_the_release_had(imports):
    names: dict[str, object] = {"__name__": "program"}
    exec(f"from {PYTHON}.core.api.placements import *", names)
    assert {"CLIENTS", "SERVER"} <= set(names)


@pytest.mark.parametrize("importer", [f"{PYTHON}.core.impl", "tff_compat.adapters.learning"])
def test_the_package_itself_gets_its_own_modules(imports, importer):
    names: dict[str, object] = {"__name__": importer}
    exec(f"from {PYTHON}.common_libs import py_typecheck", names)
    assert names["py_typecheck"] is sys.modules[f"{PYTHON}.common_libs.py_typecheck"]


def test_pickles_find_installed_classes(imports):
    class OfToday:
        pass

    OfToday.__module__, OfToday.__qualname__ = f"{PYTHON}.of_today", "OfToday"
    sys.modules[OfToday.__module__] = _module(OfToday.__module__, OfToday=OfToday)
    try:
        # The one in C, and the one in Python.
        for dumps, loads in ((pickle.dumps, pickle.loads), (pickle._dumps, pickle._loads)):
            assert loads(dumps(OfToday)) is OfToday
    finally:
        del sys.modules[OfToday.__module__]


def test_modules_as_attributes_of_packages(installed):
    tff = views.view(OLD)
    assert tff.python.learning is tff.learning
    assert hasattr(tff.learning, "keras_utils")
    assert not hasattr(tff.learning, "algorithms")
    assert not hasattr(views.view(Version("0.20.0")), "python")


def test_removal(installed):
    before = builtins.__import__
    imports = internals.Imports(Eras({}, OLD))
    imports.install()
    outer = builtins.__import__
    builtins.__import__ = lambda *args, **kwargs: outer(*args, **kwargs)
    try:
        imports.remove()
        found = builtins.__import__(f"{PYTHON}.common_libs", globals(), {}, ["py_typecheck"], 0)
        assert found is sys.modules[f"{PYTHON}.common_libs"]
    finally:
        builtins.__import__ = before
