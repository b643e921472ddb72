"""Client data that programs subclass and make: what is abstract when, warnings, several eras."""

from __future__ import annotations

import sqlite3
import warnings

import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tff_compat.LegacyAPIWarning)
        yield


def _simulation(release: str):
    return tff_compat.as_of(release).simulation


def _range(client_id):
    return tf.data.Dataset.range(len(client_id))


@pytest.mark.parametrize(
    ("release", "abstract"),
    [
        ("0.1.0", {"output_shapes", "output_types"}),
        ("0.10.1", {"output_shapes", "output_types"}),
        ("0.11.0", {"element_type_structure"}),
        ("0.15.0", {"element_type_structure"}),
        ("0.16.0", {"element_type_structure", "dataset_computation"}),
        ("0.18.0", {"element_type_structure", "dataset_computation"}),
    ],
)
def test_what_is_abstract(release, abstract):
    expected = abstract | {"client_ids", "create_tf_dataset_for_client"}
    assert _simulation(release).ClientData.__abstractmethods__ == expected


def test_what_is_abstract_in_0_19():
    assert _simulation("0.19.0").datasets.ClientData.__abstractmethods__ == {
        "client_ids",
        "create_tf_dataset_for_client",
        "dataset_computation",
        "element_type_structure",
    }


def test_a_subclass_is_told_what_to_write():
    with pytest.warns(tff_compat.LegacyAPIWarning, match="serializable_dataset_fn") as caught:

        class Mine(_simulation("0.13.1").ClientData):
            pass

    # A class that the file gets, with which data sets may still be made in Python.
    assert caught[0].message.replacement == "ClientDataInPython"


def test_from_clients_and_fn_is_told_what_to_write():
    ids = ["a", "bb"]
    with pytest.warns(tff_compat.LegacyAPIWarning) as caught:
        _simulation("0.13.1").ClientData.from_clients_and_fn(ids, _range)
    assert caught[0].message.replacement.startswith("client_data_of_function(")


@pytest.mark.parametrize("release", ["0.9.0", "0.13.1", "0.17.0"])
def test_client_data_of_any_release_is_client_data(release):
    made = _simulation("0.12.0").ClientData.from_clients_and_fn(["a", "bb"], _range)
    installed = tff.simulation.datasets.TestClientData({"a": [1]})
    interface = _simulation(release).ClientData
    assert isinstance(made, interface)
    assert isinstance(installed, interface)
    assert not isinstance({"a": [1]}, interface)


def test_a_class_is_not_another_one():
    simulation = _simulation("0.13.1")
    made = simulation.FromTensorSlicesClientData({"a": [1]})
    assert isinstance(made, _simulation("0.12.0").FromTensorSlicesClientData)
    assert not isinstance(made, simulation.HDF5ClientData)


def test_a_subclass_of_a_class():
    class Sorted(_simulation("0.13.1").FromTensorSlicesClientData):
        @property
        def client_ids(self):
            return sorted(super().client_ids)

    made = Sorted({"b": [1], "a": [2]})
    assert made.client_ids == ["a", "b"]
    assert list(made.create_tf_dataset_for_client("b").as_numpy_iterator()) == [1]


def test_installed_client_data_behind_functions_of_then():
    installed = tff.simulation.datasets.TestClientData({"a": [1, 2], "b": [3]})
    twice = _simulation("0.13.1").TransformingClientData(
        installed, lambda client_id, index: lambda x: x + 10 * index, 4
    )
    assert twice.client_ids == ["a_0", "a_1", "b_0", "b_1"]
    assert list(twice.create_tf_dataset_for_client("a_1").as_numpy_iterator()) == [11, 12]


def test_clients_that_stand_several_times_as_of_0_3():
    raw = _simulation("0.5.0").FromTensorSlicesClientData({"a": [1.0], "b": [2.0]})
    made = _simulation("0.3.0").TransformingClientData(
        raw, transform_fn=lambda x, index: x * (index + 1), num_transformed_clients=10
    )
    # Two digits although the last number has one, as it was then.
    assert made.client_ids[:2] == ["a_00", "a_01"]
    assert list(made.create_tf_dataset_for_client("b_04").as_numpy_iterator()) == [10.0]
    assert made.output_types == tf.float32


