"""The client data that programs subclass and build from functions, as of TFF 0.1 to 0.19."""

from __future__ import annotations

import abc
import functools
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import structures
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper, member
from tff_compat.adapters.stand_ins import StandsFor, named
from tff_compat.adapters.subclassing import Derived
from tff_compat.catalog.boundaries import (
    FIRST_TO_SHUFFLE_ALL_CLIENTS,
    FIRST_WITH_DATASET_COMPUTATIONS,
    FIRST_WITH_ITERABLE_CLIENT_IDS,
    FIRST_WITH_NESTED_DATASETS,
    FIRST_WITH_SEED_OF_SPLIT,
)
from tff_compat.declared.replacement import AS_BASE, AS_VALUE

tff = modern.package()

InstalledClientData: Any = tff.simulation.datasets.ClientData


_SUBCLASS_NOTE = (
    "A subclass defines client_ids, element_type_structure and serializable_dataset_fn, which "
    "TensorFlow can trace, in the place of create_tf_dataset_for_client."
)
helper(
    "ClientDataInPython",
    '''\
class ClientDataInPython(tff.simulation.datasets.ClientData):
  """Client data whose data sets are made by Python that TensorFlow does not trace."""

  @property
  def serializable_dataset_fn(self):
    return lambda client_id: self.create_tf_dataset_for_client(client_id)

  @property
  def dataset_computation(self):
    raise NotImplementedError('Its data sets are made by Python.')

  def create_tf_dataset_from_all_clients(self, seed=None):
    datasets = list(self.datasets(seed=seed))
    return tf.data.Dataset.from_tensor_slices(datasets).flat_map(lambda dataset: dataset)

  def preprocess(self, preprocess_fn):
    original = self

    class Preprocessed(ClientDataInPython):
      client_ids = original.client_ids
      element_type_structure = preprocess_fn(
          original.create_tf_dataset_for_client(client_ids[0])).element_spec

      def create_tf_dataset_for_client(self, client_id):
        return preprocess_fn(original.create_tf_dataset_for_client(client_id))

      @property
      def dataset_computation(self):
        create = original.dataset_computation
        return tff.tensorflow.computation(
            lambda client_id: preprocess_fn(create(client_id)), tff.TensorType(np.str_))

    return Preprocessed()
''',
)
helper(
    "ClientDataWithTypes",
    '''\
class ClientDataWithTypes(ClientDataInPython):
  """Client data that says the types and shapes of its elements apart."""

  @property
  def element_type_structure(self):

    def specs(types, shapes):
      if isinstance(types, dict):
        return type(types)((name, specs(each, shapes[name])) for name, each in types.items())
      if isinstance(types, tuple):
        parts = [specs(*each) for each in zip(types, shapes)]
        return type(types)(*parts) if hasattr(types, '_fields') else tuple(parts)
      return tf.TensorSpec(shapes, types)

    return specs(self.output_types, self.output_shapes)
''',
)
_BASE = {
    AS_BASE: Replacement(
        "{!ClientDataInPython}",
        "what TensorFlow can trace is `serializable_dataset_fn` of a "
        "tff.simulation.datasets.ClientData",
    )
}
_BASE_WITH_TYPES = {
    AS_BASE: Replacement("{!ClientDataWithTypes}", _BASE[AS_BASE].note),
}
_PREPROCESS_NOTE = "The function must be one that TensorFlow can trace."
_PREPROCESS = "{underlying_client_data}.preprocess({preprocess_fn})"
helper(
    "client_data_of_function",
    '''\
def client_data_of_function(client_ids, create_tf_dataset_for_client_fn):
  """Client data whose data sets a function of Python makes.

  For one that TensorFlow can trace there is `from_clients_and_tf_fn`.
  """
  ids = list(client_ids)
  if not ids:
    raise ValueError('There has to be a client.')

  class OfFunction(ClientDataInPython):
    client_ids = ids
    create_tf_dataset_for_client = staticmethod(create_tf_dataset_for_client_fn)
    element_type_structure = create_tf_dataset_for_client_fn(ids[0]).element_spec

    @property
    def dataset_computation(self):
      if isinstance(create_tf_dataset_for_client_fn, tff.Computation):
        return create_tf_dataset_for_client_fn
      return super().dataset_computation

  return OfFunction()
''',
)
# What client data gives, whose members went before its class did.
_ROLE = "client data"
_DATASET = "data set"
SEVERAL = "client data for training and tests"
"""The role of tuples of client data."""
for _position in range(3):
    member(SEVERAL, f"[{_position}]", gives=_ROLE)
