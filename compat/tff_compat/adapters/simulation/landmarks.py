"""Google Landmarks: the names of its fields, and reading what was downloaded before."""

from __future__ import annotations

import collections
import os.path
from typing import Any

import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.registry import NEVER, AsOf, adapter
from tff_compat.adapters.simulation.client_data import bound
from tff_compat.adapters.simulation.client_data_sources import FilePerUser
from tff_compat.adapters.simulation.datasets import FilePerUserClientData
from tff_compat.catalog.boundaries import FIRST_WITH_SERIALIZABLE_LANDMARKS

tff = modern.package()

_gldv2: Any = tff.simulation.datasets.gldv2


_BYTES, _DECODED, _CLASS = "image/encoded_jpeg", "image/decoded", "class"
_KEYS = {
    "tff.simulation.datasets.gldv2.KEY_IMAGE_BYTES": _BYTES,
    "tff.simulation.datasets.gldv2.KEY_IMAGE_DECODED": _DECODED,
    "tff.simulation.datasets.gldv2.KEY_CLASS": _CLASS,
}

for _path, _key in _KEYS.items():
    adapter(_path, releases=">=0.17,<0.20", replacement=repr(_key))(_key)


def _images(path: Any) -> Any:
    """The images of a file, decoded, with their classes."""
    features = {
        _BYTES: tf.io.FixedLenFeature([], tf.string, default_value=""),
        _CLASS: tf.io.FixedLenFeature([], tf.int64, default_value=-1),
    }

    def parse(record: Any) -> Any:
        found = tf.io.parse_single_example(record, features)
        return collections.OrderedDict(
            [
                (_DECODED, tf.io.decode_jpeg(found[_BYTES])),
                (_CLASS, tf.reshape(found[_CLASS], [1])),
            ]
        )

    return tf.data.TFRecordDataset([path]).map(parse)


@adapter(
    "tff.simulation.datasets.gldv2.load_data",
    releases=">=0.17,<0.20",
    replacement="tff.simulation.datasets.gldv2.load_data",
    legacy=NEVER,
)
def load_data(
    num_worker=1,
    cache_dir="cache",
    gld23k=False,
    base_url=_gldv2.GLD_SHARD_BASE_URL,
    *,
    as_of: AsOf,
):
    """The photographs of landmarks by author, as of TFF 0.17 to 0.19.

    Args:
      num_worker: How many threads download.
      cache_dir: Where the files are kept. Those of any release are read.
      gld23k: Whether the small edition.
      base_url: Where the files come from.

    Returns:
      Client data for training and a data set for tests.
    """
    directory = os.path.join(cache_dir, _gldv2.MINI_GLD_CACHE if gld23k else _gldv2.FED_GLD_CACHE)
    train_dir = os.path.join(directory, _gldv2.TRAIN_SUB_DIR)
    test_file = os.path.join(directory, _gldv2.TEST_FILE_NAME)
    if not (os.path.isdir(train_dir) and os.listdir(train_dir) and os.path.isfile(test_file)):
        train, test = _gldv2.load_data(num_worker, cache_dir, gld23k, base_url)
        return train, test
    files = {name: os.path.join(train_dir, name) for name in os.listdir(train_dir)}
    serializable = as_of.release >= FIRST_WITH_SERIALIZABLE_LANDMARKS
    kind = FilePerUserClientData if serializable else FilePerUser
    return bound(kind, as_of)(files, _images), _images(test_file)
