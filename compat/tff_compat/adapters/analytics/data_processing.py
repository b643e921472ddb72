"""Elements of data sets of strings, whose length limit had another name in `tff.analytics`."""

from __future__ import annotations

import collections

import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, Legacy, adapter

tff = modern.package()

_PATH = "tff.analytics.data_processing"
_RELEASES = ">=0.20,<0.34"

# By position the limit is where it was.
_BY_KEYWORD = Legacy(keywords=("max_string_length",))


def _now(name: str, *parameters: str) -> str:
    given = ", ".join(f"{{{parameter}}}" for parameter in parameters)
    return f"{_PATH}.{name}({given}[?, string_max_bytes={{max_string_length}}?])"


@adapter(
    "tff.analytics.data_processing.get_all_elements",
    releases=_RELEASES,
    legacy=_BY_KEYWORD,
    replacement=_now("get_all_elements", "dataset"),
)
def get_all_elements(dataset, max_string_length=None, *, as_of: AsOf):
    """All elements of a data set of batches of strings, as of TFF 0.20 to 0.33.

    Args:
      dataset: A `tf.data.Dataset` of string vectors, shape `[None]`.
      max_string_length: Strings are cut off after so many bytes; None for no limit.

    Returns:
      A string vector, in the order of the data set.

    Raises:
      ValueError: The data set has no vectors, or the limit is less than 1.
      TypeError: The data set has no strings.
    """
    as_of.warn(locals())
    return tff.analytics.data_processing.get_all_elements(dataset, max_string_length)


@adapter(
    "tff.analytics.data_processing.get_capped_elements",
    releases=_RELEASES,
    legacy=_BY_KEYWORD,
    replacement=(
        f"{_PATH}.get_capped_elements({{dataset}}, {{max_user_contribution}}"
        "[?, batch_size={batch_size}?][?, string_max_bytes={max_string_length}?])"
    ),
)
def get_capped_elements(
    dataset, max_user_contribution, batch_size=1, max_string_length=None, *, as_of: AsOf
):
    """The first elements of a data set of batches of strings, as of TFF 0.20 to 0.33.

    Args:
      dataset: A `tf.data.Dataset` of string vectors, shape `[None]`.
      max_user_contribution: The greatest number of elements to take, at least 1.
      batch_size: The number of strings in each batch of `dataset`, at least 1.
      max_string_length: Strings are cut off after so many bytes; None for no limit.

    Returns:
      A string vector of at most `max_user_contribution` elements, which stand in the first batches:
      a batch is taken whole or not at all.

    Raises:
      ValueError: The data set has no vectors, or a number is less than 1.
      TypeError: The data set has no strings.
    """
    as_of.warn(locals())
    return tff.analytics.data_processing.get_capped_elements(
        dataset, max_user_contribution, batch_size, max_string_length
    )


@adapter(
    "tff.analytics.data_processing.get_capped_elements_with_counts",
    releases=_RELEASES,
    legacy=_BY_KEYWORD,
    replacement=(
        f"{_PATH}.get_capped_elements_with_counts({{dataset}}, {{max_user_contribution}}"
        "[?, batch_size={batch_size}?][?, string_max_bytes={max_string_length}?])"
    ),
)
def get_capped_elements_with_counts(
    dataset, max_user_contribution, batch_size=1, max_string_length=None, *, as_of: AsOf
):
    """The distinct strings among the first elements, and their counts, as of TFF 0.20 to 0.33.

    Args:
      dataset: A `tf.data.Dataset` of string vectors, shape `[None]`.
      max_user_contribution: The greatest number of elements to take, at least 1.
      batch_size: The number of strings in each batch of `dataset`, at least 1.
      max_string_length: Strings are cut off after so many bytes; None for no limit.

    Returns:
      A string vector of what is distinct among the elements that `get_capped_elements` takes, and a
      vector of how often each occurs among them.

    Raises:
      ValueError: The data set has no vectors, or a number is less than 1.
      TypeError: The data set has no strings.
    """
    as_of.warn(locals())
    return tff.analytics.data_processing.get_capped_elements_with_counts(
        dataset, max_user_contribution, batch_size, max_string_length
    )


@adapter(
    "tff.analytics.data_processing.get_unique_elements",
    releases=_RELEASES,
    legacy=_BY_KEYWORD,
    replacement=_now("get_unique_elements", "dataset"),
)
def get_unique_elements(dataset, max_string_length=None, *, as_of: AsOf):
    """The distinct elements of a data set, as of TFF 0.20 to 0.33.

    Args:
      dataset: A `tf.data.Dataset` of string vectors, shape `[None]`.
      max_string_length: Strings are cut off after so many bytes; None for no limit.

    Returns:
      A string vector, in the order of first occurrence.

    Raises:
      ValueError: The data set has no vectors, or the limit is less than 1.
      TypeError: The data set has no strings.
    """
    as_of.warn(locals())
    return tff.analytics.data_processing.get_unique_elements(dataset, max_string_length)


@adapter(
    "tff.analytics.data_processing.get_unique_elements_with_counts",
    releases=_RELEASES,
    legacy=_BY_KEYWORD,
    replacement=_now("get_unique_elements_with_counts", "dataset"),
)
def get_unique_elements_with_counts(dataset, max_string_length=None, *, as_of: AsOf):
    """The distinct elements of a data set and their counts, as of TFF 0.20 to 0.33.

    Args:
      dataset: A `tf.data.Dataset` of string vectors, shape `[None]`.
      max_string_length: Strings are cut off after so many bytes; None for no limit.

    Returns:
      A string vector, in the order of first occurrence, and a vector of how often each occurs.

    Raises:
      ValueError: The data set has no vectors, or the limit is less than 1.
      TypeError: The data set has no strings.
    """
    as_of.warn(locals())
    return tff.analytics.data_processing.get_unique_elements_with_counts(dataset, max_string_length)


