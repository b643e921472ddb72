"""Heavy hitters by invertible Bloom lookup tables, in the forms that limited strings by length."""

from __future__ import annotations

from typing import Any

import attr
import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.language import structures, types
from tff_compat.adapters.registry import NEVER, AsOf, Legacy, Replacement, adapter, helper, member
from tff_compat.declared.replacement import AS_VALUE

tff = modern.package()
iblt: Any = tff.analytics.heavy_hitters.iblt

_PATH = "tff.analytics.heavy_hitters.iblt"

# The hash functions of the library are salted with "0;", "1;" and so on, from the seed.
_SALT_END = ";"
_REPETITIONS = 3

_FIRST_WITH_BYTES = Version("0.34")
# The parameter of the installed release for what takes the limit by keyword alone.
_LIMIT = "string_max_bytes" if installation.version() >= _FIRST_WITH_BYTES else "string_max_length"
_FIELD_SIZE = 2**31 - 1

# An earlier installed TFF, where this is loaded too, lacks some of them.
_UTF8: Any = getattr(getattr(iblt, "CharacterEncoding", None), "UTF8", None)
_IbltFactory: Any = getattr(tff.analytics, "IbltFactory", object)
_IbltTensorDecoder: Any = getattr(iblt, "IbltTensorDecoder", object)
_IbltTensorEncoder: Any = getattr(iblt, "IbltTensorEncoder", object)


helper(
    "with_old_keywords",
    '''\
def with_old_keywords(function, **names):
  """The function, which also takes keywords by the names that they had."""

  def call(*args, **options):
    return function(*args, **{names.get(name, name): value for name, value in options.items()})

  return call
''',
)


def _renamed(path: str) -> str:
    """The code for any call of what takes the limit by another keyword now."""
    return f"{{!with_old_keywords}}({path}, string_max_length='string_max_bytes')"


_FACTORY_NOW = (
    "tff.analytics.IbltFactory(capacity={capacity}, string_max_bytes={string_max_length}, "
    "repetitions={repetitions}[?, encoding={encoding}?][?, seed={seed}?]"
    "[?, sketch_agg_factory={sketch_agg_factory}?]"
    "[?, value_tensor_agg_factory={value_tensor_agg_factory}?])"
)


class _PrintingFactory(_IbltFactory):
    """A factory whose processes print strings as those of a release did."""

    as_of: AsOf

    def create(self, value_type):
        """The `tff.templates.AggregationProcess` for data sets of strings and values.

        Args:
          value_type: The type of a sequence of structures of `key` and `value`.

        Raises:
          ValueError: It is none.
        """
        made = super().create(value_type)
        return tff.templates.AggregationProcess(
            structures.with_results_of(made.initialize, self.as_of.release),
            structures.with_results_of(made.next, self.as_of.release),
        )


@adapter(
    "tff.analytics.IbltFactory",
    releases=">=0.21,<0.34",
    replacement=_FACTORY_NOW,
    cases={AS_VALUE: Replacement(_renamed("tff.analytics.IbltFactory"))},
    forms=True,
)
@adapter(
    "tff.analytics.IbltFactory",
    releases=">=0.34,<0.67",
    replacement="tff.analytics.IbltFactory",
    legacy=NEVER,
    forms=True,
)
class IbltFactory(_PrintingFactory):
    """A factory of aggregations that find the strings of the clients, as of TFF 0.21 to 0.66.

    Args:
      capacity: An integer: how many distinct strings it is to find.
      string_max_length: An integer, until 0.33: the greatest length of a string, in bytes.
      string_max_bytes: The same since 0.34.
      encoding: The `CharacterEncoding` of the strings, since 0.33; `UNKNOWN` for binary data.
        Before, strings were UTF-8.
      repetitions: An integer: the number of hash tables, at least 3.
      seed: An integer: the seed of the hash functions.
      sketch_agg_factory: The aggregation factory of the tables; None for a sum.
      value_tensor_agg_factory: The aggregation factory of the strings' values; None for a sum.

    Raises:
      ValueError: A number is too small.
    """

    as_of: AsOf

    def __init__(
        self,
        *,
        capacity,
        string_max_length=None,
        string_max_bytes=None,
        encoding=_UTF8,
        repetitions,
        seed,
        sketch_agg_factory,
        value_tensor_agg_factory,
    ):
        if self.as_of.takes("string_max_length"):
            self.as_of.warn(locals())
            string_max_bytes = string_max_length
        super().__init__(
            capacity=capacity,
            **{_LIMIT: string_max_bytes},
            encoding=encoding,
            repetitions=repetitions,
            seed=seed,
            sketch_agg_factory=sketch_agg_factory,
            value_tensor_agg_factory=value_tensor_agg_factory,
        )