member(_ROLE, ".create_tf_dataset_for_client()", gives=_DATASET)
member(_ROLE, ".create_tf_dataset_from_all_clients()", gives=_DATASET)
member(_ROLE, ".preprocess()", gives=_ROLE)
member(_ROLE, ".element_type_structure", gives="tensorflow.TensorSpec")
for _name, _part in (("output_types", "dtype"), ("output_shapes", "shape")):
    member(
        _ROLE,
        f".{_name}",
        releases="<0.11",
        replacement=(
            f"tf.nest.map_structure(lambda spec: spec.{_part}, {{self}}.element_type_structure)"
        ),
    )
member(
    _ROLE,
    ".train_test_client_split()",
    releases=">=0.10,<0.17",
    replacement="{!split_clients}({client_data}, {num_test_clients})",
    parameters="(client_data, num_test_clients)",
    gives=SEVERAL,
)
member(_ROLE, ".train_test_client_split()", releases=">=0.17", gives=SEVERAL)
# TensorFlow 1 gave data sets members that functions of `tf.compat.v1.data` stand for.
for _name in (
    "batch", "cache", "concatenate", "filter", "flat_map", "interleave", "map", "padded_batch",
    "prefetch", "repeat", "shuffle", "skip", "take",
):  # fmt: skip
    member(_DATASET, f".{_name}()", gives=_DATASET)
for _name in ("output_types", "output_shapes", "output_classes"):
    member(
        _DATASET,
        f".{_name}",
        releases="<0.9",
        replacement=f"tf.compat.v1.data.get_{_name}({{self}})",
    )
for _name, _parameters in {
    "make_one_shot_iterator": "()",
    "make_initializable_iterator": "(shared_name=None)",
}.items():
    member(
        _DATASET,
        f".{_name}()",
        releases="<0.9",
        replacement=f"tf.compat.v1.data.{_name}({{self}})",
        parameters=_parameters,
    )
_FROM_FN = "{!client_data_of_function}({client_ids}, {create_tf_dataset_for_client_fn})"
_FROM_ANY = {AS_VALUE: Replacement("{!client_data_of_function}")}
helper(
    "split_clients",
    '''\
def split_clients(client_data, num_test_clients):
  """Client data for training and for tests, as NumPy's global generator draws them."""
  if not 0 < num_test_clients < len(client_data.client_ids):
    raise ValueError('Keep at least one client for tests, and one for training.')
  rest = list(client_data.client_ids)
  np.random.shuffle(rest)
  without_examples, held_out = [], []
  while len(held_out) < num_test_clients:
    if not rest or len(without_examples) > 5 * num_test_clients + 10:
      raise ValueError('Too many clients have no examples.')
    client_id = rest.pop()
    dataset = client_data.create_tf_dataset_for_client(client_id)
    has_examples = any(True for _ in dataset.take(1))
    (held_out if has_examples else without_examples).append(client_id)
  make = client_data.create_tf_dataset_for_client
  return (client_data_of_function(rest + without_examples, make),
          client_data_of_function(held_out, make))
''',
)
_PREPROCESS_ANY = {
    AS_VALUE: Replacement("(lambda data, function: data.preprocess(function))", _PREPROCESS_NOTE)
}


def computation_of(create: Callable[[Any], Any], release: Version) -> Any:
    """The `tff.Computation` from a client's id to its data set, as a release had it."""
    string = tff.types.tensorflow_to_type(tf.string)
    return structures.with_results_of(tff.tensorflow.computation(create, string), release)


def structure_types(structure: Any) -> Any:
    """The dtypes of an element."""
    return tf.nest.map_structure(lambda spec: spec.dtype, structure)


def structure_shapes(structure: Any) -> Any:
    """The shapes of an element."""
    return tf.nest.map_structure(lambda spec: spec.shape, structure)


