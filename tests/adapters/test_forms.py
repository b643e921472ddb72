"""That forms of a symbol are called as their releases were, and lead to the implementation."""

from __future__ import annotations

import inspect
import pydoc
import traceback

import pytest
from packaging.version import Version
from tff_compat import places

pytestmark = pytest.mark.tff

_PATH = "tff.framework.remote_executor_factory"


def _bound(path: str, release: str):
    from tff_compat.adapters import registry

    return registry.find(path, Version(release)).bind(Version(release))


def _made(path: str, releases: str, implementation: object) -> dict[str, object]:
    from tff_compat.adapters import forms

    return dict(forms.forms(path, releases, implementation))


def test_each_form_has_its_own_parameters_and_defaults() -> None:
    first, second, third = (_bound(_PATH, each) for each in ("0.17.0", "0.19.0", "0.47.0"))
    assert str(inspect.signature(first)) == (
        "(channels, rpc_mode='REQUEST_REPLY', thread_pool_executor=None, dispose_batch_size=20, "
        "max_fanout=100)"
    )
    assert str(inspect.signature(second)) == (
        "(channels, thread_pool_executor=None, dispose_batch_size=20, max_fanout=100, "
        "default_num_clients=0)"
    )
    assert list(inspect.signature(third).parameters)[-1] == "stream_structs"
    assert _bound(_PATH, "0.18.0").__code__ is first.__code__


def test_a_form_refuses_the_parameters_that_its_releases_lacked() -> None:
    with pytest.raises(TypeError, match=r"remote_executor_factory\(\) got an unexpected keyword"):
        _bound(_PATH, "0.17.0")([], default_num_clients=1)
    with pytest.raises(TypeError, match="takes from 1 to 5 positional arguments but 6 were given"):
        _bound(_PATH, "0.19.0")([], None, 20, 100, 0, False)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'channels'"):
        _bound(_PATH, "0.47.0")()


def test_a_form_leads_to_its_implementation() -> None:
    form = _bound(_PATH, "0.17.0")
    assert form.__name__ == form.__qualname__ == "remote_executor_factory"
    assert form.__module__ == "tff_compat.adapters.framework.remote"
    assert places.in_library(form.__code__.co_filename)
    assert '"tff.framework.remote_executor_factory"' in inspect.getsource(form)
    assert "rpc_mode: Until 0.18" in pydoc.render_doc(form)
    with pytest.raises(TypeError, match="`channels`: found int") as raised:
        form(1)
    outer, inner = traceback.extract_tb(raised.value.__traceback__)[1:3]
    assert outer.filename == inner.filename == inspect.getsourcefile(form)
    assert outer.lineno < inner.lineno
    assert (outer.name, inner.name) == ("remote_executor_factory", "remote_executor_factory")


def test_a_class_has_the_constructor_of_each_form() -> None:
    first, second = (_bound("tff.framework.RemoteExecutor", each) for each in ("0.7.0", "0.9.0"))
    assert str(inspect.signature(first)) == "(channel)"
    assert list(inspect.signature(second).parameters) == [
        "channel",
        "rpc_mode",
        "thread_pool_executor",
    ]
    assert first.__name__ == "RemoteExecutor"
    with pytest.raises(TypeError, match="unexpected keyword argument 'rpc_mode'"):
        first(None, rpc_mode="STREAMING")


def test_a_default_that_is_no_literal_is_that_of_the_implementation() -> None:
    chosen = object()

    def build(
        model_fn,
        model_distributor,
        metrics_aggregation_process,
        use_experimental_simulation_loop=None,
        loop_implementation=chosen,
        *,
        as_of,
    ):
        return use_experimental_simulation_loop, loop_implementation, as_of

    made = _made("tff.learning.algorithms.build_fed_eval", ">=0.29,<0.87", build)
    assert list(made) == [">=0.29,<0.85", ">=0.85,<0.87"]
    assert made[">=0.29,<0.85"](None, as_of="R") == (False, chosen, "R")
    assert made[">=0.85,<0.87"](None, as_of="R") == (None, chosen, "R")


def test_an_implementation_takes_what_a_form_takes() -> None:
    def build(model_fn, *, as_of):
        return model_fn

    with pytest.raises(TypeError, match="unexpected keyword argument 'model_distributor'"):
        _made("tff.learning.algorithms.build_fed_eval", ">=0.29,<0.87", build)


def test_an_implementation_has_a_default_for_what_a_form_lacks() -> None:
    def build(channels, rpc_mode, *, as_of, **others):
        return channels

    with pytest.raises(TypeError, match="missing a required argument: 'rpc_mode'"):
        _made(_PATH, ">=0.17,<0.50", build)


def test_a_form_has_no_part_of_a_template_for_what_it_lacks() -> None:
    from tff_compat.adapters import registry

    path = "tff.framework.RemoteExecutor"
    earliest, later = (registry.find(path, Version(each)) for each in ("0.9.0", "0.12.0"))
    assert "dispose_batch_size" not in earliest.replacement
    assert "[?, dispose_batch_size={dispose_batch_size}?]" in later.replacement
    cases = [
        registry.find("tff.utils.build_dp_query", Version(each)).cases for each in ("0.17", "0.18")
    ]
    assert "per_vector_clipping" in cases[0]
    assert "per_vector_clipping" not in cases[1]