_LENGTH = Legacy(keywords=("string_max_length",))
_TABLE_OPTIONS = (
    "[?, encoding={encoding}?][?, seed={seed}?][?, repetitions={repetitions}?]"
    "[?, hash_family={hash_family}?][?, hash_family_params={hash_family_params}?]"
    "[?, field_size={field_size}?])"
)
_ENCODER_NOW = (
    f"{_PATH}.IbltEncoder({{capacity}}, string_max_bytes={{string_max_length}}"
    f"[?, drop_strings_above_max_length={{drop_strings_above_max_length}}?]{_TABLE_OPTIONS}"
)
_DECODER_NOW = (
    f"{_PATH}.IbltDecoder({{iblt}}, {{capacity}}, string_max_bytes={{string_max_length}}"
    f"{_TABLE_OPTIONS}"
)


@adapter(
    "tff.analytics.heavy_hitters.iblt.IbltEncoder",
    releases=">=0.20,<0.34",
    replacement=_ENCODER_NOW,
    legacy=_LENGTH,
    forms=True,
)
class IbltEncoder(iblt.IbltEncoder):
    """Makes tables of strings, as of TFF 0.20 to 0.33.

    Args:
      capacity: An integer: how many distinct strings a table is to hold.
      string_max_length: An integer: the greatest length of a string, in bytes.
      encoding: The `CharacterEncoding` of the strings, in 0.33; `UNKNOWN` for binary data. Before,
        strings were UTF-8.
      drop_strings_above_max_length: A boolean: whether longer strings are dropped, or cut off.
      seed: An integer: the seed of the hash functions.
      repetitions: An integer: the number of hash tables, at least 3.
      hash_family: "coupled", "random", or None for the one that suits `capacity`.
      hash_family_params: A dict of parameters of the hash family, or None.
      field_size: An integer: the prime modulo which strings are hashed and summed.
    """

    as_of: AsOf

    def __init__(
        self,
        capacity,
        string_max_length,
        *,
        encoding=_UTF8,
        drop_strings_above_max_length,
        seed,
        repetitions=_REPETITIONS,
        hash_family,
        hash_family_params,
        field_size=_FIELD_SIZE,
    ):
        self.as_of.warn(locals())
        super().__init__(
            capacity,
            string_max_length,
            encoding=encoding,
            drop_strings_above_max_length=drop_strings_above_max_length,
            seed=seed,
            repetitions=repetitions,
            hash_family=hash_family,
            hash_family_params=hash_family_params,
            field_size=field_size,
        )


@adapter(
    "tff.analytics.heavy_hitters.iblt.IbltDecoder",
    releases=">=0.20,<0.34",
    replacement=_DECODER_NOW,
    legacy=_LENGTH,
    forms=True,
)
class IbltDecoder(iblt.IbltDecoder):
    """Reads the strings of a table and their counts, as of TFF 0.20 to 0.33.

    Args:
      iblt: The table, an int64 tensor of shape `[repetitions, table size, chunks + 2]`.
      capacity: An integer: how many distinct strings the table was made for; this and what follows
        as given to the encoder.
      string_max_length: An integer: the greatest length of a string, in bytes.
      encoding: The `CharacterEncoding` of the strings, in 0.33; `UNKNOWN` for binary data. Before,
        strings were UTF-8.
      seed: An integer: the seed of the hash functions.
      repetitions: An integer: the number of hash tables, at least 3.
      hash_family: "coupled", "random", or None for the one that suits `capacity`.
      hash_family_params: A dict of parameters of the hash family, or None.
      field_size: An integer: the prime modulo which strings are hashed and summed.
    """

    as_of: AsOf

    def __init__(
        self,
        iblt,
        capacity,
        string_max_length,
        *,
        encoding=_UTF8,
        seed,
        repetitions=_REPETITIONS,
        hash_family,
        hash_family_params,
        field_size=_FIELD_SIZE,
    ):
        self.as_of.warn(locals())
        super().__init__(
            iblt,
            capacity,
            string_max_length,
            encoding=encoding,
            seed=seed,
            repetitions=repetitions,
            hash_family=hash_family,
            hash_family_params=hash_family_params,
            field_size=field_size,
        )


