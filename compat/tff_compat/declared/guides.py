"""What people ask about symbols that no signature answers: tasks, and code for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Guide:
    """How something is done today.

    Attributes:
      task: What is done, to be read after "How to".
      symbols: The last parts of the paths of symbols, in any release, that are about it.
      code: A program for the primary release, without tff-compat.
    """

    task: str
    symbols: Collection[str]
    code: str


_CLIENT_DATA = (
    "ClientData",
    "ClientData.from_clients_and_fn",
    "ClientData.from_clients_and_tf_fn",
    "FilePerUserClientData",
    "TestClientData",
    "FromTensorSlicesClientData",
)

GUIDES = (
    Guide(
        "make clients from a data frame, or one CSV file with a column that names the client",
        _CLIENT_DATA,
        """\
import collections
import pandas as pd
import tensorflow_federated as tff

table = pd.read_csv("examples.csv")  # client,x1,x2,label
clients = tff.simulation.datasets.TestClientData({
    str(client): collections.OrderedDict(
        x=rows[["x1", "x2"]].to_numpy("float32"), y=rows[["label"]].to_numpy("int32")
    )
    for client, rows in table.groupby("client")
})
data = [clients.create_tf_dataset_for_client(c).batch(20) for c in clients.client_ids]
""",
    ),
    Guide(
        "make clients from a CSV file for each, read only when a client is drawn",
        _CLIENT_DATA,
        """\
import collections
import pathlib
import tensorflow as tf
import tensorflow_federated as tff

def rows_of(client_id):
    file = tf.strings.join(["clients/", client_id, ".csv"])  # x1,x2,label
    rows = tf.data.experimental.CsvDataset(file, [tf.float32, tf.float32, tf.int32], header=True)
    return rows.map(lambda x1, x2, label: collections.OrderedDict(x=tf.stack([x1, x2]), y=[label]))

names = sorted(file.stem for file in pathlib.Path("clients").glob("*.csv"))
clients = tff.simulation.datasets.ClientData.from_clients_and_tf_fn(names, rows_of)
data = [clients.create_tf_dataset_for_client(c).batch(20) for c in clients.client_ids]
""",
    ),
)


def guides(path: str) -> tuple[Guide, ...]:
    """The guides to what a symbol is about, such as "tff.simulation.ClientData"."""
    return tuple(
        guide
        for guide in GUIDES
        if path.startswith("tff.simulation.")
        and any(path.endswith(f".{symbol}") for symbol in guide.symbols)
    )
