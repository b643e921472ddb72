"""Client data from arrays, files and other client data, as of TFF 0.1 to 0.18."""

from __future__ import annotations

import bisect
import collections
import functools
import importlib
import math
import os.path
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper
from tff_compat.adapters.simulation.client_data import (
    Structured,
    check_callable,
    check_client_data,
    computation_of,
)
from tff_compat.adapters.stand_ins import named
from tff_compat.catalog.boundaries import FIRST_TO_CHECK_CLIENT_IDS


def _check_spec(dataset: Any, structure: Any) -> Any:
    tf.nest.assert_same_structure(dataset.element_spec, structure)
    if dataset.element_spec != structure:
        raise ValueError(
            f"The data set has elements of {dataset.element_spec}, that of the first client of "
            f"{structure}."
        )
    return dataset


def examples_of(client_data: Any, client_id: Any) -> collections.OrderedDict[str, Any]:
    """All examples of a client, as a list or an array for each of their fields."""
    examples = list(client_data.create_tf_dataset_for_client(client_id).as_numpy_iterator())
    fields = {name: [example[name] for example in examples] for name in examples[0]}
    # An array of bytes would drop zeros at their ends.
    return collections.OrderedDict(
        (name, values if isinstance(values[0], bytes) else np.stack(values))
        for name, values in fields.items()
    )


class Slices(Structured):
    """Client data from arrays by client."""

    def __init__(self, tensor_slices_dict: Any):
        if not isinstance(tensor_slices_dict, dict):
            raise TypeError(
                "Expected a dict from client ids to examples, found "
                f"{type(tensor_slices_dict).__name__}."
            )
        self._slices = tensor_slices_dict
        self._structure = self.create_tf_dataset_for_client(self.client_ids[0]).element_spec

    @property
    def client_ids(self) -> Any:
        """The ids of the clients, in the order of the mapping."""
        return list(self._slices)

    def create_tf_dataset_for_client(self, client_id: Any) -> Any:
        """The examples of a client, in order.

        Raises:
          KeyError: There is no such client.
          ValueError: It has no examples. As ever, an array of several cannot be asked.
        """
        slices = self._slices[client_id]
        if not slices:
            raise ValueError(f"No data found for client {client_id}")
        return tf.data.Dataset.from_tensor_slices(slices)


ARRAYS = (
    "tff.simulation.datasets.TestClientData(tf.nest.map_structure("
    "lambda part: part.numpy() if tf.is_tensor(part) else part, {tensor_slices_dict}))"
)
"""The code for client data from examples that may be tensors."""


@adapter(
    "tff.simulation.FromTensorSlicesClientData",
    releases=">=0.5,<0.19",
    replacement="tff.simulation.datasets.TestClientData",
    cases={"tensors": Replacement(ARRAYS)},
    gives="client data",
)
class FromTensorSlicesClientData(Slices):
    """Client data from arrays by client, as of TFF 0.5 to 0.18.

    Args:
      tensor_slices_dict: From client ids to what `tf.data.Dataset.from_tensor_slices` takes: lists
        of examples, or structures of lists, arrays or tensors.

    Raises:
      TypeError: The argument is no dict.
      ValueError: A client has no examples.
    """

    as_of: AsOf

    def __init__(self, tensor_slices_dict):
        self.as_of.warn(locals())
        super().__init__(tensor_slices_dict)


helper(
    "client_data_of_hdf5",
    '''\
def client_data_of_hdf5(path):
  """Client data in a file of HDF5: a group for each client, with an array for each field."""
  if not isinstance(path, str):
    raise TypeError(f'The path is a {type(path).__name__}, and no string.')
  examples = h5py.File(path, 'r')['examples']

  def dataset_of(client_id):
    if client_id not in examples:
      raise ValueError(f'There is no client {client_id}.')
    fields = sorted(examples[client_id].items())
    return tf.data.Dataset.from_tensor_slices(
        collections.OrderedDict((name, values[()]) for name, values in fields))

  return client_data_of_function(sorted(examples), dataset_of)
''',
)


