"""Errors of executors in 0.48, contexts of factories, and sequences that are reduced."""
import json

import grpc
import tensorflow as tf
import tensorflow_federated as tff

errors = tff.framework.executors_errors


class Call(grpc.RpcError, grpc.Call):
  """A call that failed."""

  def __init__(self, code):
    self._code = code

  def code(self):
    return self._code

  def details(self):
    return 'details of ' + self._code.name

  def initial_metadata(self):
    return (('a', 'b'),)

  def trailing_metadata(self):
    return ()

  def is_active(self):
    return False

  def time_remaining(self):
    return None

  def cancel(self):
    return False

  def add_callback(self, callback):
    return False


class Status:

  def __init__(self, code):
    self._code = code

  def code_int(self):
    return self._code


class StatusNotOk(Exception):

  def __init__(self, code):
    super().__init__()
    self.status = Status(code)


try:
  raise errors.RetryableGRPCError(Call(grpc.StatusCode.UNAVAILABLE))
except errors.RetryableError as e:
  caught = [e.code().name, e.details(), [list(each) for each in e.initial_metadata()],
            isinstance(e, grpc.RpcError)]
try:
  raise errors.RetryableAbslStatusError('again')
except errors.RetryableError as e:
  absl_caught = [type(e).__name__, str(e)]


@tff.tf_computation(tf.float32, tf.int32)
def add(total, x):
  return total + tf.cast(x, tf.float32)


@tff.federated_computation(tff.SequenceType(tf.int32), tf.float32)
def reduced(values, start):
  return tff.sequence_reduce(values, start, add)


@tff.federated_computation(tff.type_at_clients(tf.int32))
def total(x):
  return tff.federated_sum(x)


@tff.federated_computation
def number_of_clients():
  return tff.federated_sum(tff.federated_value(1, tff.CLIENTS))


def outcome(function, *args):
  try:
    return float(function(*args))
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


context = tff.framework.SyncExecutionContext(
    executor_fn=tff.framework.local_executor_factory(
        default_num_clients=3, support_sequence_ops=True),
    compiler_fn=tff.backends.native.transform_to_native_form)
with tff.framework.get_context_stack().install(context):
  results = [outcome(total, [1, 2]), outcome(number_of_clients), outcome(reduced, [1, 2, 3], 0.5)]


def two_clients(value, type_spec):
  return {tff.CLIENTS: 2}


counting = tff.framework.SyncExecutionContext(
    tff.framework.local_executor_factory(), tff.backends.native.transform_to_native_form,
    cardinality_inference_fn=two_clients)
with tff.framework.get_context_stack().install(counting):
  counted = [outcome(number_of_clients), outcome(total, [1, 2])]

native = tff.backends.native
mergeable = tff.framework.MergeableCompExecutionContext(
    [native.create_async_local_cpp_execution_context(default_num_clients=n) for n in (1, 2)],
    compiler_fn=native.compile_to_mergeable_comp_form, num_subrounds=2)
with tff.framework.get_context_stack().install(mergeable):
  merged = [outcome(total, [1, 2, 3, 4]), outcome(total, [5])]

is_retryable = errors.is_absl_status_retryable_error
print(json.dumps({
    'caught': caught,
    'absl caught': absl_caught,
    'codes': [sorted(errors.get_absl_status_retryable_error_codes()),
              sorted(code.name for code in errors.get_grpc_retryable_error_codes())],
    'retryable': [is_retryable(StatusNotOk(14)), is_retryable(StatusNotOk(9)),
                  is_retryable(StatusNotOk(5)), is_retryable(ValueError()),
                  is_retryable(error=StatusNotOk(14))],
    'results': results,
    'counted': counted,
    'merged': merged,
    'types': [str(each.type_signature) for each in (reduced, total)],
}))
