"""Encoded sums, means and broadcasts where the package of the encoders is missing."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.tff, pytest.mark.filterwarnings("ignore")]

pytest.importorskip("tensorflow_federated")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tff_compat  # noqa: E402
from tff_compat.adapters.utils import encoding  # noqa: E402


@pytest.mark.parametrize("name", ["build_encoded_sum", "build_encoded_broadcast_process"])
def test_without_the_package_of_the_encoders_the_error_names_it(monkeypatch, name):
    monkeypatch.setattr(encoding, "tensor_encoding", None)
    build = getattr(tff_compat.as_of("0.16.1").utils, name)
    with pytest.raises(ImportError, match="tensorflow-model-optimization"):
        build(np.zeros([2], np.float32), None)


def test_the_encoders_may_come_in_a_list_and_the_sum_be_of_a_structure_in_a_tuple():
    from tensorflow_model_optimization.python.core.internal import tensor_encoding as te

    view = tff_compat.as_of("0.18.0")
    encoder = te.encoders.as_gather_encoder(te.encoders.identity(), tf.TensorSpec([2], tf.float32))
    value_type = view.to_type([(tf.float32, [2])] * 2)
    process = view.utils.build_encoded_sum_process(value_type, [encoder, encoder])
    values = [[np.float32([1, 2]), np.float32([3, 4])]] * 2
    result = process.next(process.initialize(), values).result
    assert np.asarray(list(result)).tolist() == [[2, 4], [6, 8]]