def check_callable(value: Any, name: str) -> None:
    """Raises TypeError for what cannot be called."""
    if not callable(value):
        raise TypeError(f"`{name}` must be callable, found {type(value).__name__}.")


@functools.cache
def bound(kind: type, as_of: AsOf) -> Any:
    """A class of this module as a view would hand it out, for what views have no path to."""
    return type(kind)(kind.__name__, (kind,), {"as_of": as_of, "__doc__": kind.__doc__})


class LegacyClientData(Derived, StandsFor, abc.ABC):
    """What all client data of TFF 0.1 to 0.19 share: ordinary Python functions make the data sets.

    The abstract members differ by release, see the subclasses.
    """

    as_of: AsOf

    @property
    @abc.abstractmethod
    def client_ids(self) -> Any:
        """The ids of the clients, a list of strings."""

    @abc.abstractmethod
    def create_tf_dataset_for_client(self, client_id: Any) -> Any:
        """A new `tf.data.Dataset` of the examples of one client."""

    def _types_and_shapes(self) -> tuple[Any, Any]:
        structure = self.element_type_structure  # type: ignore[attr-defined]
        return structure_types(structure), structure_shapes(structure)

    def datasets(self, limit_count: Any = None, seed: Any = None) -> Iterator[Any]:
        """The data set of each client, in random order.

        Args:
          limit_count: How many at most; None for all.
          seed: Of the order, anything that `numpy.random.RandomState` takes.

        Raises:
          TypeError: `create_tf_dataset_for_client` gave something else.
        """
        client_ids = list(self.client_ids)
        np.random.RandomState(seed=seed).shuffle(client_ids)
        for client_id in client_ids[:limit_count]:
            dataset = self.create_tf_dataset_for_client(client_id)
            if not isinstance(dataset, tf.data.Dataset):
                raise TypeError(f"Expected a tf.data.Dataset, found {type(dataset).__name__}.")
            yield dataset

    def create_tf_dataset_from_all_clients(self, seed: Any = None) -> Any:
        """One `tf.data.Dataset` of all examples, those of a client next to one another.

        Args:
          seed: Of the order of the clients, which is random from TFF 0.6 on.
        """
        release = self.as_of.release
        if release >= FIRST_WITH_NESTED_DATASETS:
            return tf.data.Dataset.from_tensor_slices(list(self.datasets(seed=seed))).flat_map(
                lambda dataset: dataset
            )

        def examples() -> Iterator[Any]:
            if release >= FIRST_TO_SHUFFLE_ALL_CLIENTS:
                datasets = self.datasets(seed=seed)
            else:
                datasets = map(self.create_tf_dataset_for_client, self.client_ids)
            for dataset in datasets:
                yield from dataset

        return tf.data.Dataset.from_generator(examples, *self._types_and_shapes())

    def preprocess(self, preprocess_fn: Any) -> Any:
        """Client data whose data sets are what `preprocess_fn` makes of these.

        Args:
          preprocess_fn: From a data set to a data set. It is called in Python for each client.

        Raises:
          TypeError: It cannot be called.
        """
        check_callable(preprocess_fn, "preprocess_fn")
        return bound(PreprocessClientData, self.as_of)(self, preprocess_fn)

    @classmethod
    def from_clients_and_fn(cls, client_ids: Any, create_tf_dataset_for_client_fn: Any) -> Any:
        """Client data from a function.

        Args:
          client_ids: The ids of at least one client: a list, from TFF 0.16 on any iterable.
          create_tf_dataset_for_client_fn: From an id to a `tf.data.Dataset`, in Python. A
            `tff.Computation` is the `dataset_computation` as well, from TFF 0.17 on.

        Raises:
          TypeError: An argument is something else.
          ValueError: There are no clients.
        """
        cls.as_of.warn_of("from_clients_and_fn", locals())
        return bound(ConcreteClientData, cls.as_of)(client_ids, create_tf_dataset_for_client_fn)

    @classmethod
    def train_test_client_split(
        cls, client_data: Any, num_test_clients: Any, seed: Any = None
    ) -> tuple[Any, Any]:
        """Client data for training and for tests, without clients in common.

        Args:
          client_data: What to split.
          num_test_clients: How many clients, each with examples, to hold out; at least one client
            remains.
          seed: Of the choice, from TFF 0.17 on. Before, NumPy's global generator chooses.

        Raises:
          ValueError: There are too few clients, or too few with examples.
        """
        cls.as_of.warn_of("train_test_client_split", locals())
        if num_test_clients <= 0:
            raise ValueError("Please specify num_test_clients > 0.")
        if len(client_data.client_ids) <= num_test_clients:
            raise ValueError(
                f"The client_data supplied has only {len(client_data.client_ids)} clients, but "
                f"{num_test_clients} test clients were requested."
            )
        rest = list(client_data.client_ids)
        if cls.as_of.release < FIRST_WITH_SEED_OF_SPLIT:
            np.random.shuffle(rest)
        else:
            np.random.RandomState(seed).shuffle(rest)
        without_examples: list[Any] = []
        held_out: list[Any] = []
        while len(held_out) < num_test_clients:
            if not rest or len(without_examples) > 5 * num_test_clients + 10:
                raise ValueError("Encountered too many clients with no data.")
            client_id = rest.pop()
            for _ in client_data.create_tf_dataset_for_client(client_id).take(1):
                held_out.append(client_id)
                break
            else:
                logging.warning("Client %s had no data, skipping.", client_id)
                without_examples.append(client_id)
        concrete = bound(ConcreteClientData, cls.as_of)
        create = client_data.create_tf_dataset_for_client
        return concrete(rest + without_examples, create), concrete(held_out, create)


