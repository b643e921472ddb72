"""Which data sets the worker reads as they are written, and that their elements stay."""

from __future__ import annotations

import pytest
import tensorflow as tf
import tff_compat
from tff_compat.adapters.language import datasets

pytestmark = pytest.mark.tff


def _numbers() -> tf.data.Dataset:
    return tf.data.Dataset.range(9)


def _doubled(dataset: tf.data.Dataset) -> tf.data.Dataset:
    return dataset.map(lambda x: 2 * x)


def _with_options(dataset: tf.data.Dataset) -> tf.data.Dataset:
    options = tf.data.Options()
    options.deterministic = False
    return dataset.with_options(options)


def _opaque(dataset: tf.data.Dataset) -> tf.data.Dataset:
    variant = tf.data.experimental.to_variant(dataset)
    return tf.data.experimental.from_variant(variant, dataset.element_spec)


def _says_so(dataset: tf.data.Dataset) -> bool:
    return (
        b"OptionsDataset"
        in tf.raw_ops.DatasetToGraphV2(
            input_dataset=tf.data.experimental.to_variant(dataset)
        ).numpy()
    )


@pytest.mark.parametrize(
    "dataset",
    [
        lambda: _numbers().batch(2),
        lambda: _doubled(_numbers().repeat(2).batch(2)).prefetch(1),
        lambda: _numbers().repeat(2).shuffle(4, seed=1, reshuffle_each_iteration=False).batch(2),
        lambda: _doubled(_numbers()).repeat(2).batch(4, drop_remainder=True),
        lambda: _doubled(_numbers()).filter(lambda x: x > 3),
    ],
)
def test_as_written(dataset):
    given = dataset()
    sent = datasets.as_written(given)
    assert _says_so(sent)
    assert sent.element_spec == given.element_spec
    assert [x.tolist() for x in sent.as_numpy_iterator()] == [
        x.tolist() for x in given.as_numpy_iterator()
    ]


@pytest.mark.parametrize(
    "dataset",
    [
        # The seeds of two operations that become one are others.
        lambda: _numbers().shuffle(4, seed=1).repeat(2).batch(2),
        lambda: _numbers().shuffle(4, seed=1).take(-1).repeat(2),
        lambda: _numbers().flat_map(lambda x: tf.data.Dataset.range(x).shuffle(2).repeat(2)),
        # Batches are made while the program does something else.
        lambda: _doubled(_numbers()).batch(2),
        lambda: _numbers().map(lambda x: x, num_parallel_calls=2).batch(2),
        # What the program chose, or what nothing is known of.
        lambda: _with_options(_numbers()),
        lambda: _opaque(_numbers()).batch(2),
    ],
)
def test_what_tensorflow_rewrites_is_left_to_it(dataset):
    given = dataset()
    assert datasets.as_written(given) is given


def test_elements_of_a_client_come_in_their_order():
    tff = tff_compat.as_of("0.17")
    in_order = tff.tf_computation(
        lambda data: data.reduce(
            tf.constant(0, tf.int64), lambda number, digit: 10 * number + digit
        ),
        tff.SequenceType(tf.int64),
    )
    assert in_order(tf.data.Dataset.range(1, 6)) == 12345
    assert in_order(tf.data.Dataset.range(1, 4).repeat(2)) == 123123
