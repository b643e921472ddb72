"""The releases that did something else with what is written the same: what changed its meaning.

Each boundary has one name, here, and is the first release with the new behaviour. What each
release had, with which signatures, is in the catalog's data; which releases an adapter stands for
is said beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from packaging.version import Version


class Boundary(Version):
    """The first release with a behaviour; it is compared as the release that it is.

    Attributes:
      change: What releases do since, and, where that does not follow, what they did before.
      symbols: The public paths of what behaves otherwise, or of what shows it.
    """

    def __init__(self, release: str, change: str, *symbols: str) -> None:
        super().__init__(release)
        self.change = change
        self.symbols = symbols


# --- Types ----------------------------------------------------------------------------------------

FIRST_WITH_CONTAINERS = Boundary(
    "0.5",
    "Types know Python's containers, and TensorFlow code is given its arguments in them; before, "
    "each structure was an `AnonymousTuple` there, and an `OrderedDict` or tuple in data sets.",
    "tff.to_type",
    "tff.tf_computation",
)
FIRST_TO_TAKE_ATTRS = Boundary(
    "0.5", "An object of an attrs class describes a type.", "tff.to_type"
)
FIRST_TO_TAKE_ATTRS_CLASSES = Boundary(
    "0.10", "An attrs class whose fields have types describes a type.", "tff.to_type"
)
FIRST_WITH_PREDICATES = Boundary(
    "0.15",
    "Types have methods such as `is_tensor()` and `check_tensor()`.",
    "tff.Type",
    "tff.TensorType",
)
FIRST_WITH_TYPE_ERRORS = Boundary(
    "0.15",
    "A federated type of what is no placement raises `TypeError`, which was `NotImplementedError`.",
    "tff.FederatedType",
)
FIRST_WITH_STRUCTS = Boundary(
    "0.16",
    "Types of structures are `StructType`s and print as such, and differ where their Python "
    "containers do; structures of variables are `Struct`s. They were tuples of other names, and "
    "their containers did not count.",
    "tff.NamedTupleType",
    "tff.StructType",
    "tff.StructWithPythonType",
    "tff.utils.create_variables",
)
FIRST_TO_TAKE_STRUCTS = Boundary("0.17", "A `Struct` of types describes a type.", "tff.to_type")
FIRST_WITHOUT_ATTRS_CLASSES_AS_TYPES = Boundary(
    "0.18", "An attrs class no longer describes a type.", "tff.to_type"
)
FIRST_TO_TAKE_NUMPY_NUMBERS = Boundary(
    "0.18", "A numeric dtype of NumPy describes a type.", "tff.to_type"
)
FIRST_WITH_NAMED_UNKNOWN_SHAPE = Boundary(
    "0.18", "The `repr` of a type of unknown shape has `shape=None`.", "tff.TensorType"
)
FIRST_WITH_COMPOSITE_TENSORS = Boundary(
    "0.19", "The specs of sparse and ragged tensors describe types.", "tff.to_type"
)
FIRST_WITHOUT_DTYPE_OF_UNKNOWN_SHAPE = Boundary(
    "0.20",
    "A type of unknown shape prints as `'int32'(shape=None)`, which was `tf.int32[None]`.",
    "tff.TensorType",
)
FIRST_WITH_TYPES_ONLY = Boundary(
    "0.20",
    "Functions on types take nothing but types; before, they took descriptions of them too.",
    "tff.framework.type_to_tf_tensor_specs",
    "tff.framework.serialize_type",
)
FIRST_WITH_ASSIGNABLE_ABSTRACT_TYPES = Boundary(
    "0.23",
    "Abstract types can be asked what is assignable to them; before, that raised.",
    "tff.types.AbstractType",
)
FIRST_WITHOUT_GET_CONTAINER_TYPE = Boundary(
    "0.57",
    "Structure types have no `get_container_type()`; their container is `python_container`.",
    "tff.StructWithPythonType",
)
FIRST_WITH_CHECKED_TENSORS = Boundary(
    "0.57",
    "`check_tensor()` of what is no tensor raises; before, the error was made and not raised.",
    "tff.TensorType",
)
FIRST_IN_ALPHABETICAL_ORDER = Boundary(
    "0.57",
    "The elements of data sets travel in the alphabetical order of their names; before, in their "
    "own.",
    "tff.SequenceType",
)
FIRST_WITH_TUPLES_IN_SEQUENCES = Boundary(
    "0.58",
    "A list in the element of a sequence type is a tuple, as in `tf.data`.",
    "tff.SequenceType",
)
FIRST_WITHOUT_CHECKED_PLACEMENTS = Boundary(
    "0.58", "Federated types do not check that they are given a placement.", "tff.FederatedType"
)
FIRST_TO_TAKE_DATASET_SPECS = Boundary(
    "0.58", "A `tf.data.DatasetSpec` describes a type.", "tff.to_type"
)
FIRST_TO_TAKE_ALL_OF_NUMPY = Boundary(
    "0.61",
    "All dtypes and scalar types of NumPy describe types; before, those of numbers did.",
    "tff.to_type",
    "tff.TensorType",
)
FIRST_WITHOUT_PREDICATES = Boundary(
    "0.63",
    "Types have no methods such as `is_tensor()`; `isinstance` tells them apart.",
    "tff.Type",
    "tff.TensorType",
)
FIRST_WITHOUT_CHECKED_STRUCTS = Boundary(
    "0.63",
    "`to_container_recursive` no longer checks that it is given a `Struct`.",
    "tff.structure.to_container_recursive",
)
FIRST_WITH_UNKNOWN_RANK = Boundary(
    "0.64",
    "The shape None is that of a tensor of unknown rank; before, of a scalar.",
    "tff.TensorType",
)
FIRST_TO_TAKE_DICTS = Boundary(
    "0.64",
    "A plain dict describes a type, in its own order; before, it had to be an `OrderedDict`.",
    "tff.to_type",
)
FIRST_TO_INFER_ORDER_OF_DICTS = Boundary(
    "0.64",
    "A plain dict has the type of its own order; before, of that of its keys.",
    "tff.types.infer_unplaced_type",
)
FIRST_WITH_SHAPE_IN_TUPLE = Boundary(
    "0.65", "The shape of a tensor type is a tuple, which was a `tf.TensorShape`.", "tff.TensorType"
)
FIRST_TO_TAKE_UNKNOWN_RANK_IN_PAIRS = Boundary(
    "0.66", "A pair of a dtype and the shape None describes a type.", "tff.to_type"
)
FIRST_WITH_NUMPY_DTYPES = Boundary(
    "0.67",
    "The dtype of a tensor type is NumPy's, which was TensorFlow's; strings are called `str`.",
    "tff.TensorType",
)
FIRST_WITH_TODAYS_TYPES = Boundary(
    "0.68",
    "Types and values are those of today: types have no `check_tensor()`, values cannot be added "
    "by `+`, and data-set, sparse and ragged specs describe no types.",
    "tff.Type",
    "tff.TensorType",
    "tff.Value",
)
FIRST_WITHOUT_TENSOR_SPECS = Boundary(
    "0.69", "A `tf.TensorSpec` no longer describes a type.", "tff.to_type"
)

# --- Values and computations ----------------------------------------------------------------------

FIRST_WITH_QUOTED_NAMES = Boundary(
    "0.9",
    "`AnonymousTuple`s print their names in quotes.",
    "tff.federated_computation",
    "tff.tf_computation",
)
FIRST_WITH_EXECUTORS = Boundary(
    "0.12",
    "Computations run on executors; before, an interpreter ran them, which took surplus elements "
    "for an error, and needed no client.",
    "tff.federated_computation",
)
FIRST_WITH_SESSIONS_KEPT = Boundary(
    "0.13",
    "Operations with a seed go on from call to call; before, each call had a session of its own, "
    "and they began anew.",
    "tff.tf_computation",
)
FIRST_WITH_RESULTS_IN_CONTAINERS = Boundary(
    "0.14",
    "Results of federated computations come in Python's containers where no placement is inside.",
    "tff.federated_computation",
)
FIRST_ZIPPED_TO_LISTS = Boundary(
    "0.15", "Values without names are zipped to a list.", "tff.federated_zip"
)
FIRST_WITH_MIRRORED_CONTAINERS = Boundary(
    "0.16",
    "Results come in the containers that the program used, and other structures are `Struct`s; "
    "before, they were `AnonymousTuple`s.",
    "tff.federated_computation",
    "tff.tf_computation",
)
FIRST_ZIPPED_TO_CONTAINERS = Boundary(
    "0.16", "Values with names are zipped to their own container.", "tff.federated_zip"
)
FIRST_WITH_PARAMETER_NAMES = Boundary(
    "0.17",
    "The type of a computation has the names of its parameters.",
    "tff.federated_computation",
    "tff.tf_computation",
)
FIRST_WITHOUT_FIELDS_AS_ATTRIBUTES = Boundary(
    "0.17",
    "The fields of `OrderedDict`s in results are items alone; in 0.16 they were attributes too.",
    "tff.federated_computation",
    "tff.tf_computation",
)
FIRST_WITH_CONTAINERS_AT_CLIENTS = Boundary(
    "0.17",
    "What clients have comes in its container, too; in 0.16 it was a `Struct`.",
    "tff.federated_computation",
)
FIRST_WITH_ATTRIBUTE_ERRORS = Boundary(
    "0.17",
    "A value without fields raises `AttributeError` for a missing one, which was `TypeError`.",
    "tff.federated_computation",
    "tff.Value",
)
FIRST_WITH_FIXED_VALUES = Boundary(
    "0.19",
    "Fields of values in federated computations cannot be assigned to.",
    "tff.federated_computation",
    "tff.Value",
)
FIRST_WITH_DEFAULT_CONTAINERS = Boundary(
    "0.20",
    "Structures whose type knows no container come as `OrderedDict` or list, which were `Struct`s.",
    "tff.federated_computation",
    "tff.tf_computation",
)
FIRST_WITH_NUMPY_AT_CLIENTS = Boundary(
    "0.20",
    "What clients have comes as NumPy's values, as what the server has; before, as eager tensors.",
    "tff.federated_computation",
)
FIRST_TO_KEEP_ORDER_OF_DICTS = Boundary(
    "0.20",
    "A plain dict that a function returns keeps its order; before, it was sorted by its keys.",
    "tff.federated_computation",
    "tff.tf_computation",
)
FIRST_TO_RUN_WITHOUT_CLIENTS = Boundary(
    "0.20",
    "An empty list of clients is an argument; since 0.12 it was an error.",
    "tff.federated_computation",
)
FIRST_WITH_RUNTIME_IN_CPP = Boundary(
    "0.41",
    "Computations run in C++, in a process of their own: Python functions inside of TensorFlow "
    "code, and redirected streams, are not those of the program, and surplus elements are errors.",
    "tff.federated_computation",
    "tff.tf_computation",
)
FIRST_WITHOUT_XLA_CONTEXTS = Boundary(
    "0.53",
    "JAX code stays JAX code, which no local runtime runs; before, contexts of XLA did.",
    "tff.jax_computation",
)
FIRST_WITHOUT_TENSORFLOW_IN_BLOCKS = Boundary(
    "0.70",
    "The types of building blocks do not have TensorFlow's dtypes.",
    "tff.framework.ComputationBuildingBlock",
    "tff.data",
)

# --- tff.framework and runtimes -------------------------------------------------------------------

FIRST_TELLING_SIZES = Boundary(
    "0.13",
    "What is sent to and from the clients can be asked of a sizing executor factory.",
    "tff.framework.sizing_executor_factory",
)
FIRST_WITH_STACKS_OF_THREADS = Boundary(
    "0.14",
    "Each thread has a default context of its own; before, that of one was that of all.",
    "tff.framework.set_default_executor",
)
FIRST_ASKING_ONCE = Boundary(
    "0.14",
    "Executors keep how many clients they serve, and join none without arguments at clients: "
    "other sizes are counted.",
    "tff.framework.sizing_executor_factory",
)
FIRST_WITH_SIZE_INFO = Boundary(
    "0.15",
    "`get_size_info` returns a `SizeInfo`, which was a tuple.",
    "tff.framework.sizing_executor_factory",
)
FIRST_WITH_UNUSED_CALLS = Boundary(
    "0.15",
    "An intrinsic whose value nothing needs is called, and its size counted.",
    "tff.framework.sizing_executor_factory",
)
FIRST_WITH_NEW_NAMES_APART = Boundary(
    "0.16",
    "New names in a renamed building block are in no use already.",
    "tff.framework.uniquify_reference_names",
)
FIRST_NAMED_STRUCT = Boundary(
    "0.16.1",
    "The building block of a structure is `Struct`, which was `Tuple`.",
    "tff.framework.Tuple",
)
FIRST_WITHOUT_CACHES = Boundary(
    "0.17",
    "A call that repeats another one is sent, and counted, again; before, a cache answered it.",
    "tff.framework.sizing_executor_factory",
)
FIRST_TO_NEED_A_CLIENT = Boundary(
    "0.9",
    "A local executor is for at least one client.",
    "tff.framework.create_local_executor",
)
FIRST_TO_TAKE_NO_CLIENTS = Boundary(
    "0.15",
    "An executor factory may be for 0 clients, until 0.16.",
    "tff.framework.local_executor_factory",
)
FIRST_TO_NEED_A_CLIENT_AGAIN = Boundary(
    "0.17",
    "An executor factory is for at least one client again.",
    "tff.framework.local_executor_factory",
    "tff.framework.sizing_executor_factory",
)
FIRST_JOINED_AT_FANOUT = Boundary(
    "0.18",
    "As many clients as the fanout have an executor above theirs, and its sizes are counted.",
    "tff.framework.sizing_executor_factory",
)
FIRST_WITH_RAISING_CHECKS = Boundary(
    "0.20",
    "`check_call()` and the like raise for another block; before, the error was made and not "
    "raised.",
    "tff.framework.ComputationBuildingBlock",
)
FIRST_NATIVE_WITH_REPEATED = Boundary(
    "0.21",
    "The native compiler leaves calls that are the same apart; before, it merged them.",
    "tff.backends.native.create_sizing_execution_context",
)
FIRST_WITHOUT_BLOCK_PREDICATES = Boundary(
    "0.60",
    "Building blocks have no `is_call()` and the like; `isinstance` tells them apart.",
    "tff.framework.ComputationBuildingBlock",
    "tff.framework.Call",
)
FIRST_WITHOUT_BLOCK_CHECKS = Boundary(
    "0.76",
    "Building blocks have no `check_call()` and the like.",
    "tff.framework.ComputationBuildingBlock",
    "tff.framework.Call",
)
FIRST_WITHOUT_PYTHON = Boundary(
    "0.20",
    "`tensorflow_federated` has no attribute `python`; importing from there goes on.",
)

# --- tff.backends and tff.templates ---------------------------------------------------------------

FIRST_WITHOUT_CLIENT_OUTPUT = Boundary(
    "0.15",
    "Canonical forms of processes have one result beside the state; before, clients had one too.",
    "tff.backends.mapreduce.CanonicalForm",
)
FIRST_WITH_ASSIGNABLE_FORMS = Boundary(
    "0.17",
    "Pieces of a form that do not fit raise the error of assigning types.",
    "tff.backends.mapreduce.CanonicalForm",
)
FIRST_WITH_RIGHT_SUMMARY = Boundary(
    "0.17",
    "`summary()` prints the type of `update`; before, that of `initialize` in its place.",
    "tff.backends.mapreduce.CanonicalForm",
)
FIRST_WITH_THREE_SECURE_SUMS = Boundary(
    "0.20",
    "Forms of processes have three kinds of secure sums, which was one.",
    "tff.backends.mapreduce.MapReduceForm",
    "tff.backends.mapreduce.get_map_reduce_form_for_iterative_process",
    "tff.backends.mapreduce.get_iterative_process_for_map_reduce_form",
)
FIRST_WITH_WIDE_SUMMARY = Boundary(
    "0.30",
    "`summary()` prints the names of pieces in a wider column.",
    "tff.backends.mapreduce.MapReduceForm",
)
FIRST_WITH_CONTAINERS_INSIDE = Boundary(
    "0.16",
    "What the `next` of a measured process returns has Python's containers inside, too.",
    "tff.templates.MeasuredProcess",
)
FIRST_WITH_MEASURED_OUTPUT = Boundary(
    "0.17",
    "The `next` of a measured process returns a `MeasuredProcessOutput`, which was an "
    "`OrderedDict`.",
    "tff.templates.MeasuredProcess",
)

# --- tff.utils and tff.aggregators ----------------------------------------------------------------

FIRST_TO_CHECK_PLACEMENTS = Boundary(
    "0.6",
    "Stateful functions check that state and value have the right placements.",
    "tff.utils.StatefulAggregateFn",
    "tff.utils.StatefulBroadcastFn",
)
FIRST_TO_UPDATE_ANY_STATE = Boundary(
    "0.6",
    "`update_state` takes mappings and objects of attrs classes; before, named tuples alone.",
    "tff.utils.update_state",
)
FIRST_WITHOUT_NORM_IN_STATE = Boundary(
    "0.14",
    "The state of adaptive clipping does not have the norm of the noise.",
    "tff.utils.build_dp_query",
)
FIRST_WITH_QUANTILE_ESTIMATORS = Boundary(
    "0.16",
    "Adaptive clipping estimates its quantile by a query of its own, which is in the state.",
    "tff.utils.build_dp_query",
)
FIRST_TO_CODE_EACH_TENSOR = Boundary(
    "0.42",
    "Each tensor of a structure is entropy-coded, and measured, by itself; before, all as one.",
    "tff.aggregators.EliasGammaEncodedSumFactory",
    "tff.learning.entropy_compression_aggregator",
)

# --- tff.simulation -------------------------------------------------------------------------------

FIRST_TO_SHUFFLE_ALL_CLIENTS = Boundary(
    "0.6",
    "The data set of all clients has them in a random order; before, in their own.",
    "tff.simulation.ClientData.create_tf_dataset_from_all_clients",
    "tff.simulation.ClientData",
)
FIRST_WITH_STABLE_HASHES = Boundary(
    "0.8",
    "The distortions of EMNIST are the same in every process; before, they depended on Python's "
    "hashes.",
    "tff.simulation.datasets.emnist.get_infinite",
)
FIRST_WITH_ITERABLE_CLIENT_IDS = Boundary(
    "0.16",
    "The ids of clients may be given as any iterable; before, as a list.",
    "tff.simulation.ClientData.from_clients_and_fn",
    "tff.simulation.ClientData",
)
FIRST_WITH_NESTED_DATASETS = Boundary(
    "0.16",
    "The data set of all clients is made of theirs inside of TensorFlow; before, by Python.",
    "tff.simulation.ClientData.create_tf_dataset_from_all_clients",
    "tff.simulation.ClientData",
)
FIRST_TO_CHECK_CLIENT_IDS = Boundary(
    "0.16",
    "An unknown client raises `ValueError`, which was `KeyError`.",
    "tff.simulation.HDF5ClientData",
    "tff.simulation.FilePerUserClientData",
)
FIRST_WITH_SEED_OF_SPLIT = Boundary(
    "0.17",
    "`train_test_client_split` draws from a generator of its own; before, from NumPy's.",
    "tff.simulation.ClientData.train_test_client_split",
    "tff.simulation.ClientData",
)
FIRST_WITH_DATASET_COMPUTATIONS = Boundary(
    "0.17",
    "Client data made from a computation has it as `dataset_computation`.",
    "tff.simulation.ClientData.dataset_computation",
    "tff.simulation.ClientData",
)
FIRST_WITH_THREE_USERS = Boundary(
    "0.18",
    "Stack Overflow's synthetic data has three users, which were two.",
    "tff.simulation.datasets.stackoverflow.get_synthetic",
)
FIRST_WITH_SERIALIZABLE_LANDMARKS = Boundary(
    "0.19",
    "The landmarks' client data is serializable.",
    "tff.simulation.datasets.gldv2.load_data",
)
FIRST_WITHOUT_SERIALIZABLE_SYNTHETIC_DATA = Boundary(
    "0.20",
    "Synthetic client data is not serializable.",
    "tff.simulation.datasets.emnist.get_synthetic",
)

# --- tff.program ----------------------------------------------------------------------------------

FIRST_ASYNCHRONOUS = Boundary(
    "0.22",
    "Managers of program state, of releases, and values are awaited; before, they were called.",
    "tff.program.materialize_value",
    "tff.program.NativeFederatedContext",
    "tff.simulation.run_training_process",
)
FIRST_WITH_RELEASED_TYPES = Boundary(
    "0.29",
    "Release managers are given the type of a value, before its key.",
    "tff.program.ReleaseManager",
    "tff.simulation.run_training_process",
)
FIRST_TO_LOAD_ARRAYS = Boundary(
    "0.29",
    "Loaded program state has arrays of NumPy, which were tensors.",
    "tff.program.FileProgramStateManager",
)
FIRST_WITHOUT_REPETITION = Boundary(
    "0.36",
    "A data source selects no client twice; before, it drew with repetition.",
    "tff.program.DatasetDataSourceIterator",
    "tff.program.DatasetDataSource",
)
FIRST_WITH_AWAITABLES = Boundary(
    "0.37",
    "The native context gives `AwaitableValueReference`s, which were `CoroValueReference`s.",
    "tff.program.NativeFederatedContext",
)
FIRST_WITH_NUM_CLIENTS = Boundary(
    "0.39",
    "`select` calls its parameter `num_clients`, which was `number_of_clients`.",
    "tff.program.DatasetDataSource",
    "tff.program.ClientIdDataSource",
)
FIRST_WITH_REQUIRED_KEY = Boundary(
    "0.42",
    "Managers that do not need the key take it as required; before, it was optional.",
    "tff.program.LoggingReleaseManager",
    "tff.program.GroupingReleaseManager",
    "tff.program.FilteringReleaseManager",
)
FIRST_WITH_ASYNC_CONTEXTS = Boundary(
    "0.44",
    "Another than an asynchronous context raises `TypeError`, which was `ValueError`, and results "
    "may be functions.",
    "tff.program.NativeFederatedContext",
)
FIRST_WITH_ATTRS_AS_VALUES = Boundary(
    "0.57",
    "An object of an attrs class is one value, which was a structure of its fields.",
    "tff.program.FileProgramStateManager",
    "tff.program.MemoryReleaseManager",
    "tff.program.LoggingReleaseManager",
    "tff.program.CSVFileReleaseManager",
    "tff.program.SavedModelFileReleaseManager",
    "tff.program.TensorBoardReleaseManager",
)
FIRST_TO_DROP_EMPTY = Boundary(
    "0.59",
    "A filter drops structures of which it leaves nothing; before, they stayed, empty.",
    "tff.program.FilteringReleaseManager",
)
FIRST_WITH_PROGRAM_ERRORS = Boundary(
    "0.63",
    "Program state and files that are not right raise errors of other classes.",
    "tff.program.FileProgramStateManager",
    "tff.program.CSVFileReleaseManager",
)
FIRST_WITH_ANY_KEY = Boundary(
    "0.63",
    "The key of a value in files may be of any type; before, it was an integer.",
    "tff.program.SavedModelFileReleaseManager",
)
FIRST_TO_KEEP_THE_FIRST_ALONE = Boundary(
    "0.64",
    "Keeping one version and the first removes what was saved last; before, nothing.",
    "tff.program.FileProgramStateManager",
)
FIRST_WITH_OPTIONAL_RELEASED_TYPES = Boundary(
    "0.68",
    "Release managers may be given no type, and keep, log and release none.",
    "tff.program.ReleaseManager",
    "tff.program.MemoryReleaseManager",
    "tff.program.LoggingReleaseManager",
    "tff.program.CSVFileReleaseManager",
    "tff.program.SavedModelFileReleaseManager",
    "tff.program.TensorBoardReleaseManager",
    "tff.program.GroupingReleaseManager",
    "tff.program.FilteringReleaseManager",
    "tff.program.PeriodicReleaseManager",
    "tff.program.DelayedReleaseManager",
)
FIRST_WITH_PATH_IN_ERROR = Boundary(
    "0.77",
    "The error of a version that exists names its path.",
    "tff.program.FileProgramStateManager",
)
FIRST_WITH_STRUCTURE_IN_FILES = Boundary(
    "0.83",
    "SavedModels have the structure of a value, which was flattened.",
    "tff.program.SavedModelFileReleaseManager",
)

# --- tff.learning: models -------------------------------------------------------------------------

FIRST_WITH_STRUCT_METRICS = Boundary(
    "0.2",
    "A single metric has its name; in 0.1 its value stood alone.",
    "tff.learning.build_federated_averaging_process",
)
FIRST_WITH_NAMED_BATCHES = Boundary(
    "0.2",
    "A named tuple as dummy batch makes batches that are `OrderedDict`s.",
    "tff.learning.from_keras_model",
    "tff.learning.from_compiled_keras_model",
)
FIRST_WITH_LOSSES_BY_OUTPUT = Boundary(
    "0.6",
    "Each output of a compiled Keras model has its loss and weight; before, one loss was for all.",
    "tff.learning.from_compiled_keras_model",
)
FIRST_WITH_NUM_EXAMPLES = Boundary(
    "0.9",
    "The output of a batch has the number of its examples.",
    "tff.learning.BatchOutput",
    "tff.learning.from_keras_model",
)
FIRST_WITHOUT_DICTS_AS_BATCHES = Boundary(
    "0.11",
    "A plain dict is no dummy batch any more, and named tuples stay what they are.",
    "tff.learning.from_keras_model",
    "tff.learning.from_compiled_keras_model",
)
FIRST_WITH_LISTS_OF_WEIGHTS = Boundary(
    "0.12",
    "The weights of a model are a list; before, they had the names of the variables.",
    "tff.learning.framework.ModelWeights",
    "tff.learning.state_with_new_model_weights",
    "tff.learning.build_federated_averaging_process",
)
FIRST_WITH_TRAINING_TIME = Boundary(
    "0.12",
    "A Keras model reports the seconds of training as `keras_training_time_client_sum_sec`.",
    "tff.learning.from_keras_model",
)
FIRST_WITH_CLIENT_OPTIMIZER = Boundary(
    "0.12",
    "Averaging makes the optimizer of the clients where it is given one; before, models trained "
    "themselves.",
    "tff.learning.build_federated_averaging_process",
)
FIRST_WITH_ONE_LOSS_PER_OUTPUT = Boundary(
    "0.13",
    "A single loss for several outputs raises; before, it was taken for each.",
    "tff.learning.from_keras_model",
)
FIRST_WITH_ENHANCED_MODELS_ALONE = Boundary(
    "0.13.1",
    "`enhance` gives an `EnhancedModel` also for a model that trains itself.",
    "tff.learning.framework.enhance",
)
FIRST_WITHOUT_TRAINING_TIME = Boundary(
    "0.14",
    "A Keras model does not report the seconds of training.",
    "tff.learning.from_keras_model",
)
FIRST_WITHOUT_FUNCTIONS_AS_LOSSES = Boundary(
    "0.15",
    "A loss in a list or dict is a Keras loss; before, it could be a function.",
    "tff.learning.from_keras_model",
)
FIRST_WITH_NESTED_METRICS = Boundary(
    "0.15",
    "Metrics are below `train`, beside those of broadcast and aggregation, in one federated "
    "structure.",
    "tff.learning.build_federated_averaging_process",
    "tff.learning.from_keras_model",
)
FIRST_WITH_ADDED_LOSSES = Boundary(
    "0.16",
    "The losses that layers add, such as regularizers, are minimized and reported, too.",
    "tff.learning.from_keras_model",
)
FIRST_WITH_PLAIN_DICTS = Boundary(
    "0.17",
    "The input of a model may be described by a plain dict.",
    "tff.learning.Model",
)
FIRST_WITH_CHECKED_INPUT_SPECS = Boundary(
    "0.17",
    "A dtype is no spec of an input, and a mapping needs the keys `x` and `y`.",
    "tff.learning.from_keras_model",
)
FIRST_WITH_UNCAST_LOSSES = Boundary(
    "0.17",
    "The reported loss is summed as it is; before, cast to float32.",
    "tff.learning.from_keras_model",
)
FIRST_WITH_LISTS_OF_LOSSES = Boundary(
    "0.18",
    "One loss may be for several outputs, and a list for one.",
    "tff.learning.from_keras_model",
)
FIRST_WITH_UNFINALIZED_METRICS = Boundary(
    "0.20",
    "Clients report unfinalized metrics, which an aggregator of the process sums; before, the "
    "model aggregated them.",
    "tff.learning.Model",
    "tff.learning.build_federated_averaging_process",
)
FIRST_WITH_FUNCTIONAL_METRICS = Boundary(
    "0.30",
    "Functional models have metrics, which processes of them report.",
    "tff.learning.models.functional_model_from_keras",
    "tff.learning.models.FunctionalModel",
)
FIRST_WITH_BATCH_OUTPUT_IN_METRICS = Boundary(
    "0.44",
    "The metrics of functional models are updated by a `BatchOutput`; before, by predictions.",
    "tff.learning.models.functional_model_from_keras",
)
FIRST_WITH_SAMPLE_WEIGHT = Boundary(
    "0.51",
    "The loss of a functional model is called with `sample_weight`.",
    "tff.learning.models.functional_model_from_keras",
)
FIRST_WITH_BATCH_OUTPUT_AS_NAMED_TUPLE = Boundary(
    "0.31",
    "`BatchOutput` is a named tuple, which was an attrs class.",
    "tff.learning.BatchOutput",
)
FIRST_WITH_STATES_AS_NAMED_TUPLES = Boundary(
    "0.50",
    "`ModelWeights` and `LearningAlgorithmState` are named tuples, which were attrs classes.",
    "tff.learning.ModelWeights",
    "tff.learning.models.ModelWeights",
    "tff.learning.templates.LearningAlgorithmState",
)
FIRST_WITH_CLIENT_RESULT_AS_NAMED_TUPLE = Boundary(
    "0.53",
    "`ClientResult` is a named tuple, which was an attrs class, the last one.",
    "tff.learning.templates.ClientResult",
)

# --- tff.learning: processes ----------------------------------------------------------------------

FIRST_WITH_AGGREGATOR_STATE = Boundary(
    "0.4",
    "The state of training has those of aggregation and broadcast.",
    "tff.learning.build_federated_averaging_process",
)
FIRST_WITH_SINGLE_EXAMPLES = Boundary(
    "0.13",
    "Personalization takes examples, and batches them itself; before, it took batches.",
    "tff.learning.build_personalization_eval",
)
FIRST_WITH_TWO_MODELS = Boundary(
    "0.14",
    "Personalization makes one model for the baseline and one to train; before, one for both.",
    "tff.learning.build_personalization_eval",
)
FIRST_WITH_FLOAT_WEIGHTS = Boundary(
    "0.15",
    "The weight of a client is aggregated as it is; before, as float32.",
    "tff.learning.framework.ClientDeltaFn",
    "tff.learning.framework.build_model_delta_optimizer_process",
)
FIRST_WITH_TF_FUNCTION = Boundary(
    "0.17",
    "A program's own client work runs in a `tf.function`.",
    "tff.learning.framework.ClientDeltaFn",
    "tff.learning.framework.build_model_delta_optimizer_process",
)
FIRST_WITH_MEAN_FACTORY = Boundary(
    "0.17",
    "Updates are averaged by `MeanFactory` by default, which has a state and measurements.",
    "tff.learning.build_federated_averaging_process",
    "tff.learning.build_federated_sgd_process",
)
FIRST_WITH_MEAN_MEASUREMENTS = Boundary(
    "0.18",
    "The measurements of a mean are called `mean_value` and `mean_weight`, which were "
    "`value_sum_process` and `weight_sum_process`.",
    "tff.learning.build_federated_averaging_process",
    "tff.learning.build_federated_sgd_process",
)
FIRST_WITH_INT64_COUNTS = Boundary(
    "0.18",
    "Examples are counted in int64, which was int32.",
    "tff.learning.build_federated_averaging_process",
    "tff.learning.build_federated_sgd_process",
)
FIRST_WITH_MODEL_WEIGHTS = Boundary(
    "0.18",
    "Processes have the computation `get_model_weights`.",
    "tff.learning.build_federated_averaging_process",
    "tff.learning.build_federated_sgd_process",
)
FIRST_WITH_SUMMED_OUTPUTS = Boundary(
    "0.18",
    "What clients say of their training is summed and reported as `stat`.",
    "tff.learning.build_federated_averaging_process",
    "tff.learning.build_federated_sgd_process",
)
FIRST_WITHOUT_SUMMED_OUTPUTS = Boundary(
    "0.20",
    "Averaging sums nothing of what clients say of their training, and `ClientFedAvg` is given a "
    "function for its optimizer.",
    "tff.learning.ClientFedAvg",
    "tff.learning.build_federated_averaging_process",
)
FIRST_WITH_EVAL_KEY = Boundary(
    "0.20",
    "The metrics of an evaluation are below `eval`, with the number of examples.",
    "tff.learning.build_federated_evaluation",
)
FIRST_WITH_HPARAMS = Boundary(
    "0.36",
    "TFF's optimizers show hyperparameters, which are in the states of processes.",
    "tff.learning.algorithms.build_weighted_fed_avg",
    "tff.learning.algorithms.build_unweighted_fed_avg",
    "tff.learning.templates.build_model_delta_client_work",
)
FIRST_WITH_FINALIZER_METRICS = Boundary(
    "0.40",
    "The finalizer measures, and its measurements are among the metrics.",
    "tff.learning.algorithms.build_weighted_fed_avg",
    "tff.learning.algorithms.build_unweighted_fed_avg",
    "tff.learning.templates.build_apply_optimizer_finalizer",
)
FIRST_WITH_RIGHT_ANSWER = Boundary(
    "0.60",
    "`has_only_global_variables` says whether a model has no variables of its own; since 0.57, "
    "whether it has some.",
    "tff.learning.models.ReconstructionModel",
)
FIRST_WITH_NEW_KERAS_OPTIMIZERS = Boundary(
    "0.48",
    "Keras optimizers of reconstruction are those of TensorFlow 2.11, whose SGD always has "
    "momentum.",
    "tff.learning.reconstruction.build_training_process",
)
FIRST_WITH_RATE_METRICS = Boundary(
    "0.50",
    "Processes with a schedule report `client_learning_rate`.",
    "tff.learning.algorithms.build_weighted_fed_avg_with_optimizer_schedule",
    "tff.learning.algorithms.build_mime_lite_with_optimizer_schedule",
)
FIRST_WITH_TFF_SERVER_OPTIMIZERS = Boundary(
    "0.67",
    "A functional model needs a TFF optimizer for the server, too.",
    "tff.learning.algorithms.build_weighted_fed_avg",
    "tff.learning.algorithms.build_unweighted_fed_avg",
)
FIRST_WITH_DTYPES_BY_NAME = Boundary(
    "0.67",
    "The measurements of secure sums have names with the name of a dtype, which was its number.",
    "tff.learning.metrics.secure_sum_then_finalize",
)
FIRST_WITH_PARALLEL_TRIALS = Boundary(
    "0.63",
    "Tuning asks a study for trials as several clients; before, as one.",
    "tff.learning.programs.train_model_with_vizier",
)


def every() -> Mapping[str, Boundary]:
    """All boundaries, by name, in the order of their releases."""
    found = {name: each for name, each in globals().items() if isinstance(each, Boundary)}
    return dict(sorted(found.items(), key=lambda item: item[1]))
