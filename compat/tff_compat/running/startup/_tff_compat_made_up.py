"""Makes up the files that programs for TFF download.

They have few examples for as many clients, the same ones each time, with the names, shapes and
types of the real data.

HDF5 files are what TFF up to 0.18 reads, SQLite databases what later releases read. In both, the
many clients share the examples of a few, so that a file is small and made in a second. The syntax
is that of Python 3.7; NumPy, h5py and TensorFlow are imported where they are needed.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zlib


def make(name, folder):
    """The path of a file as a download names it, made in a folder unless it is there already.

    Args:
      name: The file's name, such as "mnist.npz" or "shakespeare.tar.bz2"; of an archive of TFF's
        the members are made, beside the path that is returned.
      folder: Where files are kept; several processes may share it.

    Returns:
      The path; None where no such file is known.
    """
    maker = _MAKERS.get(name)
    if maker is None:
        return None
    place = os.path.join(os.path.abspath(folder), name)
    if not os.path.isdir(place):
        os.makedirs(folder, exist_ok=True)
        partial = tempfile.mkdtemp(prefix=".", dir=folder)
        try:
            maker(partial, name)
            os.rename(partial, place)
        except OSError:
            # Another process was first.
            if not os.path.isdir(place):
                raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    path = os.path.join(place, name)
    return path[: -len(".lzma")] if name.endswith(".lzma") else path


def _random(*seed):
    """Random numbers that are the same with each version of NumPy."""
    import numpy as np

    return np.random.RandomState(zlib.crc32(repr(seed).encode()))


# --- Images ---------------------------------------------------------------------------------------

_IMAGES_OF_A_CLASS = 16


def _strokes(kind, count, size):
    """Images of `count` classes, dark 0 and bright 1: float32 [count, _IMAGES_OF_A_CLASS, …]."""
    import numpy as np

    images = np.zeros((count, _IMAGES_OF_A_CLASS, size, size), np.float32)
    for number in range(count):
        random = _random(kind, number)
        coarse = random.rand(size // 4, size // 4) > 0.6
        shape = np.kron(coarse, np.ones((4, 4))) * np.linspace(0.6, 1.0, size)
        for each in range(_IMAGES_OF_A_CLASS):
            shifted = np.roll(shape, random.randint(-2, 3, 2), axis=(0, 1))
            images[number, each] = np.clip(shifted + random.normal(0, 0.05, shape.shape), 0, 1)
    return images


def _labels(random, classes, count):
    """As many labels as asked for, of as many classes as go in."""
    import numpy as np

    return np.concatenate([random.permutation(classes) for _ in range(count // classes + 1)])[
        :count
    ]


def _characters(classes, counts):
    """Clients' examples as in EMNIST: bright paper, dark strokes."""
    import numpy as np

    images = 1 - _strokes("character", classes, 28)
    clients = []
    for number, count in enumerate(counts):
        random = _random("writer", classes, number)
        labels = _labels(random, classes, count)
        picked = images[labels, random.randint(_IMAGES_OF_A_CLASS, size=count)]
        clients.append({"label": labels.astype(np.int32), "pixels": picked})
    return clients


def _objects(counts):
    """Clients' examples as in CIFAR-100: small pictures with a fine and a coarse label."""
    import numpy as np

    images = np.stack([_strokes(("object", colour), 100, 32) for colour in range(3)], axis=-1)
    clients = []
    for number, count in enumerate(counts):
        random = _random("pictures", number)
        labels = _labels(random, 100, count).astype(np.int64)
        picked = images[labels, random.randint(_IMAGES_OF_A_CLASS, size=count)]
        clients.append(
            {
                "coarse_label": labels // 5,
                "image": (picked * 255).astype(np.uint8),
                "label": labels,
            }
        )
    return clients


# --- Texts ----------------------------------------------------------------------------------------

_FREQUENT = (
    "the and to of i you my a that in is not me it for with your this be his he but as have so "
    "him will what thy all her no by do shall if are we thee our lord king good now sir from come "
    "they she let or at would well more here love man there was am how then know like may make us "
    "must where when who give out should some why first upon take see heart night say day time"
).split()