@adapter(
    "tff.simulation.HDF5ClientData",
    releases="<0.19",
    replacement="{!client_data_of_hdf5}({hdf5_filepath})",
    note=(
        "TFF itself reads databases of SQLite now: "
        "tff.simulation.datasets.save_to_sql_client_data writes them, and "
        "load_and_parse_sql_client_data reads them."
    ),
    gives="client data",
)
class HDF5ClientData(Structured):
    """Client data in a file of HDF5, as of TFF 0.1 to 0.18.

    The file has a group ``examples``; in it a group for each client, named by its id; in it an
    array for each field of an example, the examples along its first dimension.

    Args:
      hdf5_filepath: Where the file is.

    Raises:
      TypeError: The path is no string.
      OSError: The file cannot be read.
      ImportError: The package `h5py` is not installed.
    """

    as_of: AsOf

    def __init__(self, hdf5_filepath):
        self.as_of.warn(locals())
        if not isinstance(hdf5_filepath, str):
            raise TypeError(f"Expected a path as a str, found {type(hdf5_filepath).__name__}.")
        # TensorFlow itself needs it from 1.14 to 2.18; an installed one may do without.
        h5py = importlib.import_module("h5py")
        self._examples = h5py.File(hdf5_filepath, "r")["examples"]
        self._client_ids = sorted(self._examples)
        self._structure = self._dataset(self._client_ids[0]).element_spec

    def _dataset(self, client_id: Any) -> Any:
        fields = sorted(self._examples[client_id].items())
        return tf.data.Dataset.from_tensor_slices(
            collections.OrderedDict((name, values[()]) for name, values in fields)
        )

    @property
    def client_ids(self) -> Any:
        """The ids of the clients, sorted."""
        return self._client_ids

    def create_tf_dataset_for_client(self, client_id: Any) -> Any:
        """The examples of a client, as `OrderedDict`s of their fields, sorted by name.

        Raises:
          KeyError: There is no such client, up to TFF 0.15.
          ValueError: There is no such client, from TFF 0.16 on.
          ValueError: Its fields are not those of the first client.
        """
        if client_id not in self.client_ids:
            unknown: type[Exception] = KeyError
            if self.as_of.release >= FIRST_TO_CHECK_CLIENT_IDS:
                unknown = ValueError
            raise unknown(f"ID [{client_id}] is not a client in this ClientData.")
        return _check_spec(self._dataset(client_id), self._structure)


def files_by_name(path: str) -> dict[str, str]:
    """The paths of the files of a directory, by their names."""
    return {name: os.path.join(path, name) for name in tf.io.gfile.listdir(path)}


class _Files(Structured):
    """Client data in files, one for each client."""

    _create: Callable[[Any], Any]

    def _read(self, client_ids: Any) -> None:
        if not client_ids:
            raise ValueError("`client_ids` must have at least one client ID")
        self._client_ids = sorted(client_ids)
        with tf.Graph().as_default():
            self._structure = self._create(self._client_ids[0]).element_spec

    @property
    def client_ids(self) -> Any:
        return self._client_ids

    def create_tf_dataset_for_client(self, client_id: Any) -> Any:
        """The data set of a client's file.

        Raises:
          ValueError: Its elements are not of the type of those of the first client.
        """
        return _check_spec(self._create(client_id), self._structure)


