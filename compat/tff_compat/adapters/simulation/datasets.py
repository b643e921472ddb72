"""Client data classes, data sets and their tools that `tff.simulation.datasets` offered."""

from __future__ import annotations

import collections
import functools
from typing import Any

import numpy as np
import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.registry import NEVER, AsOf, Legacy, adapter, helper
from tff_compat.adapters.simulation.client_data import (
    SEVERAL,
    LegacyClientData,
    Structured,
    bound,
    check_callable,
    computation_of,
    structure_types,
)
from tff_compat.adapters.simulation.client_data_sources import (
    ARRAYS,
    Slices,
    examples_of,
    files_by_name,
)
from tff_compat.adapters.stand_ins import AS_OF, derived, named
from tff_compat.catalog.boundaries import (
    FIRST_WITH_THREE_USERS,
    FIRST_WITHOUT_SERIALIZABLE_SYNTHETIC_DATA,
)

tff = modern.package()

_installed: Any = tff.simulation.datasets


# --- Classes --------------------------------------------------------------------------------------


class _Serializable:
    """What client data of the installed TFF does otherwise than that of TFF 0.19."""

    as_of: AsOf

    from_clients_and_fn: Any = vars(LegacyClientData)["from_clients_and_fn"]
    train_test_client_split: Any = vars(LegacyClientData)["train_test_client_split"]

    @functools.cached_property
    def dataset_computation(self) -> Any:
        """From a client's id to its data set."""
        create: Any = self.serializable_dataset_fn  # type: ignore[attr-defined]
        return computation_of(create, self.as_of.release)

    def preprocess(self, preprocess_fn: Any) -> Any:
        """Client data whose data sets are what a function makes of these."""
        check_callable(preprocess_fn, "preprocess_fn")
        made = super().preprocess(preprocess_fn)  # type: ignore[misc]
        return _as_serializable(made, self.as_of)

    @classmethod
    def from_clients_and_tf_fn(cls, client_ids: Any, serializable_dataset_fn: Any) -> Any:
        """Client data from a function that TensorFlow can trace."""
        made = super().from_clients_and_tf_fn(  # type: ignore[misc]
            client_ids, serializable_dataset_fn
        )
        return _as_serializable(made, cls.as_of)


def _as_serializable(made: Any, as_of: AsOf) -> Any:
    """Client data that the installed TFF has made, with what it had in TFF 0.19."""
    kind: Any = type(made)
    made.__class__ = _serializable_kind(kind, as_of)
    return made


@functools.cache
def _serializable_kind(kind: Any, as_of: AsOf) -> Any:
    return derived(kind, {AS_OF: as_of}, bases=(_Serializable, kind))


@adapter(
    "tff.simulation.datasets.FilePerUserClientData",
    releases=">=0.19,<0.20",
    replacement="tff.simulation.datasets.FilePerUserClientData",
    legacy=NEVER,
)
class FilePerUserClientData(_Serializable, _installed.FilePerUserClientData):
    """Client data in files, one for each client, as of TFF 0.19.

    Args:
      client_ids_to_files: A dict from the ids of clients to paths.
      dataset_fn: From a path to a `tf.data.Dataset`.
    """

    as_of: AsOf

    def __init__(self, client_ids_to_files, dataset_fn):
        super().__init__(client_ids_to_files, dataset_fn)

    @classmethod
    def create_from_dir(cls, path, create_tf_dataset_fn=tf.data.TFRecordDataset):
        """Client data from the files of a directory, whose names are the ids of the clients."""
        return cls(files_by_name(path), create_tf_dataset_fn)


@adapter(
    "tff.simulation.datasets.SqlClientData",
    releases=">=0.19,<0.20",
    replacement="tff.simulation.datasets.SqlClientData",
    legacy=NEVER,
    gives="client data",
)
class SqlClientData(_Serializable, _installed.SqlClientData):
    """Client data in a database of SQLite, as of TFF 0.19.

    Args:
      database_filepath: The path of the database.
      split_name: The split to read, such as "train"; None for all.
    """

    as_of: AsOf

    def __init__(self, database_filepath, split_name=None):
        super().__init__(database_filepath, split_name)


@adapter(
    "tff.simulation.datasets.TransformingClientData",
    releases=">=0.19,<0.20",
    replacement="tff.simulation.datasets.TransformingClientData",
    legacy=NEVER,
    gives="client data",
)
class TransformingClientData_0_19(_Serializable, _installed.TransformingClientData):
    """Client data in which each client occurs several times, transformed, as of TFF 0.19.

    Args:
      base_client_data: The client data that is transformed.
      make_transform_fn: From the id of a transformed client to a function of examples; None for no
        change.
      expand_client_id: From the id of a client to those of the transformed clients; None for the
        same.
      reduce_client_id: From the id of a transformed client to that of its client; None for the
        same.
    """

    as_of: AsOf

    def __init__(
        self, base_client_data, make_transform_fn, expand_client_id=None, reduce_client_id=None
    ):
        super().__init__(base_client_data, make_transform_fn, expand_client_id, reduce_client_id)