def _words(count):
    """Different words, the most frequent first."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    made = (
        one + two + three for one in ("", *syllables) for two in syllables for three in syllables
    )
    words = list(_FREQUENT)
    while len(words) < count:
        words.append(next(made))
    return words[:count]


def _sentence(random, words, count):
    import numpy as np

    # A few words make up most of a text.
    places = (len(words) * random.rand(count) ** 3).astype(np.int64)
    return " ".join(words[place] for place in places)


def _lines(counts):
    """Clients' examples as in Shakespeare: lines of at least fifty characters."""
    words, clients = _words(600), []
    for number, count in enumerate(counts):
        random = _random("play", number)
        lines = [_sentence(random, words, 16).capitalize() + "." for _ in range(count)]
        clients.append({"snippets": [line.encode() for line in lines]})
    return clients


def _posts(counts):
    """Clients' examples as in Stack Overflow: questions and answers."""
    import numpy as np

    words, clients = _words(4000), []
    for number, count in enumerate(counts):
        random = _random("user", number)
        examples = {
            "creation_date": [b"2010-01-%02d 12:00:00.00 UTC" % (1 + n % 28) for n in range(count)],
            "score": random.randint(0, 50, count).astype(np.int64),
            "tags": [
                "|".join(sorted({_tag(int(n)) for n in random.randint(500, size=3)})).encode()
                for _ in range(count)
            ],
            "title": [_sentence(random, words, 8).encode() for _ in range(count)],
            "tokens": [(_sentence(random, words, 14) + " .").encode() for _ in range(count)],
            "type": [(b"question", b"answer")[n % 2] for n in range(count)],
        }
        clients.append(examples)
    return clients


def _tag(number):
    return f"tag-{number:03d}"


# --- Files of clients -----------------------------------------------------------------------------

_SHARED = 20
"""How many clients there are whose examples the others share."""