def _with_bytes(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {("string_max_bytes" if k == "string_max_length" else k): v for k, v in kwargs.items()}


@adapter(
    "tff.analytics.heavy_hitters.iblt.IbltTensorEncoder",
    releases=">=0.21,<0.34",
    replacement=_renamed(f"{_PATH}.IbltTensorEncoder"),
    legacy=_LENGTH,
)
class IbltTensorEncoder(_IbltTensorEncoder):
    """Makes tables of strings with values, as of TFF 0.21 to 0.33.

    Args:
      value_shape: The shape of each string's value.
      *args: As `IbltEncoder` of the release takes them.
      **kwargs: The same.
    """

    as_of: AsOf

    def __init__(self, value_shape, *args, **kwargs):
        if "string_max_length" in kwargs:
            self.as_of.warn(locals())
        super().__init__(value_shape, *args, **_with_bytes(kwargs))


@adapter(
    "tff.analytics.heavy_hitters.iblt.IbltTensorDecoder",
    releases=">=0.21,<0.34",
    replacement=_renamed(f"{_PATH}.IbltTensorDecoder"),
    legacy=_LENGTH,
)
class IbltTensorDecoder(_IbltTensorDecoder):
    """Reads the strings of a table, their counts and values, as of TFF 0.21 to 0.33.

    Args:
      iblt: The table, an int64 tensor.
      iblt_values: The values, as `IbltTensorEncoder.compute_iblt` returns them.
      value_shape: The shape of each string's value.
      *args: As `IbltDecoder` of the release takes them.
      **kwargs: The same.
    """

    as_of: AsOf

    def __init__(self, iblt, iblt_values, value_shape, *args, **kwargs):
        if "string_max_length" in kwargs:
            self.as_of.warn(locals())
        super().__init__(iblt, iblt_values, value_shape, *args, **_with_bytes(kwargs))


_DECODE_NOW = (
    f"{_PATH}.decode_iblt_tf({{iblt}}, {{capacity}}, string_max_bytes={{string_max_length}}"
    f"{_TABLE_OPTIONS}"
)


@adapter(
    "tff.analytics.heavy_hitters.iblt.decode_iblt_tf",
    releases=">=0.20,<0.34",
    replacement=_DECODE_NOW,
    legacy=_LENGTH,
    forms=True,
)
def decode_iblt_tf(
    iblt,
    capacity,
    string_max_length,
    *,
    encoding=_UTF8,
    seed,
    repetitions=_REPETITIONS,
    hash_family,
    hash_family_params,
    field_size=_FIELD_SIZE,
    as_of: AsOf,
):
    """The strings of a table, their counts, and how many stay undecoded, as of TFF 0.20 to 0.33.

    Args:
      iblt: The table of counts that `IbltEncoder` made: an int64 tensor of shape `[repetitions,
        table size, chunks + 2]`.
      capacity: An integer: how many distinct strings the table was made for; this and what follows
        as given to the encoder.
      string_max_length: An integer: the greatest length of a string, in bytes.
      encoding: The `CharacterEncoding` of the strings, in 0.33; `UNKNOWN` for binary data. Before,
        strings were UTF-8.
      seed: An integer: the seed of the hash functions.
      repetitions: An integer: the number of hash tables, at least 3.
      hash_family: "coupled", "random", or None for the one that suits `capacity`.
      hash_family_params: A dict of parameters of the hash family, or None.
      field_size: An integer: the prime modulo which strings are hashed and summed.

    Returns:
      A string vector, an int64 vector of counts, and the number of strings that could not be
      decoded.
    """
    as_of.warn(locals())
    return tff.analytics.heavy_hitters.iblt.decode_iblt_tf(
        iblt,
        capacity,
        string_max_length,
        encoding=encoding,
        seed=seed,
        repetitions=repetitions,
        hash_family=hash_family,
        hash_family_params=hash_family_params,
        field_size=field_size,
    )


_DECODE_TENSOR_NOW = (
    f"{_PATH}.decode_iblt_tensor_tf({{iblt}}, {{iblt_values}}, {{capacity}}, "
    f"string_max_bytes={{string_max_length}}, value_shape={{value_shape}}{_TABLE_OPTIONS}"
)


@adapter(
    "tff.analytics.heavy_hitters.iblt.decode_iblt_tensor_tf",
    releases=">=0.21,<0.34",
    replacement=_DECODE_TENSOR_NOW,
    legacy=_LENGTH,
    forms=True,
)
def decode_iblt_tensor_tf(
    iblt,
    iblt_values,
    capacity,
    string_max_length,
    value_shape,
    *,
    encoding=_UTF8,
    seed,
    repetitions=_REPETITIONS,
    hash_family,
    hash_family_params,
    field_size=_FIELD_SIZE,
    as_of: AsOf,
):
    """The strings of a table, their counts and values, as of TFF 0.21 to 0.33.

    Args:
      iblt: The table of counts that `IbltEncoder` made: an int64 tensor of shape `[repetitions,
        table size, chunks + 2]`.
      iblt_values: The table of values: a tensor of shape `[repetitions, table size, values of a
        string]`.
      capacity: An integer: how many distinct strings the table was made for; this and what follows
        as given to the encoder.
      string_max_length: An integer: the greatest length of a string, in bytes.
      value_shape: The shape of the value of one string.
      encoding: The `CharacterEncoding` of the strings, in 0.33; `UNKNOWN` for binary data. Before,
        strings were UTF-8.
      seed: An integer: the seed of the hash functions.
      repetitions: An integer: the number of hash tables, at least 3.
      hash_family: "coupled", "random", or None for the one that suits `capacity`.
      hash_family_params: A dict of parameters of the hash family, or None.
      field_size: An integer: the prime modulo which strings are hashed and summed.

    Returns:
      A string vector, their int64 counts, their values in a tensor of shape `[strings,
      *value_shape]`, and the number of strings that could not be decoded.
    """
    as_of.warn(locals())
    return tff.analytics.heavy_hitters.iblt.decode_iblt_tensor_tf(
        iblt,
        iblt_values,
        capacity,
        string_max_length,
        value_shape,
        encoding=encoding,
        seed=seed,
        repetitions=repetitions,
        hash_family=hash_family,
        hash_family_params=hash_family_params,
        field_size=field_size,
    )


@adapter(
    "tff.analytics.heavy_hitters.iblt.UTF8Chunker",
    releases=">=0.20,<0.33",
    replacement=(
        f"{_PATH}.create_chunker(string_max_bytes={{string_max_length}}"
        "[?, max_chunk_value={max_chunk_value}?][?, dtype={dtype}?])"
    ),
)
class UTF8Chunker:
    """Strings as rows of integers and back, as of TFF 0.20 to 0.32.

    Args:
      string_max_length: The most bytes of a string.
      max_chunk_value: The largest integer; None for that of `dtype`.
      dtype: `tf.int32` or `tf.int64`.

    Raises:
      ValueError: An argument is none of these.
    """

    as_of: AsOf

    def __init__(self, string_max_length, *, max_chunk_value=None, dtype=tf.int64):
        self.as_of.warn(locals())
        self._chunker = iblt.create_chunker(
            **{_LIMIT: string_max_length}, max_chunk_value=max_chunk_value, dtype=dtype
        )

    def get_num_chunks(self):
        """How many integers a string becomes."""
        return self._chunker.get_num_chunks()

    def encode_tensorflow(self, input_strings):
        """The integers of a vector of strings, and the strings cut off at the limit."""
        return self._chunker.encode_tensorflow(input_strings)

    def decode_tensorflow(self, encoded_chunks):
        """The strings of rows of integers."""
        return self._chunker.decode_tensorflow(encoded_chunks)

    def decode_python(self, encoded_chunks):
        """The strings of rows of integers, of arrays."""
        return self._chunker.decode_python(encoded_chunks)


@adapter(
    "tff.analytics.heavy_hitters.iblt.create_chunker",
    releases=">=0.33,<0.34",
    replacement=(
        f"{_PATH}.create_chunker(string_max_bytes={{string_max_length}}[?, encoding={{encoding}}?]"
        "[?, max_chunk_value={max_chunk_value}?][?, dtype={dtype}?])"
    ),
)
def create_chunker(
    *, string_max_length, encoding=_UTF8, max_chunk_value=None, dtype=tf.int64, as_of: AsOf
):
    """What turns strings into rows of integers, for an encoding, as of TFF 0.33.

    Args:
      string_max_length: The most bytes of a string.
      encoding: A `CharacterEncoding`.
      max_chunk_value: The largest integer; None for that of `dtype`.
      dtype: `tf.int32` or `tf.int64`.

    Raises:
      ValueError: An argument is none of these.
    """
    as_of.warn(locals())
    return iblt.create_chunker(
        **{_LIMIT: string_max_length},
        encoding=encoding,
        max_chunk_value=max_chunk_value,
        dtype=dtype,
    )


helper(
    "hash_indices",
    '''\
def hash_indices(hasher, data_strings):
  """The hash values of each of a list of strings, as lists of integers."""
  strings = tf.constant(data_strings, tf.string, (len(data_strings),))
  return hasher.get_hash_indices_tf(strings)[:, :, 2].numpy().tolist()
''',
)
_INDICES_NOTE = "The method get_hash_indices_tf takes and gives tensors."
member(
    "hasher",
    ".get_hash_indices()",
    releases=">=0.20,<0.80",
    replacement="{!hash_indices}({self}, {data_strings})",
    parameters="(data_strings)",
)


@adapter(
    "tff.analytics.heavy_hitters.iblt.RandomHyperEdgeHasher",
    releases=">=0.20,<0.80",
    replacement=f"{_PATH}.RandomHyperEdgeHasher",
    legacy=NEVER,
    cases={"get_hash_indices": Replacement("", _INDICES_NOTE)},
    gives="hasher",
)
class RandomHyperEdgeHasher(iblt.RandomHyperEdgeHasher):
    """Independent hash functions, as of TFF 0.20 to 0.79.

    Args:
      seed: An integer.
      table_size: The hash values are 0 to `table_size - 1`.
      repetitions: The number of hash functions.
    """

    as_of: AsOf

    def __init__(self, seed, table_size, repetitions):
        super().__init__(seed, table_size, repetitions)

    def get_hash_indices(self, data_strings):
        """The hash values of each of a list of strings, as lists of integers."""
        self.as_of.warn(case="get_hash_indices")
        with tf.init_scope():
            strings = tf.constant(data_strings, tf.string, (len(data_strings),))
            return self.get_hash_indices_tf(strings)[:, :, 2].numpy().tolist()


@adapter(
    "tff.analytics.heavy_hitters.iblt.CoupledHyperEdgeHasher",
    releases=">=0.20,<0.80",
    replacement=f"{_PATH}.CoupledHyperEdgeHasher",
    legacy=NEVER,
    cases={"get_hash_indices": Replacement("", _INDICES_NOTE)},
    gives="hasher",
)
class CoupledHyperEdgeHasher(iblt.CoupledHyperEdgeHasher):
    """Hash functions whose values for a string are near each other, as of TFF 0.20 to 0.79.

    Args:
      seed: An integer.
      table_size: The hash values are 0 to `table_size - 1`.
      repetitions: The number of hash functions.
      rescale_factor: How far apart the values for a string may be: the smaller, the farther.

    Raises:
      ValueError: `rescale_factor` is not positive, or greater than `table_size - 1`.
    """

    as_of: AsOf

    def __init__(self, seed, table_size, repetitions, rescale_factor):
        super().__init__(seed, table_size, repetitions, rescale_factor)
        self._salts = [f"{seed + index}{_SALT_END}" for index in range(repetitions)]
        self._factor = rescale_factor
        self._scale = table_size / (rescale_factor + 1.0)

    def get_hash_indices(self, data_strings):
        """The hash values of each of a list of strings, as lists of integers.

        In float64, where `get_hash_indices_tf` computes in float32.
        """
        self.as_of.warn(case="get_hash_indices")
        return [self._indices(each) for each in data_strings]

    def _indices(self, text: str) -> list[int]:
        # As the release wrote it: each rounding counts.
        position = _fraction(text) * ((self._factor + 0.5) - 0.5) + 0.5
        offsets = [_fraction(salt + text) - 0.5 for salt in self._salts]
        return [int(np.floor((position + offset) * self._scale)) for offset in offsets]


def _fraction(text: str) -> float:
    """A hash of a string, from 0 to 1."""
    with tf.init_scope():
        return float(tf.strings.to_hash_bucket_fast(text, tf.int32.max).numpy()) / tf.int32.max


_COMPUTATION_NOW = (
    f"{_PATH}.build_iblt_computation([?capacity={{capacity}}, ?]"
    "string_max_bytes={max_string_length}[?, repetitions={repetitions}?][?, seed={seed}?]"
    "[?, max_heavy_hitters={max_heavy_hitters}?][?, max_words_per_user={max_words_per_user}?]"
    "[?, k_anonymity={k_anonymity}?][?, secure_sum_bitwidth={secure_sum_bitwidth}?]"
    "[?, batch_size={batch_size}?][?, multi_contribution={multi_contribution}?]"
    "[?, string_postprocessor={string_postprocessor}?][?, decode_iblt_fn={decode_iblt_fn}?])"
)
_LENGTH_OF_COMPUTATION = Legacy(keywords=("max_string_length",))


@attr.s(eq=False, frozen=True)
class ServerOutput:
    """What a round finds, as of TFF 0.20.

    Attributes:
      clients: The number of clients.
      heavy_hitters: A vector of strings.
      heavy_hitters_counts: How often each occurs.
      num_not_decoded: How many strings are not found.
    """

    clients: Any = attr.ib()
    heavy_hitters: Any = attr.ib()
    heavy_hitters_counts: Any = attr.ib()
    num_not_decoded: Any = attr.ib()


@adapter(
    "tff.analytics.heavy_hitters.iblt.build_iblt_computation",
    releases=">=0.20,<0.21",
    replacement=_COMPUTATION_NOW,
    note=(
        "It also gives heavy_hitters_unique_counts and round_timestamp, and what "
        "`decode_iblt_fn` is given and gives has values of two numbers."
    ),
)
def build_iblt_computation_0_20(
    *,
    capacity=1000,
    max_string_length=10,
    repetitions=3,
    seed=0,
    max_heavy_hitters=None,
    max_words_per_user=None,
    k_anonymity=1,
    secure_sum_bitwidth=None,
    batch_size=1,
    multi_contribution=True,
    string_postprocessor=None,
    decode_iblt_fn=None,
    as_of: AsOf,
):
    """A computation that finds the most frequent strings of the clients, as of TFF 0.20.

    Args:
      capacity: How many different strings it is to find.
      max_string_length: Strings are cut off after so many bytes.
      repetitions: The number of hash tables, at least 3.
      seed: Of the hash functions.
      max_heavy_hitters: It returns at most so many strings; None for all.
      max_words_per_user: A client contributes at most so many strings; None for all.
      k_anonymity: It returns the strings of at least so many clients.
      secure_sum_bitwidth: 1 to 62 for secure sums of numbers of so many bits; None for plain sums.
      batch_size: The number of strings in each batch of a client's data set.
      multi_contribution: Whether a string of a client counts each time it occurs, or once.
      string_postprocessor: From the vector of strings found to the one returned.
      decode_iblt_fn: What reads a table in the place of `decode_iblt_tf`; it is called twice, for
        all counts and for the numbers of clients.

    Returns:
      A `tff.Computation` from the data sets of the clients to a structure with `clients`,
      `heavy_hitters`, `heavy_hitters_counts` and `num_not_decoded`.

    Raises:
      ValueError: A number is out of its range.
    """
    as_of.warn(locals())
    _check_at_least("max_string_length", max_string_length, 1)
    _check_at_least("repetitions", repetitions, 3)
    _check_at_least("max_heavy_hitters", max_heavy_hitters, 1)
    _check_at_least("max_words_per_user", max_words_per_user, 1)
    _check_at_least("k_anonymity", k_anonymity, 1)
    _check_at_least("batch_size", batch_size, 1)
    if secure_sum_bitwidth is not None and not (
        isinstance(secure_sum_bitwidth, int) and 0 < secure_sum_bitwidth <= 62
    ):
        raise ValueError(
            f"`secure_sum_bitwidth` must be an integer of 1 to 62, found {secure_sum_bitwidth}."
        )
    data_processing = tff.analytics.data_processing
    if decode_iblt_fn is None:
        decode = iblt.decode_iblt_tf
    else:

        def decode(table, capacity, limit, **options):
            return decode_iblt_fn(iblt=table, capacity=capacity, string_max_length=limit, **options)

    def table_of(words):
        encoder = iblt.IbltEncoder(capacity, max_string_length, repetitions=repetitions, seed=seed)
        return encoder.compute_iblt(words)

    datasets = tff.SequenceType(types.to_type((tf.string, [None]), as_of.release))

    @tff.tensorflow.computation(datasets)
    @tf.function
    def count(dataset):
        if max_words_per_user is None and multi_contribution:
            words = data_processing.get_all_elements(dataset, max_string_length)
        elif max_words_per_user is None:
            words = data_processing.get_unique_elements(dataset, max_string_length)
        elif multi_contribution:
            words = data_processing.get_capped_elements(
                dataset, max_words_per_user, batch_size, max_string_length
            )
        else:
            words = data_processing.get_top_elements(dataset, max_words_per_user, max_string_length)
        return table_of(words)

    @tff.tensorflow.computation(datasets)
    @tf.function
    def count_once(dataset):
        return table_of(data_processing.get_unique_elements(dataset, max_string_length))

    @tff.tensorflow.computation(count.type_signature.result, count_once.type_signature.result)
    @tf.function
    def find(table, table_of_clients):
        options = {"repetitions": repetitions, "seed": seed}
        words, counts, not_found = decode(table, capacity, max_string_length, **options)
        known, clients, _ = decode(table_of_clients, capacity, max_string_length, **options)
        if k_anonymity > 1:
            known, _ = tff.analytics.histogram_processing.threshold_histogram(
                known, clients, k_anonymity
            )
            kept = tf.reduce_any(tf.equal(words[:, None], known[None, :]), axis=1)
            words, counts = tf.boolean_mask(words, kept), tf.boolean_mask(counts, kept)
        if max_heavy_hitters is not None:
            # The order of decoding stays where there is nothing to leave out.
            _, top = tf.math.top_k(counts, tf.minimum(max_heavy_hitters, tf.size(counts)))
            order = tf.cond(
                tf.size(counts) > max_heavy_hitters, lambda: top, lambda: tf.range(tf.size(counts))
            )
            words, counts = tf.gather(words, order), tf.gather(counts, order)
        if string_postprocessor is not None:
            words = string_postprocessor(words)
        return words, counts, not_found

    def summed(value):
        if secure_sum_bitwidth is None:
            return tff.federated_sum(value)
        return tff.federated_secure_sum(value, 2**secure_sum_bitwidth - 1)

    @tff.federated_computation(tff.FederatedType(datasets, tff.CLIENTS))
    def one_round_computation(examples):
        clients = summed(tff.federated_value(1, tff.CLIENTS))
        tables = [summed(tff.federated_map(each, examples)) for each in (count, count_once)]
        words, counts, not_found = tff.federated_map(find, tuple(tables))
        return tff.federated_zip(ServerOutput(clients, words, counts, not_found))

    return structures.with_results_of(one_round_computation, as_of.release)


def _check_at_least(name: str, value: int | None, least: int) -> None:
    if value is not None and value < least:
        raise ValueError(f"`{name}` must be at least {least}, found {value}.")


@adapter(
    "tff.analytics.heavy_hitters.iblt.build_iblt_computation",
    releases=">=0.21,<0.34",
    replacement=_COMPUTATION_NOW,
    legacy=_LENGTH_OF_COMPUTATION,
    forms=True,
)
@adapter(
    "tff.analytics.heavy_hitters.iblt.build_iblt_computation",
    releases=">=0.34,<0.67",
    replacement="tff.analytics.heavy_hitters.iblt.build_iblt_computation",
    legacy=NEVER,
    forms=True,
)
def build_iblt_computation(
    *,
    capacity,
    max_string_length=None,
    string_max_bytes=None,
    repetitions,
    seed,
    max_heavy_hitters,
    max_words_per_user,
    k_anonymity,
    secure_sum_bitwidth,
    batch_size,
    multi_contribution,
    string_postprocessor,
    decode_iblt_fn,
    as_of: AsOf,
):
    """A computation that finds the most frequent strings of the clients, as of TFF 0.21 to 0.66.

    Its type prints strings as these releases did.

    Args:
      capacity: An integer: how many distinct strings of all clients the table holds.
      max_string_length: An integer, until 0.33: strings are cut off after so many bytes.
      string_max_bytes: The same since 0.34.
      repetitions: An integer: the number of hash tables, at least 3.
      seed: An integer: the seed of the hash functions.
      max_heavy_hitters: An integer: the greatest number of strings in the result, the most frequent
        ones; None for all.
      max_words_per_user: An integer: the greatest number of strings that a client contributes; None
        for all.
      k_anonymity: An integer: how many clients at least must have a string for it to be in the
        result.
      secure_sum_bitwidth: 1 to 62 for secure sums of integers of so many bits; None for plain sums.
      batch_size: An integer: the number of strings in each batch of a client's data set.
      multi_contribution: A boolean: whether a string of a client counts as often as it occurs, or
        once.
      string_postprocessor: From the vector of strings found to the one in the result; None for no
        change.
      decode_iblt_fn: Decodes a table in the place of `decode_iblt_tensor_tf`, with its parameters;
        None for that.

    Returns:
      A `tff.Computation` from the data sets of the clients to a structure at the server with
      `clients`, `heavy_hitters`, `heavy_hitters_unique_counts` (clients a string),
      `heavy_hitters_counts`, `num_not_decoded` and `round_timestamp` (seconds since 1970).

    Raises:
      ValueError: A number is out of its range.
    """
    if as_of.takes("max_string_length"):
        as_of.warn(locals())
        string_max_bytes = max_string_length
        decode_iblt_fn = decode_iblt_fn and _called_with_length(decode_iblt_fn)
    made = iblt.build_iblt_computation(
        capacity=capacity,
        string_max_bytes=string_max_bytes,
        repetitions=repetitions,
        seed=seed,
        max_heavy_hitters=max_heavy_hitters,
        max_words_per_user=max_words_per_user,
        k_anonymity=k_anonymity,
        secure_sum_bitwidth=secure_sum_bitwidth,
        batch_size=batch_size,
        multi_contribution=multi_contribution,
        string_postprocessor=string_postprocessor,
        decode_iblt_fn=decode_iblt_fn,
    )
    return structures.with_results_of(made, as_of.release)


def _called_with_length(decode_iblt_fn: Any) -> Any:
    def decode(*, string_max_bytes, **kwargs):
        return decode_iblt_fn(string_max_length=string_max_bytes, **kwargs)

    return decode