named("TransformingClientData", TransformingClientData_0_19)


def _as_arrays(slices: Any) -> Any:
    """Examples without tensors, which the installed class refuses."""
    if isinstance(slices, dict):
        return type(slices)((name, _as_arrays(each)) for name, each in slices.items())
    if isinstance(slices, tf.Tensor):
        return slices.numpy()
    if isinstance(slices, (list, tuple)) and any(isinstance(each, tf.Tensor) for each in slices):
        return np.stack([_as_arrays(each) for each in slices])
    return slices


class _TestClientData(_installed.TestClientData):
    """Client data from arrays or tensors by client."""

    as_of: AsOf

    def __init__(self, tensor_slices_dict):
        if any(isinstance(part, tf.Tensor) for part in tf.nest.flatten(tensor_slices_dict)):
            self.as_of.warn(locals())
        if isinstance(tensor_slices_dict, dict):
            tensor_slices_dict = {
                client_id: _as_arrays(slices) for client_id, slices in tensor_slices_dict.items()
            }
        super().__init__(tensor_slices_dict)
        first = structure_types(self.element_type_structure)
        for client_id in self.client_ids:
            spec = self.create_tf_dataset_for_client(client_id).element_spec
            if tf.nest.flatten(structure_types(spec)) != tf.nest.flatten(first):
                raise TypeError(
                    "The clients must have examples of the same dtypes, found "
                    f"{structure_types(spec)} and {first}."
                )


_TENSORS = Legacy(values={"tensor_slices_dict": "tensors"})


@adapter(
    "tff.simulation.datasets.TestClientData",
    releases=">=0.19,<0.20",
    replacement=ARRAYS,
    legacy=_TENSORS,
    gives="client data",
)
class TestClientData_0_19(_Serializable, _TestClientData):
    """Client data from arrays or tensors by client, as of TFF 0.19."""

    as_of: AsOf


@adapter(
    "tff.simulation.datasets.TestClientData",
    releases=">=0.20,<0.87",
    replacement=ARRAYS,
    legacy=_TENSORS,
    gives="client data",
)
class TestClientData(_TestClientData):
    """Client data from arrays or tensors by client, as of TFF 0.20 to 0.86."""

    as_of: AsOf


named("TestClientData", TestClientData_0_19)


# --- Data sets ------------------------------------------------------------------------------------


class HDF5ClientData(Structured):
    """A data set of the installed TFF, as client data of TFF 0.1 to 0.18, which were files of HDF5.

    The examples are the same; they are now in databases of SQLite.
    """

    def __init__(self, installed: Any):
        self._installed = installed
        self._structure = installed.element_type_structure

    @property
    def client_ids(self) -> Any:
        """The ids of the clients, sorted."""
        return self._installed.client_ids

    def create_tf_dataset_for_client(self, client_id: Any) -> Any:
        """The examples of a client."""
        return self._installed.create_tf_dataset_for_client(client_id)


def _stored(loaded: Any, as_of: AsOf) -> Any:
    return tuple(bound(HDF5ClientData, as_of)(each) for each in loaded)


@adapter(
    "tff.simulation.datasets.emnist.load_data",
    releases="<0.19",
    replacement="tff.simulation.datasets.emnist.load_data",
    legacy=NEVER,
    gives=SEVERAL,
)
def emnist_load_data(only_digits=True, cache_dir=None, *, as_of: AsOf):
    """The characters of EMNIST by writer, as of TFF 0.1 to 0.18.

    Args:
      only_digits: Whether without letters.
      cache_dir: Where the downloaded file is kept; None for TFF's own directory.

    Returns:
      Client data for training and for tests.
    """
    return _stored(_installed.emnist.load_data(only_digits, cache_dir), as_of)


@adapter(
    "tff.simulation.datasets.shakespeare.load_data",
    releases="<0.19",
    replacement="tff.simulation.datasets.shakespeare.load_data",
    legacy=NEVER,
    gives=SEVERAL,
)
def shakespeare_load_data(cache_dir=None, *, as_of: AsOf):
    """The lines of Shakespeare's plays by character, as of TFF 0.1 to 0.18.

    Args:
      cache_dir: Where the downloaded file is kept; None for TFF's own directory.

    Returns:
      Client data for training and for tests.
    """
    return _stored(_installed.shakespeare.load_data(cache_dir), as_of)


@adapter(
    "tff.simulation.datasets.stackoverflow.load_data",
    releases=">=0.9,<0.19",
    replacement="tff.simulation.datasets.stackoverflow.load_data",
    legacy=NEVER,
    gives=SEVERAL,
)
def stackoverflow_load_data(cache_dir=None, *, as_of: AsOf):
    """The questions and answers of Stack Overflow by user, as of TFF 0.9 to 0.18.

    Args:
      cache_dir: Where the downloaded file is kept; None for TFF's own directory.

    Returns:
      Client data for training, held out, and for tests.
    """
    return _stored(_installed.stackoverflow.load_data(cache_dir), as_of)