def _counts(base):
    return [base + base // 10 * (number % 5) for number in range(_SHARED)]


def _writers(count):
    return [f"f{number:04d}_{number % 50:02d}" for number in range(count)]


# The tutorials name these.
_SPEAKERS = (
    "ALL_S_WELL_THAT_ENDS_WELL_CELIA",
    "MUCH_ADO_ABOUT_NOTHING_OTHELLO",
    "THE_TRAGEDY_OF_KING_LEAR_KING",
)


def _speakers():
    others = [f"PLAY_{number // 20:02d}_SPEAKER_{number % 20:02d}" for number in range(712)]
    return [*_SPEAKERS, *others]


def _numbers(count, digits=1):
    return [f"{number:0{digits}d}" for number in range(count)]


_DIGITS = {
    "train": (lambda: _writers(3383), lambda: _characters(10, _counts(50))),
    "test": (lambda: _writers(3383), lambda: _characters(10, _counts(10))),
}
_LETTERS = {
    "train": (lambda: _writers(3400), lambda: _characters(62, _counts(80))),
    "test": (lambda: _writers(3400), lambda: _characters(62, _counts(12))),
}
_SHAKESPEARE = {
    "train": (_speakers, lambda: _lines(_counts(40))),
    "test": (_speakers, lambda: _lines(_counts(30))),
}
_STACK_OVERFLOW = {
    "train": (lambda: _numbers(1000, 8), lambda: _posts(_counts(60))),
    "heldout": (lambda: _numbers(100, 8), lambda: _posts(_counts(20))),
    "test": (lambda: _numbers(400, 8), lambda: _posts(_counts(20))),
}
_CIFAR = {
    "train": (lambda: _numbers(500), lambda: _objects([100] * _SHARED)),
    "test": (lambda: _numbers(100), lambda: _objects([100] * _SHARED)),
}


def _hdf5(prefix, splits):
    """A maker of files of HDF5, one for each split."""

    def write(folder, name):
        import h5py

        for split, (ids, examples) in splits.items():
            split = "held_out" if split == "heldout" else split
            with h5py.File(os.path.join(folder, prefix + "_" + split + ".h5"), "w") as file:
                group = file.create_group("examples")
                shared = []
                for client_id, values in zip(ids(), examples()):
                    shared.append(group.create_group(client_id))
                    for field, value in values.items():
                        # Texts are lists.
                        kind = h5py.special_dtype(vlen=bytes) if isinstance(value, list) else None
                        shared[-1].create_dataset(field, data=value, dtype=kind)
                for number, client_id in enumerate(ids()):
                    if number >= len(shared):
                        group[client_id] = shared[number % len(shared)]

    return write


def _sqlite(splits):
    """A maker of a database of examples by split and client."""

    def write(folder, name):
        import sqlite3

        connection = sqlite3.connect(os.path.join(folder, name[: -len(".lzma")]))
        connection.executescript(
            "CREATE TABLE client_metadata"
            " (client_id TEXT, split_name TEXT, num_examples INTEGER, shared INTEGER);"
            "CREATE TABLE shared (split_name TEXT, client INTEGER, example BLOB);"
            "CREATE VIEW examples AS SELECT c.split_name AS split_name, c.client_id AS client_id,"
            " s.example AS serialized_example_proto FROM client_metadata c JOIN shared s"
            " ON s.split_name = c.split_name AND s.client = c.shared;"
            "CREATE INDEX of_client ON client_metadata (client_id, split_name);"
            "CREATE INDEX of_shared ON shared (split_name, client);"
        )
        for split, (ids, examples) in splits.items():
            counts = []
            for number, values in enumerate(examples()):
                protos = list(_protos(values))
                counts.append(len(protos))
                connection.executemany(
                    "INSERT INTO shared VALUES (?, ?, ?)",
                    [(split, number, proto) for proto in protos],
                )
            connection.executemany(
                "INSERT INTO client_metadata VALUES (?, ?, ?, ?)",
                [
                    (client_id, split, counts[number % len(counts)], number % len(counts))
                    for number, client_id in enumerate(ids())
                ],
            )
        connection.commit()
        connection.close()

    return write


def _protos(examples):
    """The examples of a client, as serialized `tf.train.Example`."""
    import numpy as np
    from tensorflow import train

    for number in range(len(next(iter(examples.values())))):
        features = {}
        for field, values in examples.items():
            value = values[number]
            if isinstance(value, bytes):
                feature = train.Feature(bytes_list=train.BytesList(value=[value]))
            elif np.issubdtype(np.asarray(value).dtype, np.floating):
                floats = train.FloatList(value=np.ravel(value).tolist())
                feature = train.Feature(float_list=floats)
            else:
                integers = train.Int64List(value=np.ravel(value).tolist())
                feature = train.Feature(int64_list=integers)
            features[field] = feature
        yield train.Example(features=train.Features(feature=features)).SerializeToString()


# --- Other files ----------------------------------------------------------------------------------


def _word_counts(folder, name):
    with open(os.path.join(folder, "stackoverflow.word_count"), "w") as file:
        for number, word in enumerate(_words(20000)):
            file.write(f"{word} {1000000 // (number + 1) + 1}\n")


def _tag_counts(folder, name):
    with open(os.path.join(folder, "stackoverflow.tag_count"), "w") as file:
        json.dump({_tag(number): 500000 // (number + 1) for number in range(1000)}, file)


def _mnist(folder, name):
    """Keras' MNIST in its real size: digits, bright on dark."""
    import numpy as np

    images = (_strokes("character", 10, 28) * 255).astype(np.uint8)
    arrays = {}
    for split, count in (("train", 60000), ("test", 10000)):
        random = _random("mnist", split)
        labels = random.randint(10, size=count).astype(np.uint8)
        arrays["x_" + split] = images[labels, random.randint(_IMAGES_OF_A_CLASS, size=count)]
        arrays["y_" + split] = labels
    np.savez(os.path.join(folder, name), **arrays)


_GENRES = (
    "Action Adventure Animation Comedy Crime Documentary Drama Fantasy Horror Musical Mystery "
    "Romance Sci-Fi Thriller War Western"
).split()


def _movielens(folder, name):
    """The files of MovieLens 1M: its users and movies, and about thirty ratings of each user."""
    import zipfile

    movies, users = 3883, 6040
    random = _random("movielens")
    with zipfile.ZipFile(os.path.join(folder, name), "w", zipfile.ZIP_DEFLATED) as archive:
        lines = []
        for movie in range(1, movies + 1):
            genres = sorted({_GENRES[n] for n in random.randint(len(_GENRES), size=2)})
            lines.append(f"{movie}::Film {movie} ({1950 + movie % 50})::{'|'.join(genres)}")
        archive.writestr("ml-1m/movies.dat", "\n".join(lines) + "\n")
        lines = []
        for user in range(1, users + 1):
            # Each movie is rated by somebody.
            rated = {(user * 31 + n) % movies + 1 for n in range(10)}
            rated.update(int(n) + 1 for n in random.randint(movies, size=20 + user % 5))
            for movie in sorted(rated):
                rating = 1 + (movie + user + random.randint(3)) % 5
                lines.append(f"{user}::{movie}::{rating}::{978300000 + movie}")
        archive.writestr("ml-1m/ratings.dat", "\n".join(lines) + "\n")
        lines = [
            f"{user}::{'FM'[user % 2]}::25::{user % 21}::{user:05d}" for user in range(1, users + 1)
        ]
        archive.writestr("ml-1m/users.dat", "\n".join(lines) + "\n")


_VOCABULARY, _EMBEDDING, _UNITS = 86, 256, 1024


def _text_model(batch):
    """A maker of the model for text of the tutorials, untrained, as Keras saves it in HDF5."""

    def write(folder, name):
        import h5py
        import numpy as np

        random = _random("text model")

        def weights(*shape):
            return random.uniform(-0.05, 0.05, shape).astype(np.float32)

        layers = {
            "embedding": {"embeddings": weights(_VOCABULARY, _EMBEDDING)},
            "gru": {
                "kernel": weights(_EMBEDDING, 3 * _UNITS),
                "recurrent_kernel": weights(_UNITS, 3 * _UNITS),
                "bias": np.zeros(3 * _UNITS, np.float32),
            },
            "dense": {
                "kernel": weights(_UNITS, _VOCABULARY),
                "bias": np.zeros(_VOCABULARY, np.float32),
            },
        }
        with h5py.File(os.path.join(folder, name), "w") as file:
            file.attrs["keras_version"] = b"2.2.4-tf"
            file.attrs["backend"] = b"tensorflow"
            file.attrs["model_config"] = json.dumps(_text_model_config(batch)).encode()
            group = file.create_group("model_weights")
            group.attrs["layer_names"] = [layer.encode() for layer in layers]
            group.attrs["backend"] = b"tensorflow"
            group.attrs["keras_version"] = b"2.2.4-tf"
            for layer, values in layers.items():
                own = group.create_group(layer)
                own.attrs["weight_names"] = [f"{layer}/{each}:0".encode() for each in values]
                for each, value in values.items():
                    own.create_dataset(f"{layer}/{each}:0", data=value)

    return write


def _text_model_config(batch):
    def layer(kind, **config):
        named = {"name": kind.lower(), "trainable": True, "dtype": "float32"}
        return {"class_name": kind, "config": {**named, **config}}

    embedding = layer(
        "Embedding",
        batch_input_shape=[batch, None],
        input_dim=_VOCABULARY,
        output_dim=_EMBEDDING,
        mask_zero=False,
        input_length=None,
    )
    recurrent = layer(
        "GRU",
        units=_UNITS,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        return_sequences=True,
        return_state=False,
        go_backwards=False,
        stateful=True,
        unroll=False,
        reset_after=False,
    )
    dense = layer("Dense", units=_VOCABULARY, activation="linear", use_bias=True)
    layers = [embedding, recurrent, dense]
    return {"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}}


_MAKERS = {
    "fed_emnist_digitsonly.tar.bz2": _hdf5("fed_emnist_digitsonly", _DIGITS),
    "fed_emnist.tar.bz2": _hdf5("fed_emnist", _LETTERS),
    "shakespeare.tar.bz2": _hdf5("shakespeare", _SHAKESPEARE),
    "stackoverflow.tar.bz2": _hdf5("stackoverflow", _STACK_OVERFLOW),
    "fed_cifar100.tar.bz2": _hdf5("fed_cifar100", _CIFAR),
    "emnist_all.sqlite.lzma": _sqlite(
        {
            **{"digits_only_" + split: made for split, made in _DIGITS.items()},
            **{"all_" + split: made for split, made in _LETTERS.items()},
        }
    ),
    "shakespeare.sqlite.lzma": _sqlite(_SHAKESPEARE),
    "stackoverflow.sqlite.lzma": _sqlite(_STACK_OVERFLOW),
    "cifar100.sqlite.lzma": _sqlite(_CIFAR),
    "stackoverflow.word_count.tar.bz2": _word_counts,
    "stackoverflow.tag_count.tar.bz2": _tag_counts,
    "mnist.npz": _mnist,
    "ml-1m.zip": _movielens,
    "dickens_rnn.batch1.kerasmodel": _text_model(1),
    "dickens_rnn.batch8.kerasmodel": _text_model(8),
}