def check_client_data(value: Any) -> None:
    """Raises TypeError for what is not client data of any release."""
    if not isinstance(value, (LegacyClientData, InstalledClientData)):
        raise TypeError(f"Expected client data, found {type(value).__name__}.")


class Structured(LegacyClientData):
    """Client data that knows the structure of its examples, under the names of each release."""

    _structure: Any

    @property
    def element_type_structure(self) -> Any:
        """The `tf.TensorSpec`s of an example, in its structure."""
        return self._structure

    @property
    def output_types(self) -> Any:
        """The dtypes of an example, in its structure."""
        return structure_types(self.element_type_structure)

    @property
    def output_shapes(self) -> Any:
        """The shapes of an example, in its structure."""
        return structure_shapes(self.element_type_structure)

    @property
    def dataset_computation(self) -> Any:
        """The kinds of client data that have one define it.

        Raises:
          NotImplementedError: Always.
        """
        raise NotImplementedError(
            f"{type(self).__name__} of TFF {self.as_of.release} has no dataset_computation."
        )


@adapter(
    "tensorflow_federated.python.simulation.client_data.ConcreteClientData",
    releases=">=0.9,<0.19",
    replacement=_FROM_FN,
    cases=_FROM_ANY,
    gives=_ROLE,
)
@adapter(
    "tensorflow_federated.python.simulation.datasets.client_data.ConcreteClientData",
    releases=">=0.19,<0.20",
    replacement=_FROM_FN,
    cases=_FROM_ANY,
    gives=_ROLE,
)
class ConcreteClientData(Structured):
    """Client data from a function, as of TFF 0.9 to 0.19.

    Args:
      client_ids: The ids of at least one client: a list, from TFF 0.16 on any iterable.
      create_tf_dataset_for_client_fn: From an id to a `tf.data.Dataset`, in Python.

    Raises:
      TypeError: An argument is something else.
      ValueError: There are no clients.
    """

    as_of: AsOf

    def __init__(self, client_ids: Any, create_tf_dataset_for_client_fn: Any):
        a_list = self.as_of.release < FIRST_WITH_ITERABLE_CLIENT_IDS
        if not isinstance(client_ids, list if a_list else Iterable):
            raise TypeError(f"`client_ids` must be a list, found {type(client_ids).__name__}.")
        check_callable(create_tf_dataset_for_client_fn, "create_tf_dataset_for_client_fn")
        if not client_ids:
            raise ValueError("At least one client_id is required.")
        self._client_ids = list(client_ids)
        self._create = create_tf_dataset_for_client_fn
        self._structure = self._create(self._client_ids[0]).element_spec

    @property
    def client_ids(self) -> Any:
        """The ids of the clients, in the order given."""
        return self._client_ids

    def create_tf_dataset_for_client(self, client_id: Any) -> Any:
        """What the function makes of the id."""
        return self._create(client_id)

    @property
    def dataset_computation(self) -> Any:
        """The function that the data was made from, if it is a `tff.Computation`."""
        if isinstance(self._create, tff.Computation) and (
            self.as_of.release >= FIRST_WITH_DATASET_COMPUTATIONS
        ):
            return self._create
        return super().dataset_computation


