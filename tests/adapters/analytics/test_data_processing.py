"""Strings of data sets: when the old name of their limit is told, and where they are processed."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.tff

pytest.importorskip("tensorflow_federated")

import tensorflow as tf  # noqa: E402
import tff_compat  # noqa: E402


def test_the_name_of_string_limits_is_told_only_where_the_old_one_is_used(recwarn):
    data_processing = tff_compat.as_of("0.27.0").analytics.data_processing
    words = tf.data.Dataset.from_tensor_slices(["fig", "apple"]).batch(1)
    data_processing.get_all_elements(words, 2)
    assert not [each for each in recwarn if each.category is tff_compat.LegacyAPIWarning]
    with pytest.warns(tff_compat.LegacyAPIWarning, match="string_max_bytes=3"):
        found = data_processing.get_all_elements(words, max_string_length=3)
    assert found.numpy().tolist() == [b"fig", b"app"]


@pytest.mark.filterwarnings("ignore")
def test_strings_are_processed_inside_of_a_function_of_tensorflow():
    data_processing = tff_compat.as_of("0.27.0").analytics.data_processing

    @tf.function
    def count(dataset):
        return tf.size(data_processing.get_unique_elements(dataset, max_string_length=1))

    words = tf.data.Dataset.from_tensor_slices(["fig", "foo", "apple"]).batch(1)
    assert int(count(words)) == 2