@adapter(
    "tff.simulation.FilePerUserClientData",
    releases="<0.17",
    replacement=(
        "tff.simulation.datasets.ClientData.from_clients_and_tf_fn("
        "{client_ids}, {create_tf_dataset_fn})"
    ),
    note="The function must be one that TensorFlow can trace, given the id as a tensor.",
    gives="client data",
)
class FilePerUserClientData(_Files):
    """Client data in files, one for each client, as of TFF 0.1 to 0.16.

    Args:
      client_ids: A list of the ids of at least one client.
      create_tf_dataset_fn: From an id to a `tf.data.Dataset`.

    Raises:
      TypeError: An argument is something else.
      ValueError: There are no clients.
    """

    as_of: AsOf

    def __init__(self, client_ids, create_tf_dataset_fn):
        self.as_of.warn(locals())
        if not isinstance(client_ids, list):
            raise TypeError(f"`client_ids` must be a list, found {type(client_ids).__name__}.")
        check_callable(create_tf_dataset_fn, "create_tf_dataset_fn")
        self._create = create_tf_dataset_fn
        self._read(client_ids)

    @classmethod
    def create_from_dir(cls, path, create_tf_dataset_fn=tf.data.TFRecordDataset):
        """Client data from the files of a directory, whose names are the ids of the clients.

        Args:
          path: The directory.
          create_tf_dataset_fn: From the path of a file to a `tf.data.Dataset`.
        """
        files = files_by_name(path)
        return cls(list(files), lambda client_id: create_tf_dataset_fn(files[client_id]))


class FilePerUser(_Files):
    """Client data in files, one for each client, from a mapping of ids to paths."""

    def __init__(self, client_ids_to_files: Any, dataset_fn: Any):
        if not isinstance(client_ids_to_files, Mapping):
            raise TypeError(
                "`client_ids_to_files` must map ids to paths, found "
                f"{type(client_ids_to_files).__name__}."
            )
        check_callable(dataset_fn, "dataset_fn")
        self._files = client_ids_to_files
        self._dataset_fn = dataset_fn
        self._create = lambda client_id: dataset_fn(client_ids_to_files[client_id])
        self._read(client_ids_to_files)

    @functools.cached_property
    def dataset_computation(self) -> Any:
        """From a client's id to its data set."""

        def from_table(client_id: Any) -> Any:
            paths = tf.lookup.KeyValueTensorInitializer(
                list(self._files), list(self._files.values())
            )
            return self._dataset_fn(tf.lookup.StaticHashTable(paths, "").lookup(client_id))

        return computation_of(from_table, self.as_of.release)


@adapter(
    "tff.simulation.FilePerUserClientData",
    releases=">=0.17,<0.19",
    replacement="tff.simulation.datasets.FilePerUserClientData",
    note="`dataset_fn` must be one that TensorFlow can trace, given the path as a tensor.",
    gives="client data",
)
class FilePerUserClientData_0_17(FilePerUser):
    """Client data in files, one for each client, as of TFF 0.17 and 0.18.

    Args:
      client_ids_to_files: From the ids of at least one client to paths.
      dataset_fn: From a path, as a string or a tensor, to a `tf.data.Dataset`.

    Raises:
      TypeError: An argument is something else.
      ValueError: There are no clients.
    """

    as_of: AsOf

    def __init__(self, client_ids_to_files, dataset_fn):
        self.as_of.warn(locals())
        super().__init__(client_ids_to_files, dataset_fn)

    @classmethod
    def create_from_dir(cls, path, create_tf_dataset_fn=tf.data.TFRecordDataset):
        """Client data from the files of a directory, whose names are the ids of the clients.

        Args:
          path: The directory.
          create_tf_dataset_fn: From the path of a file to a `tf.data.Dataset`.
        """
        return cls(files_by_name(path), create_tf_dataset_fn)


named("FilePerUserClientData", FilePerUserClientData_0_17)


class _Transforming(Structured):
    """Client data in which each client of other client data occurs several times, transformed."""

    _raw: Any

    @property
    def client_ids(self) -> Any:
        return self._client_ids

    @property
    def element_type_structure(self) -> Any:
        """That of the examples before they are transformed, as the releases had it."""
        if hasattr(self._raw, "element_type_structure"):
            return self._raw.element_type_structure
        return tf.nest.map_structure(tf.TensorSpec, self._raw.output_shapes, self._raw.output_types)

    def _number(self, num_transformed_clients: int, digits: int) -> None:
        raw_ids = self._raw.client_ids
        each, rest = divmod(num_transformed_clients, len(raw_ids))
        numbered = [(raw_id, index) for raw_id in raw_ids for index in range(each)]
        numbered += [(raw_id, each) for raw_id in raw_ids[:rest]]
        self._client_ids = sorted(f"{raw_id}_{index:0{digits}}" for raw_id, index in numbered)

    def _split(self, client_id: Any) -> tuple[Any, int]:
        if not isinstance(client_id, str):
            raise TypeError(f"Expected the id as a str, found {type(client_id).__name__}.")
        place = bisect.bisect_left(self._client_ids, client_id)
        if self._client_ids[place : place + 1] != [client_id]:
            raise ValueError("client_id must be a valid string from client_ids.")
        raw_id, _, index = client_id.rpartition("_")
        return raw_id, int(index)