@adapter(
    "tensorflow_federated.python.simulation.client_data.PreprocessClientData",
    releases=">=0.16,<0.19",
    replacement=_PREPROCESS,
    note=_PREPROCESS_NOTE,
    cases=_PREPROCESS_ANY,
    gives=_ROLE,
)
@adapter(
    "tensorflow_federated.python.simulation.datasets.client_data.PreprocessClientData",
    releases=">=0.19,<0.20",
    replacement=_PREPROCESS,
    note=_PREPROCESS_NOTE,
    cases=_PREPROCESS_ANY,
    gives=_ROLE,
)
class PreprocessClientData(Structured):
    """Client data whose data sets a function changes, as of TFF 0.9 to 0.19.

    Args:
      underlying_client_data: The client data whose data sets are changed.
      preprocess_fn: From a `tf.data.Dataset` to another.

    Raises:
      TypeError: `underlying_client_data` is no client data, or `preprocess_fn` is not callable.
    """

    as_of: AsOf

    def __init__(self, underlying_client_data: Any, preprocess_fn: Any):
        check_client_data(underlying_client_data)
        check_callable(preprocess_fn, "preprocess_fn")
        self._underlying: Any = underlying_client_data
        self._preprocess_fn = preprocess_fn
        first = next(iter(underlying_client_data.client_ids))
        self._structure = self.create_tf_dataset_for_client(first).element_spec

    @property
    def client_ids(self) -> Any:
        """The ids of the clients of the underlying client data."""
        return self._underlying.client_ids

    def create_tf_dataset_for_client(self, client_id: Any) -> Any:
        """What `preprocess_fn` makes of the client's data set."""
        return self._preprocess_fn(self._underlying.create_tf_dataset_for_client(client_id))

    @functools.cached_property
    def dataset_computation(self) -> Any:
        """From a client's id to its data set, where the data behind this has such a computation."""
        create: Callable[[Any], Any] = self._underlying.dataset_computation
        return computation_of(
            lambda client_id: self._preprocess_fn(create(client_id)), self.as_of.release
        )


class _Interface(LegacyClientData):
    """An abstract class that programs subclass; all client data are instances of it."""

    stands_for = (LegacyClientData, InstalledClientData)


@adapter(
    "tff.simulation.ClientData",
    releases="<0.11",
    replacement="tff.simulation.datasets.ClientData",
    note=_SUBCLASS_NOTE,
    cases=_BASE_WITH_TYPES,
    gives=_ROLE,
)
class ClientData_0_1(_Interface):
    """The examples of each client, as of TFF 0.1 to 0.10.

    A subclass has `client_ids`, `create_tf_dataset_for_client`, `output_types`, `output_shapes`.

    Raises:
      TypeError: A subclass that lacks one of them is instantiated.
    """

    as_of: AsOf

    @property
    @abc.abstractmethod
    def output_types(self) -> Any:
        """The dtypes of an example, in its structure."""

    @property
    @abc.abstractmethod
    def output_shapes(self) -> Any:
        """The shapes of an example, in its structure."""

    def _types_and_shapes(self) -> tuple[Any, Any]:
        return self.output_types, self.output_shapes


@adapter(
    "tff.simulation.ClientData",
    releases=">=0.11,<0.16",
    replacement="tff.simulation.datasets.ClientData",
    note=_SUBCLASS_NOTE,
    cases=_BASE,
    gives=_ROLE,
)
class ClientData_0_11(_Interface):
    """The examples of each client, as of TFF 0.11 to 0.15.

    A subclass has `client_ids`, `create_tf_dataset_for_client` and `element_type_structure`.

    Raises:
      TypeError: A subclass that lacks one of them is instantiated.
    """

    as_of: AsOf

    @property
    @abc.abstractmethod
    def element_type_structure(self) -> Any:
        """The `tf.TensorSpec`s of an example, in its structure."""