@adapter(
    "tff.simulation.datasets.stackoverflow.load_word_counts",
    releases=">=0.9,<0.18",
    replacement="tff.simulation.datasets.stackoverflow.load_word_counts",
    legacy=NEVER,
)
def stackoverflow_load_word_counts(cache_dir=None, *, as_of: AsOf):
    """How often each word is in Stack Overflow, as of TFF 0.9 to 0.17: of all words.

    Args:
      cache_dir: Where the downloaded file is kept; None for TFF's own directory.

    Returns:
      The words with their counts, the most frequent first.
    """
    return _installed.stackoverflow.load_word_counts(cache_dir)


@adapter(
    "tff.simulation.datasets.cifar100.load_data",
    releases=">=0.12,<0.19",
    replacement="tff.simulation.datasets.cifar100.load_data",
    legacy=NEVER,
    gives=SEVERAL,
)
def cifar100_load_data(cache_dir=None, *, as_of: AsOf):
    """The images of CIFAR-100 by client, as of TFF 0.12 to 0.18.

    Args:
      cache_dir: Where the downloaded file is kept; None for TFF's own directory.

    Returns:
      Client data for training and for tests.
    """
    return _stored(_installed.cifar100.load_data(cache_dir), as_of)


@adapter(
    "tff.simulation.datasets.shakespeare.get_synthetic",
    releases=">=0.17,<0.19",
    replacement="tff.simulation.datasets.shakespeare.get_synthetic",
    legacy=NEVER,
)
def shakespeare_get_synthetic(*, as_of: AsOf):
    """A few lines of a few characters, as of TFF 0.17 and 0.18."""
    found = _installed.shakespeare.get_synthetic()
    slices = {client_id: examples_of(found, client_id) for client_id in found.client_ids}
    return bound(Slices, as_of)(slices)


helper(
    "first_clients",
    '''\
def first_clients(data, *names):
  """The first clients of synthetic data, under names of one's own."""
  def examples(client_id):
    found = data.create_tf_dataset_for_client(client_id).as_numpy_iterator()
    return tf.nest.map_structure(lambda *parts: np.stack(parts), *found)

  slices = {name: examples(client_id) for name, client_id in zip(names, data.client_ids)}
  return tff.simulation.datasets.TestClientData(slices)
''',
)
_FIELDS_0_17 = ("creation_date", "title", "score", "tags", "tokens", "type")


@adapter(
    "tff.simulation.datasets.stackoverflow.get_synthetic",
    releases=">=0.17,<0.18",
    replacement="{!first_clients}(tff.simulation.datasets.stackoverflow.get_synthetic(), "
    "'synthetic_1', 'synthetic_2')",
)
@adapter(
    "tff.simulation.datasets.stackoverflow.get_synthetic",
    releases=">=0.18,<0.19",
    replacement="tff.simulation.datasets.stackoverflow.get_synthetic",
    legacy=NEVER,
)
def stackoverflow_get_synthetic(*, as_of: AsOf):
    """A few questions and answers: of two users as of TFF 0.17, of three as of 0.18."""
    found = _installed.stackoverflow.get_synthetic()
    users = found.client_ids
    if as_of.release < FIRST_WITH_THREE_USERS:
        as_of.warn()
        users = users[:2]
    slices = {}
    for client_id in users:
        examples = examples_of(found, client_id)
        slices[client_id] = collections.OrderedDict((name, examples[name]) for name in _FIELDS_0_17)
    return bound(Slices, as_of)(slices)


def one_client(found: Any, as_of: AsOf) -> Any:
    """The first client of synthetic data, of which later releases have two that are equal."""
    slices = {"synthetic": examples_of(found, found.client_ids[0])}
    kind = (
        TestClientData_0_19
        if as_of.release < FIRST_WITHOUT_SERIALIZABLE_SYNTHETIC_DATA
        else TestClientData
    )
    return bound(kind, as_of)(slices)


@adapter(
    "tff.simulation.datasets.emnist.get_synthetic",
    releases=">=0.19,<0.34",
    replacement="{!first_clients}(tff.simulation.datasets.emnist.get_synthetic(), 'synthetic')",
)
def emnist_get_synthetic_0_19(*, as_of: AsOf):
    """A digit of each kind at one client, as of TFF 0.19 to 0.33."""
    as_of.warn()
    return one_client(_installed.emnist.get_synthetic(), as_of)


@adapter(
    "tff.simulation.datasets.cifar100.get_synthetic",
    releases=">=0.19,<0.34",
    replacement="{!first_clients}(tff.simulation.datasets.cifar100.get_synthetic(), 'synthetic')",
)
def cifar100_get_synthetic(*, as_of: AsOf):
    """Five images at one client, as of TFF 0.19 to 0.33."""
    as_of.warn()
    return one_client(_installed.cifar100.get_synthetic(), as_of)
