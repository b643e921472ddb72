"""Client data that programs subclass and make: what is abstract when, warnings, several eras."""

from __future__ import annotations

import sqlite3
import warnings

import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

# They come with TensorFlow.
import h5py  # noqa: E402
import numpy as np  # noqa: E402
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


@pytest.fixture(scope="module")
def upgraded():
    """The helpers that the file of a program gets, by name."""
    from tff_compat.adapters import registry
    from tff_compat.declared.replacement import IMPORTS

    names: dict = {}
    for name in ("collections", "functools", "h5py", "hashlib", "math", "np", "operator"):
        exec(IMPORTS[name], names)
    names.update(tf=tf, tff=tff)
    for name in (
        "ClientDataInPython",
        "ClientDataWithTypes",
        "client_data_of_function",
        "client_data_of_hdf5",
        "transformed_client_data",
        "infinite_emnist",
        "synthetic_emnist",
    ):
        (source,) = (each.source for each in registry.helpers() if each.name == name)
        exec(source, names)
    return names


@pytest.fixture
def made_by(upgraded):
    """The helper for client data of a function."""
    return upgraded["client_data_of_function"]


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


def _examples(client_data):
    return {
        client_id: [
            {name: np.asarray(value).tolist() for name, value in example.items()}
            for example in client_data.create_tf_dataset_for_client(client_id)
        ]
        for client_id in client_data.client_ids
    }


def test_upgraded_files_of_hdf5_are_read_as_then(upgraded, tmp_path):
    path = str(tmp_path / "data.h5")
    with h5py.File(path, "w") as file:
        for number, client_id in enumerate(["zoe", "adam"]):
            group = file.create_group(f"examples/{client_id}")
            group.create_dataset("y", data=np.arange(2) + number)
            group.create_dataset("x", data=np.full([2, 3], number, np.float32))
    then = _simulation("0.16.1").HDF5ClientData(path)
    now = upgraded["client_data_of_hdf5"](path)
    assert now.client_ids == then.client_ids == ["adam", "zoe"]
    assert now.element_type_structure == then.element_type_structure
    assert _examples(now) == _examples(then)
    with pytest.raises(ValueError, match="eve"):
        now.create_tf_dataset_for_client("eve")
    with pytest.raises(TypeError):
        upgraded["client_data_of_hdf5"](3)


def _of_three(kind):
    class OfThree(kind):
        @property
        def client_ids(self):
            return ["a", "b", "c"]

        def create_tf_dataset_for_client(self, client_id):
            return tf.data.Dataset.from_tensors({"n": np.float32(ord(client_id))})

        @property
        def output_types(self):
            return {"n": tf.float32}

        @property
        def output_shapes(self):
            return {"n": tf.TensorShape([])}

    return OfThree()


@pytest.mark.parametrize(
    ("release", "number", "counted"), [("0.3.0", 10, 0), ("0.5.0", 10, -1), ("0.5.0", 11, -1)]
)
def test_upgraded_clients_that_stand_several_times_are_those_of_then(
    upgraded, release, number, counted
):
    def make(client_id, index):
        return (lambda e: {"n": e["n"] * index}) if index else None

    def transform(example, index):
        return {"n": example["n"] * index} if index else example

    then = _simulation(release).TransformingClientData(
        _of_three(_simulation(release).ClientData), transform if counted == 0 else make, number
    )
    raw = _of_three(upgraded["ClientDataWithTypes"])
    assert raw.element_type_structure == {"n": tf.TensorSpec([], tf.float32)}
    now = upgraded["transformed_client_data"](raw, make, number, counted)
    assert now.client_ids == then.client_ids
    assert _examples(now) == _examples(then)
    for wrong in (0, 1.5):
        with pytest.raises(ValueError, match="number of clients"):
            upgraded["transformed_client_data"](raw, make, wrong)


def test_upgraded_digits_are_distorted_as_then(upgraded):
    then = _simulation("0.9.0").datasets.emnist.get_synthetic(3)
    now = upgraded["synthetic_emnist"](3)
    assert now.client_ids == then.client_ids
    assert _examples(now) == _examples(then)


def test_upgraded_client_data_can_be_split(made_by):
    made = made_by(["a", "bb", "ccc"], lambda client_id: tf.data.Dataset.range(len(client_id)))
    train, test = tff.simulation.datasets.ClientData.train_test_client_split(made, 1, seed=4)
    assert sorted(train.client_ids + test.client_ids) == ["a", "bb", "ccc"]
    (held_out,) = test.client_ids
    assert len(list(test.create_tf_dataset_for_client(held_out))) == len(held_out)