@adapter(
    "tff.simulation.ClientData",
    releases=">=0.16,<0.19",
    replacement="tff.simulation.datasets.ClientData",
    note=_SUBCLASS_NOTE,
    cases=_BASE,
    gives=_ROLE,
)
@adapter(
    "tff.simulation.datasets.ClientData",
    releases=">=0.19,<0.20",
    replacement="tff.simulation.datasets.ClientData",
    note=_SUBCLASS_NOTE,
    cases=_BASE,
    gives=_ROLE,
)
class ClientData_0_16(ClientData_0_11):
    """The examples of each client, as of TFF 0.16 to 0.19.

    A subclass has `client_ids`, `create_tf_dataset_for_client`, `element_type_structure` and
    `dataset_computation`, which may raise NotImplementedError.

    Raises:
      TypeError: A subclass that lacks one of them is instantiated.
    """

    as_of: AsOf

    @property
    @abc.abstractmethod
    def dataset_computation(self) -> Any:
        """A `tff.Computation` from a client's id to its data set."""


named("ClientData", ClientData_0_1, ClientData_0_11, ClientData_0_16)


@adapter(
    "tff.simulation.ClientData.from_clients_and_fn",
    releases=">=0.9,<0.19",
    replacement=_FROM_FN,
    cases=_FROM_ANY,
    gives=_ROLE,
)
@adapter(
    "tff.simulation.datasets.ClientData.from_clients_and_fn",
    releases=">=0.19,<0.20",
    replacement=_FROM_FN,
    cases=_FROM_ANY,
    gives=_ROLE,
)
def from_clients_and_fn(client_ids, create_tf_dataset_for_client_fn):
    """The class method as the catalog has it; views offer it on their class.

    Args:
      client_ids: The ids of at least one client.
      create_tf_dataset_for_client_fn: From an id to a `tf.data.Dataset`, in Python.

    Returns:
      A `ConcreteClientData`.
    """
    return ClientData_0_16.from_clients_and_fn(client_ids, create_tf_dataset_for_client_fn)


for _path in (
    "tff.simulation.FilePerUserClientData.from_clients_and_fn",
    "tff.simulation.FromTensorSlicesClientData.from_clients_and_fn",
    "tff.simulation.HDF5ClientData.from_clients_and_fn",
    "tff.simulation.TransformingClientData.from_clients_and_fn",
    "tff.simulation.datasets.FilePerUserClientData.from_clients_and_fn",
    "tff.simulation.datasets.SqlClientData.from_clients_and_fn",
    "tff.simulation.datasets.TestClientData.from_clients_and_fn",
    "tff.simulation.datasets.TransformingClientData.from_clients_and_fn",
):
    adapter(
        _path,
        releases=">=0.19,<0.20" if ".datasets." in _path else ">=0.9,<0.19",
        replacement=_FROM_FN,
        cases=_FROM_ANY,
        gives=_ROLE,
    )(from_clients_and_fn)


def train_test_client_split(client_data, num_test_clients, seed=None):
    """The class method as the catalog has it; views offer it on their class.

    Args:
      client_data: What to split.
      num_test_clients: How many clients, each with examples, to hold out.
      seed: Of the choice, from TFF 0.17 on.

    Returns:
      Client data for training, and for tests.
    """
    return ClientData_0_16.train_test_client_split(client_data, num_test_clients, seed)


for _path in (
    "tff.simulation.ClientData.train_test_client_split",
    "tff.simulation.FilePerUserClientData.train_test_client_split",
    "tff.simulation.FromTensorSlicesClientData.train_test_client_split",
    "tff.simulation.HDF5ClientData.train_test_client_split",
    "tff.simulation.TransformingClientData.train_test_client_split",
):
    adapter(
        _path,
        releases=">=0.10,<0.17",
        replacement="{!split_clients}({client_data}, {num_test_clients})",
        gives=SEVERAL,
        forms=True,
    )(train_test_client_split)
    adapter(
        _path,
        releases=">=0.17,<0.19",
        replacement="tff.simulation.datasets.ClientData.train_test_client_split({client_data}, "
        "{num_test_clients}[?, seed={seed}?])",
        gives=SEVERAL,
    )(train_test_client_split)
