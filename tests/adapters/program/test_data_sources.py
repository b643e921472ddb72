"""Data sources of federated programs: what the installed TFF sees of them, warnings, bad input."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402

CLIENTS = tff.FederatedType(np.int32, tff.CLIENTS)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def program(release):
    return tff_compat.as_of(release).program


class Ones:
    federated_type = CLIENTS

    def select(self, number=None):
        return [1] * number


def test_an_iterator_of_before_0_53_says_that_it_cannot_be_saved():
    class Iterator(Ones, program("0.52.0").FederatedDataSourceIterator):
        pass

    assert isinstance(Iterator(), tff.program.FederatedDataSourceIterator)
    with pytest.raises(NotImplementedError, match=r"of TFF 0.52.0.*define to_bytes\(self\)"):
        Iterator().to_bytes()
    with pytest.raises(NotImplementedError, match="define from_bytes"):
        Iterator.from_bytes(b"")


def test_an_iterator_since_0_53_has_to_say_how_it_is_saved():
    class Iterator(Ones, program("0.53.0").FederatedDataSourceIterator):
        pass

    with pytest.raises(TypeError, match="from_bytes"):
        Iterator()


def test_a_source_says_what_it_is_capable_of():
    old = program("0.61.0")
    with pytest.raises(TypeError, match="capabilities"):
        type("Source", (old.FederatedDataSource,), {"federated_type": CLIENTS, "iterator": 1})()
    source = old.ClientIdDataSource(["a"])
    assert source.capabilities == [old.Capability.RANDOM_UNIFORM]
    assert isinstance(source, old.FederatedDataSource)
    assert isinstance(source.iterator(), old.ClientIdDataSourceIterator)
    assert isinstance(source.iterator(), old.FederatedDataSourceIterator)


def test_selections_name_the_number_of_clients_and_are_told():
    iterator = program("0.61.0").ClientIdDataSource(["a", "b"]).iterator()
    with pytest.warns(tff_compat.LegacyAPIWarning, match=r"Write instead: select\(2\)"):
        assert sorted(iterator.select(num_clients=2)) == ["a", "b"]
    assert len(iterator.select(1)) == 1
    with pytest.raises(TypeError):
        iterator.select(k=1)


@pytest.mark.parametrize("release", ["0.53.0", "0.61.0"])
def test_iterators_are_read_back_as_of_their_release(release):
    old = program(release)
    datasets = [tf.data.Dataset.range(2), tf.data.Dataset.range(2)]
    for iterator in (
        old.DatasetDataSource(datasets).iterator(),
        old.ClientIdDataSource(["a", "b"]).iterator(),
    ):
        again = type(iterator).from_bytes(iterator.to_bytes())
        assert again == iterator
        assert len(again.select(num_clients=2)) == 2


def test_fetching_in_advance_asks_for_an_asynchronous_context():
    old = program("0.61.0")
    source = old.PrefetchingDataSource(old.ClientIdDataSource(["a", "b"]), 2, 1, 1)
    assert source.capabilities == [old.Capability.RANDOM_UNIFORM]
    with pytest.raises(RuntimeError, match="AsyncExecutionContext"):
        source.iterator()
    executing = tff.backends.native.create_async_local_cpp_execution_context()
    with tff.framework.get_context_stack().install(executing):
        iterator = source.iterator()
        assert iterator == iterator
        assert iterator.select(num_clients=1).cardinality == {tff.CLIENTS: 1}
        with pytest.raises(ValueError, match="`num_clients`"):
            iterator.select(2)