def _check_number(num_transformed_clients: Any) -> None:
    if not isinstance(num_transformed_clients, int):
        raise TypeError(f"Expected an int, found {type(num_transformed_clients).__name__}.")
    if num_transformed_clients <= 0:
        raise ValueError("num_transformed_clients must be positive and finite.")


helper(
    "transformed_client_data",
    '''\
def transformed_client_data(client_data, make_transform_fn, num_clients, counted=-1):
  """Client data in which each client stands several times, with its examples transformed.

  The numbers in the ids have the digits of `num_clients + counted`.
  """
  if num_clients <= 0 or num_clients != int(num_clients):
    raise ValueError('The number of clients is no positive integer.')
  digits = len(str(num_clients + counted))
  each, rest = divmod(num_clients, len(client_data.client_ids))
  places = {
      f'{client_id}_{index:0{digits}}': (client_id, index)
      for place, client_id in enumerate(client_data.client_ids)
      for index in range(each + (place < rest))
  }

  class Transformed(ClientDataInPython):
    client_ids = sorted(places)
    element_type_structure = client_data.element_type_structure

    def create_tf_dataset_for_client(self, client_id):
      if client_id not in places:
        raise ValueError(f'There is no client {client_id}.')
      dataset = client_data.create_tf_dataset_for_client(places[client_id][0])
      transform = make_transform_fn(*places[client_id])
      return dataset.map(transform, tf.data.AUTOTUNE) if transform else dataset

  return Transformed()
''',
)

_EXPANDING_NOTE = (
    "tff.simulation.datasets.TransformingClientData expands clients by `expand_client_id` and "
    "`reduce_client_id`, and its functions must be ones that TensorFlow can trace."
)


@adapter(
    "tff.simulation.TransformingClientData",
    releases="<0.2",
    note=_EXPANDING_NOTE,
    gives="client data",
)
class TransformingClientData_0_1(_Transforming):
    """Client data in which clients occur several times, transformed, as of TFF 0.1.

    Args:
      raw_client_data: The client data behind it.
      transform: From an example and the number of the copy, 0 first, to an example.
      expansion_factor: How many clients for each one, a float: the rest above an integer is the
        share of the clients, chosen by NumPy's global generator, that stand once more.

    Raises:
      TypeError: An argument is something else.
      ValueError: The factor is not positive and finite.
    """

    as_of: AsOf

    def __init__(self, raw_client_data, transform, expansion_factor):
        self.as_of.warn(locals())
        check_client_data(raw_client_data)
        check_callable(transform, "transform")
        if expansion_factor <= 0 or math.isinf(expansion_factor):
            raise ValueError("expansion_factor must be positive and finite.")
        self._raw = raw_client_data
        self._transform = transform
        raw_ids = raw_client_data.client_ids
        each = int(expansion_factor)
        numbered = [(raw_id, index) for raw_id in raw_ids for index in range(each)]
        extra = int(len(raw_ids) * (expansion_factor - each))
        if extra > 0:
            chosen = np.random.choice(raw_ids, extra, replace=False)
            numbered += [(raw_id, each) for raw_id in chosen]
        self._client_ids = sorted(f"{raw_id}_{index}" for raw_id, index in numbered)

    def create_tf_dataset_for_client(self, client_id: Any) -> Any:
        """The transformed examples of a client; it need not be one of `client_ids`."""
        if not isinstance(client_id, str):
            raise TypeError(f"Expected the id as a str, found {type(client_id).__name__}.")
        match = re.search(r"^(.*)_(\d*)$", client_id)
        if match is None:
            raise ValueError("client_id must be a valid string from client_ids.")
        index = int(match.group(2))
        raw = self._raw.create_tf_dataset_for_client(match.group(1))
        return raw.map(lambda example: self._transform(example, index))


