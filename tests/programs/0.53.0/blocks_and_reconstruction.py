"""Building blocks of 0.53, JAX code, data sources of one's own and outputs of reconstruction."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

framework = tff.framework
reconstruction = tff.learning.reconstruction


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.jax_computation(np.float32, (np.float32, [3]))
def scaled(factor, x):
  return factor * x


# No runtime for a CPU ran JAX code then.
@tff.jax_computation(np.float32, np.float32)
def added(a, b):
  return collections.OrderedDict(sum=a + b, first=a)


def describe(block):
  return [type(block).__name__, str(block), str(block.type_signature)]


def error(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


x = framework.Reference('x', tf.int32)
pair = framework.Struct([('a', x), x])
compiled = add_one.to_compiled_building_block()
named = framework.CompiledComputation(compiled.proto, name='add', type_signature=compiled.type_signature)
call = framework.Call(named, x)
selected = framework.Selection(pair, name='a')
second = framework.Selection(pair, index=1)
block = framework.Block([('y', call), ('z', pair)], framework.Reference('y', tf.int32))
placement = framework.Placement(tff.CLIENTS)
intrinsic = framework.Intrinsic('federated_sum', tff.FunctionType(
    tff.type_at_clients(tf.int32), tff.type_at_server(tf.int32)))
made = framework.ConcreteComputation.from_building_block(framework.Lambda('x', tf.int32, block))
blocks = (selected, second, block, placement, intrinsic, named)


class Counts(tff.program.FederatedDataSource):
  """Numbers that count the selections."""

  federated_type = tff.type_at_clients(tf.int32)
  capabilities = [tff.program.Capability.RANDOM_UNIFORM]

  def iterator(self):
    return CountsIterator(0)


class CountsIterator(tff.program.FederatedDataSourceIterator):

  federated_type = tff.type_at_clients(tf.int32)

  def __init__(self, selected):
    self.selected = selected

  @classmethod
  def from_bytes(cls, data):
    return cls(int(data.decode()))

  def to_bytes(self):
    return str(self.selected).encode()

  def select(self, num_clients=None):
    self.selected += 1
    return [self.selected] * num_clients


@tff.federated_computation(Counts.federated_type)
def total(values):
  return tff.federated_sum(values)


iterator = Counts().iterator()
selections = [iterator.select(2), iterator.select(3)]
restored = CountsIterator.from_bytes(iterator.to_bytes())
output = reconstruction.BatchOutput(predictions=tf.constant([[1.0]]), labels=[2.0], num_examples=3)
client = reconstruction.ClientOutput([1.0], client_weight=2.0, model_output={'loss': 3.0})
print(json.dumps({
    'blocks': [describe(each) for each in blocks],
    'kinds': [[each.is_block(), each.is_selection(), each.is_placement(), each.is_intrinsic(),
               each.is_compiled_computation()] for each in blocks],
    'checks': [[error(each.check_block), error(each.check_selection), error(each.check_intrinsic)]
               for each in blocks],
    'parts': [selected.name, second.index, placement.uri, intrinsic.uri,
              [name for name, _ in block.locals], str(block.result)],
    'made': [str(made.type_signature), int(made(3))],
    'errors': [
        error(framework.Selection, pair), error(framework.Selection, pair, name='b'),
        error(framework.Selection, pair, index=2), error(framework.Selection, x, index=0),
        error(framework.Block, [('y', 3)], x), error(framework.Placement, 'clients'),
        error(framework.Intrinsic, 'no_such', intrinsic.type_signature),
        error(framework.CompiledComputation, 'text')],
    'jax': [str(scaled.type_signature), str(added.type_signature)],
    'selected': [int(total(each)) for each in selections + [restored.select(1)]],
    'is iterator': isinstance(iterator, tff.program.FederatedDataSourceIterator),
    'abstract': error(tff.program.FederatedDataSourceIterator),
    'output': [float(output.predictions[0][0]), output.labels, output.num_examples],
    'client': [client.weights_delta, client.client_weight, client.model_output],
    'equal': output == reconstruction.BatchOutput(output.predictions, [2.0], 3),
}))
