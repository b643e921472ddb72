"""Client data by the internal classes that research code of 0.19 imports."""
import json

import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_federated.python.simulation.datasets.client_data import ConcreteClientData
from tensorflow_federated.python.simulation.datasets.client_data import PreprocessClientData


def create_dataset(client_id):
  return tf.data.Dataset.range(len(client_id))


def double(dataset):
  return dataset.map(lambda x: x * 2)


concrete = ConcreteClientData(['a', 'bb', 'ccc'], create_dataset)
processed = PreprocessClientData(concrete, double)


def examples(source):
  return {client: [int(x) for x in source.create_tf_dataset_for_client(client)]
          for client in source.client_ids}


def outcome(fn, *args):
  try:
    return type(fn(*args)).__name__
  except (TypeError, ValueError) as e:
    return type(e).__name__


print(json.dumps({
    'concrete': examples(concrete),
    'processed': examples(processed),
    'kinds': [isinstance(each, tff.simulation.datasets.ClientData) for each in (concrete, processed)],
    'types': [str(each.element_type_structure) for each in (concrete, processed)],
    'errors': [
        outcome(ConcreteClientData, ['a'], 3),
        outcome(ConcreteClientData, [], create_dataset),
        outcome(PreprocessClientData, concrete, 3),
    ],
}))