@adapter(
    "tff.analytics.data_processing.get_top_elements_with_counts",
    releases=_RELEASES,
    legacy=_BY_KEYWORD,
    replacement=_now("get_top_elements_with_counts", "dataset", "max_user_contribution"),
)
def get_top_elements_with_counts(
    dataset, max_user_contribution, max_string_length=None, *, as_of: AsOf
):
    """The most frequent elements of a data set and their counts, as of TFF 0.20 to 0.33.

    Args:
      dataset: A `tf.data.Dataset` of string vectors, shape `[None]`.
      max_user_contribution: The greatest number of distinct strings to take, at least 1.
      max_string_length: Strings are cut off after so many bytes; None for no limit.

    Returns:
      A string vector of at most `max_user_contribution` distinct strings, in no order, and a vector
      of their counts.

    Raises:
      ValueError: The data set has no vectors, or a number is less than 1.
      TypeError: The data set has no strings.
    """
    as_of.warn(locals())
    return tff.analytics.data_processing.get_top_elements_with_counts(
        dataset, max_user_contribution, max_string_length
    )


@adapter(
    "tff.analytics.data_processing.get_top_elements",
    releases=_RELEASES,
    legacy=_BY_KEYWORD,
    replacement=_now("get_top_elements", "dataset", "max_user_contribution"),
)
def get_top_elements(dataset, max_user_contribution, max_string_length=None, *, as_of: AsOf):
    """The most frequent elements of a data set, once each, as of TFF 0.20 to 0.33.

    Args:
      dataset: A `tf.data.Dataset` of string vectors, shape `[None]`.
      max_user_contribution: The greatest number of distinct strings to take, at least 1.
      max_string_length: Strings are cut off after so many bytes; None for no limit.

    Returns:
      A string vector of at most `max_user_contribution` distinct strings, in no order.

    Raises:
      ValueError: The data set has no vectors, or a number is less than 1.
      TypeError: The data set has no strings.
    """
    as_of.warn(locals())
    return tff.analytics.data_processing.get_top_elements(
        dataset, max_user_contribution, max_string_length
    )


@adapter(
    "tff.analytics.data_processing.get_top_multi_elements",
    releases=_RELEASES,
    legacy=_BY_KEYWORD,
    replacement=_now("get_top_multi_elements", "dataset", "max_user_contribution"),
)
def get_top_multi_elements(dataset, max_user_contribution, max_string_length=None, *, as_of: AsOf):
    """The most frequent elements of a data set, repeated by count, as of TFF 0.20 to 0.33.

    Args:
      dataset: A `tf.data.Dataset` of string vectors, shape `[None]`.
      max_user_contribution: The greatest number of distinct strings to take, at least 1.
      max_string_length: Strings are cut off after so many bytes; None for no limit.

    Returns:
      A string vector in which each of at most `max_user_contribution` distinct strings stands as
      often as it occurs in the data set.

    Raises:
      ValueError: The data set has no vectors, or a number is less than 1.
      TypeError: The data set has no strings.
    """
    as_of.warn(locals())
    return tff.analytics.data_processing.get_top_multi_elements(
        dataset, max_user_contribution, max_string_length
    )


@adapter(
    "tff.analytics.data_processing.get_clipped_elements_with_counts",
    releases=">=0.38,<0.39",
    note=(
        "tff.analytics.heavy_hitters.iblt.ClippingIbltFactory does this around the factory that "
        "aggregates."
    ),
)
def get_clipped_elements_with_counts(
    dataset,
    max_words_per_user=None,
    multi_contribution=True,
    batch_size=1,
    string_max_bytes=10,
    unique_counts=False,
    *,
    as_of: AsOf,
):
    """What a client contributes to `tff.analytics.IbltFactory`, as of TFF 0.38.

    Args:
      dataset: A `tf.data.Dataset` of string vectors, shape `[None]`.
      max_words_per_user: The greatest number of elements that count; None for all.
      multi_contribution: Whether an element counts as often as it occurs, or once.
      batch_size: The number of strings in each batch of the data set.
      string_max_bytes: Strings are cut off after so many bytes.
      unique_counts: Whether the value of an element is the pair of its count and 1.

    Returns:
      A data set of `OrderedDict`s of a `key` and its `value`.

    Raises:
      ValueError: The data set has no vectors, or a limit is less than 1.
      TypeError: The data set has no strings.
    """
    as_of.warn(locals())
    data_processing = tff.analytics.data_processing
    if max_words_per_user is None:
        words, counts = data_processing.get_unique_elements_with_counts(dataset, string_max_bytes)
    elif multi_contribution:
        words, counts = data_processing.get_capped_elements_with_counts(
            dataset, max_words_per_user, batch_size, string_max_bytes
        )
    else:
        words, counts = data_processing.get_top_elements_with_counts(
            dataset, max_words_per_user, string_max_bytes
        )
    if not multi_contribution:
        counts = tf.ones_like(counts)
    values = tf.stack([counts, tf.ones_like(counts)], axis=1) if unique_counts else counts
    return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(key=words, value=values))
