"""The view of each release has every symbol that the release had, or says that it is refused."""

from __future__ import annotations

import abc
import collections
import importlib.util
import inspect
import sys
from pathlib import Path
from typing import Optional

import pytest
from packaging.version import Version
from tff_compat import catalog, coverage, views

pytestmark = pytest.mark.tff


_TOOL = Path(__file__).parents[1] / "tools" / "build_adapter_index.py"


@pytest.fixture(scope="module")
def tool():
    """The tool that knows which members an adapter gives to what it makes."""
    spec = importlib.util.spec_from_file_location("build_adapter_index", _TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("release", catalog.load().releases, ids=str)
def test_every_symbol_resolves(release: Version) -> None:
    wrong = []
    for answer in coverage.answers(release):
        if answer.member:
            continue
        value, _ = views.resolve(answer.path, release)
        if isinstance(value, views.Refused) != (answer.status == coverage.REFUSED):
            wrong.append(f"{answer.path}: {answer.status}, but found {value!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("release", catalog.load().releases, ids=str)
def test_every_member_of_an_adapted_or_moved_class_is_there(release: Version, tool) -> None:
    wrong = []
    for answer in coverage.answers(release):
        if not answer.member or answer.status not in (coverage.ADAPTED, coverage.MOVED):
            continue
        owner, _, name = answer.path.rpartition(".")
        value, _ = views.resolve(owner, release)
        made = tool.made(value)
        if not tool.has(made, name):
            wrong.append(f"{answer.path}: {answer.status}, but not in {made!r}")
    assert not wrong, "\n".join(wrong)


def test_views_do_not_change_what_tffs_own_classes_are_to_each_other() -> None:
    """An abstract class asks its subclasses: a view's must not answer for all of TFF's."""
    for release in catalog.load().releases:
        for answer in coverage.answers(release):
            if not answer.member:
                views.resolve(answer.path, release)
    own = {
        each
        for name, module in sys.modules.items()
        if name.startswith("tensorflow_federated.")
        for each in vars(module).values()
        if isinstance(each, type)
        and each.__module__ == name
        # What a protocol is asked is not who a class is.
        and not getattr(each, "_is_protocol", False)
    }
    abstract = [each for each in own if isinstance(each, abc.ABCMeta)]
    for each in abstract:
        each._abc_caches_clear()
    wrong = [
        f"{each.__name__} passes for {other.__name__}"
        for each in own
        for other in abstract
        if issubclass(each, other) and other not in each.__mro__
    ]
    assert len(own) > 100
    assert not wrong, "\n".join(wrong)


def test_what_a_file_of_tff_imports_is_reached_through_it() -> None:
    for release in ("0.19.0", "0.75.0", "0.87.0"):
        structure = views.view(Version(release)).structure
        assert structure.collections is collections
        with pytest.raises(AttributeError):
            _ = structure.py_typecheck_of_nobody
    with pytest.raises(AttributeError):
        # Packages take only their own parts.
        _ = views.view(Version("0.75.0")).collections


def test_programs_can_make_flags_of_what_a_parameter_is_annotated_with() -> None:
    emnist = views.view(Version("0.27.0")).simulation.baselines.emnist
    parameters = inspect.signature(emnist.create_character_recognition_task).parameters
    assert parameters["debug_seed"].annotation == Optional[int]