@adapter(
    "tff.simulation.TransformingClientData",
    releases=">=0.2,<0.4",
    replacement=(
        "{!transformed_client_data}({raw_client_data}, lambda client_id, index: "
        "lambda example: {transform_fn}(example, index), {num_transformed_clients}, counted=0)"
    ),
    gives="client data",
)
class TransformingClientData_0_2(_Transforming):
    """Client data in which clients occur several times, transformed, as of TFF 0.2 and 0.3.

    Args:
      raw_client_data: The client data behind it.
      transform_fn: From an example and the number of the copy, 0 first, to an example.
      num_transformed_clients: How many clients in all; where they cannot be spread evenly, the
        first clients stand once more.

    Raises:
      TypeError: An argument is something else.
      ValueError: The number is not positive.
    """

    as_of: AsOf

    def __init__(self, raw_client_data, transform_fn, num_transformed_clients):
        self.as_of.warn(locals())
        check_client_data(raw_client_data)
        check_callable(transform_fn, "transform_fn")
        _check_number(num_transformed_clients)
        self._raw = raw_client_data
        self._transform_fn = transform_fn
        self._number(num_transformed_clients, len(str(num_transformed_clients)))

    def create_tf_dataset_for_client(self, client_id: Any) -> Any:
        """The transformed examples of a client."""
        raw_id, index = self._split(client_id)
        raw = self._raw.create_tf_dataset_for_client(raw_id)
        return raw.map(lambda example: self._transform_fn(example, index))


class Expanded(_Transforming):
    """Client data in which clients occur several times, by functions made for each."""

    def __init__(self, raw_client_data: Any, make_transform_fn: Any, num_transformed_clients: Any):
        check_client_data(raw_client_data)
        check_callable(make_transform_fn, "make_transform_fn")
        _check_number(num_transformed_clients)
        self._raw = raw_client_data
        self._make_transform_fn = make_transform_fn
        self._number(num_transformed_clients, len(str(num_transformed_clients - 1)))

    def create_tf_dataset_for_client(self, client_id: Any) -> Any:
        """The transformed examples of a client."""
        raw_id, index = self._split(client_id)
        raw = self._raw.create_tf_dataset_for_client(raw_id)
        transform = self._make_transform_fn(raw_id, index)
        if not transform:
            return raw
        check_callable(transform, "make_transform_fn(client_id, index)")
        return raw.map(transform, tf.data.experimental.AUTOTUNE)


@adapter(
    "tff.simulation.TransformingClientData",
    releases=">=0.4,<0.19",
    replacement=(
        "{!transformed_client_data}({raw_client_data}, {make_transform_fn}, "
        "{num_transformed_clients})"
    ),
    gives="client data",
)
class TransformingClientData(Expanded):
    """Client data in which clients occur several times, transformed, as of TFF 0.4 to 0.18.

    Args:
      raw_client_data: The client data behind it.
      make_transform_fn: From the id of a client and the number of the copy, 0 first, to a function
        of examples, or to None, which leaves them as they are.
      num_transformed_clients: How many clients in all; where they cannot be spread evenly, the
        first clients stand once more.

    Raises:
      TypeError: An argument is something else.
      ValueError: The number is not positive.
    """

    as_of: AsOf

    def __init__(self, raw_client_data, make_transform_fn, num_transformed_clients):
        self.as_of.warn(locals())
        super().__init__(raw_client_data, make_transform_fn, num_transformed_clients)


named("TransformingClientData", TransformingClientData_0_1, TransformingClientData_0_2)