def test_the_class_of_functions_by_its_internal_path():
    internal = "tensorflow_federated.python.simulation.client_data"
    tff_compat.activate("0.13.1")
    try:
        made = {}
        exec(
            f"from {internal} import ConcreteClientData",
            {"__name__": "program", "__builtins__": __builtins__},
            made,
        )
    finally:
        tff_compat.deactivate()
    client_data = made["ConcreteClientData"](["a", "bb"], _range)
    assert client_data.client_ids == ["a", "bb"]
    assert client_data.element_type_structure == tf.TensorSpec([], tf.int64)


def _emnist_example(label):
    features = tf.train.Features(
        feature={
            "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
            "pixels": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5] * 784)),
        }
    )
    return tf.train.Example(features=features).SerializeToString()


@pytest.fixture
def emnist_cache(tmp_path):
    """A directory where what `emnist.load_data` would download is already."""
    with sqlite3.connect(tmp_path / "emnist_all.sqlite") as database:
        database.execute(
            "CREATE TABLE examples (split_name TEXT, client_id TEXT, serialized_example_proto BLOB)"
        )
        database.execute("CREATE TABLE client_metadata (client_id TEXT, split_name TEXT)")
        for split in ("digits_only_train", "digits_only_test"):
            for number, client_id in enumerate(["f1", "f2"]):
                database.execute("INSERT INTO client_metadata VALUES (?, ?)", (client_id, split))
                row = (split, client_id, _emnist_example(number))
                database.execute("INSERT INTO examples VALUES (?, ?, ?)", row)
    return str(tmp_path)


def test_loaded_data_have_the_members_of_their_release(emnist_cache):
    emnist = _simulation("0.9.0").datasets.emnist
    train, test = emnist.load_data(cache_dir=emnist_cache)
    assert isinstance(train, _simulation("0.9.0").ClientData)
    assert train.client_ids == test.client_ids == ["f1", "f2"]
    assert dict(train.output_types) == {"label": tf.int32, "pixels": tf.float32}
    assert train.output_shapes["pixels"] == [28, 28]
    seen = []

    def in_python(dataset):
        seen.extend(int(example["label"]) for example in dataset)
        return dataset.batch(5)

    batches = train.preprocess(in_python)
    assert batches.output_shapes["pixels"].as_list() == [None, 28, 28]
    list(batches.create_tf_dataset_for_client("f2"))
    assert seen == [0, 1]


@pytest.fixture
def made_by():
    """The helper that the file of a program gets, with the class that it needs."""
    from tff_compat.adapters import registry

    names = {"tf": tf, "tff": tff}
    for name in ("ClientDataInPython", "client_data_of_function"):
        (source,) = (each.source for each in registry.helpers() if each.name == name)
        exec(source, names)
    return names["client_data_of_function"]


def test_upgraded_client_data_of_python_is_made_as_then(made_by):
    asked = []

    def in_python(client_id):
        asked.append(client_id)
        return tf.data.Dataset.range(len(client_id))

    then = _simulation("0.17.0").ClientData.from_clients_and_fn(["bb", "a"], in_python)
    asked_then = list(asked)
    asked.clear()
    made = made_by(iter(["bb", "a"]), in_python)
    assert asked == asked_then
    assert made.client_ids == then.client_ids
    assert made.element_type_structure == then.element_type_structure
    preprocessed = [each.preprocess(lambda ds: ds.map(lambda n: n + 1)) for each in (made, then)]
    for now, before in [(made, then), preprocessed]:
        of_client = [list(each.create_tf_dataset_for_client("bb")) for each in (now, before)]
        assert of_client[0] == of_client[1]
        assert len(list(now.create_tf_dataset_from_all_clients(seed=1))) == 3
        for each in (now, before):
            with pytest.raises(NotImplementedError):
                _ = each.dataset_computation
    assert set(map(type, asked)) == {str}


def test_upgraded_client_data_of_a_computation_has_it(made_by):
    @tff.tensorflow.computation(tff.types.tensorflow_to_type(tf.string))
    def examples(client_id):
        return tf.data.Dataset.range(tf.cast(tf.strings.length(client_id), tf.int64))

    made = made_by(["a"], examples)
    assert made.dataset_computation is examples
    assert len(list(made.create_tf_dataset_for_client("a"))) == 1
