"""Processes in the forms that systems for MapReduce run: their pieces as of each release."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters import registry
from tff_compat.adapters.framework import blocks
from tff_compat.adapters.language import dated_types, structures
from tff_compat.adapters.registry import AsOf, adapter, move
from tff_compat.catalog.boundaries import (
    FIRST_WITH_ASSIGNABLE_FORMS,
    FIRST_WITH_RIGHT_SUMMARY,
    FIRST_WITH_THREE_SECURE_SUMS,
    FIRST_WITH_WIDE_SUMMARY,
    FIRST_WITHOUT_CLIENT_OUTPUT,
)

tff = modern.package()

_GRAPPLER_DEFAULT_CONFIG = tf.compat.v1.ConfigProto()
"""What is given changes these options of the installed TFF's own."""

_FIRST_WITHOUT_PROCESSES = Version("0.34")

_SECURE_SUMS = ("secure_sum_bitwidth", "secure_sum_max_input", "secure_modular_sum_modulus")


# --- The pieces -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layout:
    """How the results of a form's pieces are laid out.

    Attributes:
      parts: The names of the pieces, in the order of the constructor.
      secure: The names of those that parametrize secure sums.
      nested: Whether what clients give to sums stands beside what they put out.
    """

    parts: tuple[str, ...]
    secure: tuple[str, ...] = ()
    nested: bool = False

    def split(self, worked: Any) -> tuple[Any, list[Any], Any]:
        """What a client gives to the aggregation, to each secure sum, and puts out, or None."""
        if self.nested:
            sums, output = worked[0], worked[1]
            if not self.secure:
                return sums, [], output
            return sums[0], [sums[1]], output
        return worked[0], [worked[1 + index] for index in range(len(self.secure))], None


def _layout(release: Version, parts: tuple[str, ...]) -> _Layout:
    secure = tuple(each for each in parts if each == "bitwidth" or each in _SECURE_SUMS)
    return _Layout(parts, secure, release < FIRST_WITHOUT_CLIENT_OUTPUT)


_BEFORE = ("initialize", "prepare", "work", "zero", "accumulate", "merge", "report")
_PLAIN = (*_BEFORE, "update")
_WITH_BITWIDTH = (*_BEFORE, "bitwidth", "update")
_WITH_SUMS = (*_BEFORE, *_SECURE_SUMS, "update")


def _has_tensors(type_spec: Any) -> bool:
    return bool(tff.types.contains(type_spec, lambda each: isinstance(each, tff.TensorType)))


def _empty(type_spec: Any) -> Any:
    """The value of a type without tensors."""
    return tff.structure.Struct(
        [(name, _empty(each)) for name, each in tff.structure.iter_elements(type_spec)]
    )


def _struct(*values: Any) -> Any:
    """A structure without names, which TensorFlow code of TFF takes in another one."""
    return tff.structure.Struct([(None, each) for each in values])


def _tensorflow(function: Callable[[Any], Any], *parameters: Any) -> Any:
    """A computation of TensorFlow code that takes a structure without names."""
    return tff.tensorflow.computation(function, tff.StructType(list(parameters)))


def _signature(computation: Any) -> Any:
    """The type of a computation of any release."""
    return computation.type_signature


# --- The forms ------------------------------------------------------------------------------------


def _part(name: str) -> property:
    return property(lambda self: self._parts[name], doc=f"The piece `{name}`.")


class _Form:
    """A process as its pieces, each a computation of TensorFlow code."""

    initialize = _part("initialize")
    prepare = _part("prepare")
    work = _part("work")
    zero = _part("zero")
    accumulate = _part("accumulate")
    merge = _part("merge")
    report = _part("report")
    update = _part("update")

    as_of: AsOf
    _parts: Mapping[str, Any]
    _layout: _Layout
    _labels: tuple[str | None, str | None] = (None, None)

    def _set(
        self, parts: Mapping[str, Any], labels: tuple[str | None, str | None] = (None, None)
    ) -> None:
        """Checks the pieces and keeps them.

        Raises:
          TypeError: A piece is no computation of TensorFlow code, or does not fit another one.
        """
        self._parts = dict(parts)
        self._layout = _layout(self.as_of.release, tuple(parts))
        for label in labels:
            if not isinstance(label, (str, type(None))):
                raise TypeError(f"Expected a label to be a string, found {type(label).__name__}.")
        self._labels = labels
        for name, part in parts.items():
            _check_tensorflow(name, part)
        self._check()

    def _check(self) -> None:
        state = _signature(self.initialize).result
        _check_takes("prepare", self.prepare, state, "`initialize` gives")
        _check_pair("parameter of `work`", _signature(self.work).parameter)
        _check_fits(
            "the second parameter of `work`",
            _signature(self.work).parameter[1],
            _signature(self.prepare).result,
            "`prepare` gives",
        )
        count = 2 if self._layout.nested else 1 + len(self._layout.secure)
        _check_struct("result of `work`", _signature(self.work).result, count)
        given, secure, _ = self._layout.split(_signature(self.work).result)
        self._check_reduces("accumulate", 0, _signature(self.zero).result)
        _check_fits(
            "the second parameter of `accumulate`",
            _signature(self.accumulate).parameter[1],
            given,
            "`work` gives",
        )
        accumulated = _signature(self.accumulate).result
        self._check_reduces("accumulate", 0, accumulated)
        self._check_reduces("merge", 0, accumulated)
        self._check_reduces("merge", 1, accumulated)
        self._check_reduces("merge", 0, _signature(self.merge).result)
        self._check_reduces("report", None, _signature(self.merge).result)
        result = _signature(self.report).result
        sums = tff.StructType([result, *secure]) if self._layout.secure else result
        pair = tff.StructType([state, sums])
        _check_takes("update", self.update, pair, "the other pieces give")
        _check_pair("result of `update`", _signature(self.update).result)
        _check_fits(
            "the state that `prepare` takes",
            _signature(self.prepare).parameter,
            _signature(self.update).result[0],
            "`update` gives",
        )

    def _check_reduces(self, name: str, index: int | None, given: Any) -> None:
        """Checks that a piece takes an accumulator, with the error of the release."""
        wanted = _signature(self._parts[name]).parameter
        if index is not None:
            _check_pair(f"parameter of `{name}`", wanted)
            wanted = wanted[index]
        if self.as_of.release >= FIRST_WITH_ASSIGNABLE_FORMS:
            wanted.check_assignable_from(given)
        else:
            _check_fits(f"what `{name}` takes", wanted, given, "is an accumulator")

    def summary(self, print_fn=print):
        """Prints the type of each piece.

        Args:
          print_fn: What is called with each line.
        """
        release = self.as_of.release
        width = 26 if release >= FIRST_WITH_WIDE_SUMMARY else 10
        for name, part in self._parts.items():
            if name == "update" and release < FIRST_WITH_RIGHT_SUMMARY:
                # As these releases had it.
                part = self.initialize
            printed = dated_types.dated(_signature(part), release)
            print_fn(f"{name:<{width}}: {printed}")


def _check_tensorflow(name: str, part: Any) -> None:
    if not isinstance(part, tff.Computation):
        raise TypeError(f"Expected `{name}` to be a tff.Computation, found {type(part).__name__}.")
    kind = tff.framework.ConcreteComputation.get_proto(part).WhichOneof("computation")
    if kind != "tensorflow":
        raise TypeError(f"Expected `{name}` to be TensorFlow code, found a computation of {kind}.")


def _check_struct(what: str, found: Any, length: int) -> None:
    if not isinstance(found, tff.StructType) or len(found) != length:
        raise TypeError(f"Expected the {what} to have {length} elements, found {found}.")


def _check_pair(what: str, found: Any) -> None:
    _check_struct(what, found, 2)


def _check_takes(name: str, part: Any, given: Any, by: str) -> None:
    _check_fits(f"the parameter of `{name}`", _signature(part).parameter, given, by)


def _check_fits(what: str, wanted: Any, given: Any, by: str) -> None:
    if wanted is None or not wanted.is_assignable_from(given):
        raise TypeError(f"Expected {what} to fit {given}, which {by}; found {wanted}.")


_PIECES = (
    "`tff.backends.mapreduce.MapReduceForm` takes the type of the computation first, no "
    "`initialize`, and a parameter for each of three secure sums."
)


@adapter(
    "tff.backends.mapreduce.CanonicalForm",
    releases=">=0.9,<0.12",
    note=_PIECES,
)
class CanonicalForm_0_9(_Form):
    """A process as pieces of TensorFlow code, as of TFF 0.9 to 0.11.

    Args:
      initialize: ``( -> S)``, the state before the first round.
      prepare: ``(S -> C)``, what the server sends to the clients.
      work: ``(<D,C> -> <U,Y>)``, from a client's data to its update and its own output.
      zero: ``( -> A)``, an empty accumulator.
      accumulate: ``(<A,U> -> A)``.
      merge: ``(<A,A> -> A)``.
      report: ``(A -> R)``.
      update: ``(<S,R> -> <S,X>)``, to the new state and the output of the round.

    Raises:
      TypeError: A piece is no computation of TensorFlow code, or does not fit another one.
    """

    as_of: AsOf

    def __init__(self, initialize, prepare, work, zero, accumulate, merge, report, update):
        given = {name: value for name, value in locals().items() if name in _PLAIN}
        self.as_of.warn(given)
        self._set({name: given[name] for name in _PLAIN})


@adapter(
    "tff.backends.mapreduce.CanonicalForm",
    releases=">=0.12,<0.17",
    note=_PIECES,
)
class CanonicalForm_0_12(_Form):
    """A process as pieces of TensorFlow code with a secure sum, as of TFF 0.12 to 0.16.

    Args:
      initialize: ``( -> S)``, the state before the first round.
      prepare: ``(S -> C)``, what the server sends to the clients.
      work: ``(<D,C> -> <<U,V>,Y>)`` up to 0.14, ``(<D,C> -> <U,V>)`` since; V is summed securely.
      zero: ``( -> A)``, an empty accumulator.
      accumulate: ``(<A,U> -> A)``.
      merge: ``(<A,A> -> A)``.
      report: ``(A -> R)``.
      bitwidth: ``( -> B)``, the bits of each number in V.
      update: ``(<S,<R,V>> -> <S,X>)``, to the new state and the output of the round.

    Raises:
      TypeError: A piece is no computation of TensorFlow code, or does not fit another one.
    """

    as_of: AsOf
    bitwidth = _part("bitwidth")

    def __init__(
        self, initialize, prepare, work, zero, accumulate, merge, report, bitwidth, update
    ):
        given = {name: value for name, value in locals().items() if name in _WITH_BITWIDTH}
        self.as_of.warn(given)
        self._set({name: given[name] for name in _WITH_BITWIDTH})


class _Labelled(_Form):
    """A form whose process names its parameters."""

    @property
    def server_state_label(self):
        """The name of the state among the parameters of `next`, or None."""
        return self._labels[0]

    @property
    def client_data_label(self):
        """The name of the data among the parameters of `next`, or None."""
        return self._labels[1]

    @property
    def securely_aggregates_tensors(self) -> bool:
        """Whether a secure sum has something to sum."""
        _, secure, _ = self._layout.split(_signature(self.work).result)
        return any(_has_tensors(each) for each in secure)


@adapter(
    "tff.backends.mapreduce.MapReduceForm",
    releases=">=0.19,<0.20",
    note=_PIECES,
)
@adapter(
    "tff.backends.mapreduce.CanonicalForm",
    releases=">=0.17,<0.19",
    note=_PIECES,
)
class CanonicalForm_0_17(_Labelled):
    """A process as pieces of TensorFlow code with a secure sum, as of TFF 0.17 to 0.19.

    Args:
      initialize: ``( -> S)``, the state before the first round.
      prepare: ``(S -> C)``, what the server sends to the clients.
      work: ``(<D,C> -> <U,V>)``; V is summed securely.
      zero: ``( -> A)``, an empty accumulator.
      accumulate: ``(<A,U> -> A)``.
      merge: ``(<A,A> -> A)``.
      report: ``(A -> R)``.
      bitwidth: ``( -> B)``, the bits of each number in V.
      update: ``(<S,<R,V>> -> <S,X>)``, to the new state and the output of the round.
      server_state_label: The name of the state among the parameters of the process.
      client_data_label: The name of the data among them.

    Raises:
      TypeError: A piece is no computation of TensorFlow code, or does not fit another one.
    """

    as_of: AsOf
    bitwidth = _part("bitwidth")

    def __init__(
        self,
        initialize,
        prepare,
        work,
        zero,
        accumulate,
        merge,
        report,
        bitwidth,
        update,
        server_state_label=None,
        client_data_label=None,
    ):
        given = {name: value for name, value in locals().items() if name in _WITH_BITWIDTH}
        self.as_of.warn(given)
        labels = (server_state_label, client_data_label)
        self._set({name: given[name] for name in _WITH_BITWIDTH}, labels)


@adapter(
    "tff.backends.mapreduce.MapReduceForm",
    releases=">=0.20,<0.34",
    note=_PIECES,
    changed=(FIRST_WITH_WIDE_SUMMARY,),
)
class MapReduceForm_0_20(_Labelled):
    """A process as pieces of TensorFlow code with three secure sums, as of TFF 0.20 to 0.33.

    Args:
      initialize: ``( -> S)``, the state before the first round.
      prepare: ``(S -> C)``, what the server sends to the clients.
      work: ``(<D,C> -> <U,V1,V2,V3>)``; all V are summed securely.
      zero: ``( -> A)``, an empty accumulator.
      accumulate: ``(<A,U> -> A)``.
      merge: ``(<A,A> -> A)``.
      report: ``(A -> R)``.
      secure_sum_bitwidth: ``( -> B)``, the bits of each number in V1.
      secure_sum_max_input: ``( -> M)``, the largest number in V2.
      secure_modular_sum_modulus: ``( -> N)``, the modulus of the sums of V3.
      update: ``(<S,<R,V1,V2,V3>> -> <S,X>)``, to the new state and the output of the round.
      server_state_label: The name of the state among the parameters of the process.
      client_data_label: The name of the data among them.

    Raises:
      TypeError: A piece is no computation of TensorFlow code, or does not fit another one.
    """

    as_of: AsOf
    secure_sum_bitwidth = _part("secure_sum_bitwidth")
    secure_sum_max_input = _part("secure_sum_max_input")
    secure_modular_sum_modulus = _part("secure_modular_sum_modulus")

    def __init__(
        self,
        initialize,
        prepare,
        work,
        zero,
        accumulate,
        merge,
        report,
        secure_sum_bitwidth,
        secure_sum_max_input,
        secure_modular_sum_modulus,
        update,
        server_state_label=None,
        client_data_label=None,
    ):
        given = {name: value for name, value in locals().items() if name in _WITH_SUMS}
        self.as_of.warn(given)
        labels = (server_state_label, client_data_label)
        self._set({name: given[name] for name in _WITH_SUMS}, labels)


# --- From processes to forms ----------------------------------------------------------------------


def _extracted(process: Any, config: Any, preprocessing: Any = None) -> Mapping[str, Any]:
    """The pieces of a process whose rounds give a state and an output, as the installed TFF has it.

    Raises:
      TypeError: The process has another type.
    """
    mapreduce = tff.backends.mapreduce
    if installation.version() < _FIRST_WITHOUT_PROCESSES:
        found = installation.package().backends.mapreduce
        more = {} if preprocessing is None else {"tff_internal_preprocessing": preprocessing}
        made = found.get_map_reduce_form_for_iterative_process(process, config, **more)
        return {name: getattr(made, name) for name in _WITH_SUMS}
    initialize = process.initialize
    if preprocessing is not None:
        tree = preprocessing(initialize.to_building_block())
        initialize = tff.framework.ConcreteComputation.from_building_block(tree)
    made = mapreduce.get_map_reduce_form_for_computation(
        process.next, config, tff_internal_preprocessing=preprocessing
    )
    pieces = {name: getattr(made, name) for name in _WITH_SUMS if name != "initialize"}
    return {
        "initialize": mapreduce.get_state_initialization_computation(initialize, config),
        **pieces,
    }


def _of_blocks(function: Any, release: Version) -> Any:
    """A function of building blocks, which gets them with the members that they had; or None."""
    if function is None:
        return None
    return lambda block: function(blocks.with_members(block, release))


def _check_process(process: Any) -> None:
    if not isinstance(process, tff.templates.IterativeProcess):
        raise TypeError(
            f"Expected a tff.templates.IterativeProcess, found {type(process).__name__}."
        )
    parameter = process.next.type_signature.parameter
    if not isinstance(parameter, tff.StructType) or len(parameter) != 2:
        raise TypeError(f"Expected `next` to take a state and data, found {parameter}.")


def _as_of_0_19(pieces: Mapping[str, Any]) -> dict[str, Any]:
    """The pieces of a form with one secure sum, from those with three.

    Raises:
      ValueError: They sum securely in a way that the form does not know.
    """
    work, update = pieces["work"], pieces["update"]
    result = _signature(work).result
    if any(_has_tensors(result[index]) for index in (2, 3)):
        raise ValueError(
            "The process sums securely by a largest input or a modulus, which forms of TFF up to "
            "0.19 do not have."
        )
    state, (aggregate, summed, *rest) = _signature(update).parameter
    made = dict(pieces)
    for name in _SECURE_SUMS:
        del made[name]
    made["bitwidth"] = pieces["secure_sum_bitwidth"]

    def two_of(arg: Any) -> Any:
        worked = work(arg[0], arg[1])
        return worked[0], worked[1]

    def whole(arg: Any) -> Any:
        return update(arg[0], _struct(*arg[1], *(_empty(each) for each in rest)))

    made["work"] = _tensorflow(two_of, *_signature(work).parameter)
    made["update"] = _tensorflow(whole, state, tff.StructType([aggregate, summed]))
    return {name: made[name] for name in _WITH_BITWIDTH}


def _with_output(pieces: Mapping[str, Any], outputs: Any) -> dict[str, Any]:
    """The pieces of a form up to 0.14 with what clients put out, from those of 0.15 to 0.19.

    Args:
      pieces: The pieces.
      outputs: What clients put out, as a `tff.backends.mapreduce.BroadcastForm`; None for nothing.
    """
    prepare, work = pieces["prepare"], pieces["work"]
    data, context = _signature(work).parameter
    made = dict(pieces)
    if outputs is None:
        made["work"] = _tensorflow(lambda arg: (work(arg[0], arg[1]), ()), data, context)
        return made
    prepare_output, put_out = outputs.compute_server_context, outputs.client_processing
    made["prepare"] = tff.tensorflow.computation(
        lambda state: (prepare(state), prepare_output(state)), _signature(prepare).parameter
    )
    made["work"] = _tensorflow(
        lambda arg: (work(arg[0], arg[1][0]), put_out(arg[1][1], arg[0])),
        data,
        _signature(made["prepare"]).result,
    )
    return made


def _without_sums(pieces: Mapping[str, Any]) -> dict[str, Any]:
    """The pieces of a form of 0.9 to 0.11, from those of 0.12 to 0.14.

    Raises:
      ValueError: They sum securely.
    """
    work, update = pieces["work"], pieces["update"]
    summed = _signature(work).result[0][1]
    if _has_tensors(summed):
        raise ValueError("The process sums securely, which forms of TFF up to 0.11 do not have.")
    state, (aggregate, _) = _signature(update).parameter
    made = dict(pieces)

    def one_of(arg: Any) -> Any:
        sums, output = work(arg[0], arg[1])
        return sums[0], output

    made["work"] = _tensorflow(one_of, *_signature(work).parameter)
    made["update"] = _tensorflow(
        lambda arg: update(arg[0], _struct(arg[1], _empty(summed))), state, aggregate
    )
    return {name: made[name] for name in _PLAIN}


def _two_results(process: Any) -> tuple[Any, Any]:
    """A process whose rounds give a state and an output, and apart from it what clients put out.

    Raises:
      TypeError: `next` gives less than two results, or more than three.
    """
    result = process.next.type_signature.result
    if not isinstance(result, tff.StructType) or len(result) not in (2, 3):
        raise TypeError(f"Expected `next` to give two or three results, found {result}.")
    if len(result) == 2:
        return process, None
    parameter = process.next.type_signature.parameter

    @tff.federated_computation(parameter)
    def at_server(arg):
        results = process.next(arg)
        return results[0], results[1]

    if not _has_tensors(result[2]):
        return tff.templates.IterativeProcess(process.initialize, at_server), None

    @tff.federated_computation(parameter)
    def at_clients(arg):
        return process.next(arg)[2]

    outputs = tff.backends.mapreduce.get_broadcast_form_for_computation(at_clients)
    return tff.templates.IterativeProcess(process.initialize, at_server), outputs


def _form(adapted: str, process: Any, config: Any, as_of: AsOf, preprocessing: Any = None) -> Any:
    """The form of a process as of a release.

    Args:
      adapted: The path of the form.
      process: A `tff.templates.IterativeProcess`.
      config: Options for TensorFlow's optimizer of graphs.
      as_of: The release.
      preprocessing: From a building block to the one that is compiled; None for the same.
    """
    release = as_of.release
    found = registry.needed(adapted, release, installation.version())
    if found is None:
        # The installed release has the form, and so does the program.
        installed = installation.package().backends.mapreduce
        return installed.get_map_reduce_form_for_iterative_process(process, config)
    assert isinstance(found, registry.Adapter)
    _check_process(process)
    labels = tff.structure.name_list_with_nones(process.next.type_signature.parameter)
    outputs = None
    if release < FIRST_WITHOUT_CLIENT_OUTPUT:
        process, outputs = _two_results(process)
    pieces = _extracted(process, config, _of_blocks(preprocessing, release))
    kind: Any = found.bind(release)
    if not issubclass(kind, MapReduceForm_0_20):
        pieces = _as_of_0_19(pieces)
    if release < FIRST_WITHOUT_CLIENT_OUTPUT:
        pieces = _with_output(pieces, outputs)
    if issubclass(kind, CanonicalForm_0_9):
        pieces = _without_sums(pieces)
    form = kind.__new__(kind)
    given = {name: structures.with_results_of(each, release) for name, each in pieces.items()}
    form._set(given, tuple(labels) if issubclass(kind, _Labelled) else (None, None))
    return form


# --- From forms to processes ----------------------------------------------------------------------


def _secure_sum(name: str) -> Any:
    """The intrinsic that a piece parametrizes."""
    if name in ("bitwidth", "secure_sum_bitwidth"):
        return tff.federated_secure_sum_bitwidth
    if name == "secure_sum_max_input":
        return tff.federated_secure_sum
    return tff.backends.mapreduce.federated_secure_modular_sum


def _process(form: Any, as_of: AsOf) -> Any:
    """The process that a form stands for, as of a release.

    Raises:
      TypeError: `form` is no form of the release.
    """
    if not isinstance(form, _Form):
        raise TypeError(f"Expected a form, found {type(form).__name__}.")
    layout = form._layout
    data = _signature(form.work).parameter[0]
    state = _signature(form.initialize).result
    _, sums, _ = layout.split(_signature(form.work).result)
    summed = [index for index, each in enumerate(sums) if _has_tensors(each)]

    @tff.federated_computation()
    def initialize():
        return tff.federated_value(form.initialize(), tff.SERVER)

    def from_what_is_there(arg: Any) -> Any:
        if not layout.secure:
            return form.update(arg[0], arg[1])
        # Only what has tensors has been summed.
        results = iter(arg[2 + position] for position in range(len(summed)))
        values = [
            next(results) if index in summed else _empty(each) for index, each in enumerate(sums)
        ]
        return form.update(arg[0], _struct(arg[1], *values))

    update = _tensorflow(
        from_what_is_there,
        state,
        _signature(form.report).result,
        *(sums[index] for index in summed),
    )

    @tff.federated_computation(
        tff.StructType(
            [
                _element(form._labels[0], tff.FederatedType(state, tff.SERVER)),
                _element(form._labels[1], tff.FederatedType(data, tff.CLIENTS)),
            ]
        )
    )
    def next_round(arg):
        context = tff.federated_broadcast(tff.federated_map(form.prepare, arg[0]))
        worked = tff.federated_map(form.work, tff.federated_zip((arg[1], context)))
        given, secure, output = layout.split(worked)
        aggregate = tff.federated_aggregate(
            given, form.zero(), form.accumulate, form.merge, form.report
        )
        results = [
            _secure_sum(layout.secure[index])(secure[index], getattr(form, layout.secure[index])())
            for index in summed
        ]
        updated = tff.federated_map(update, tff.federated_zip((arg[0], aggregate, *results)))
        if output is None:
            return updated[0], updated[1]
        return updated[0], updated[1], output

    return tff.templates.IterativeProcess(
        structures.with_results_of(initialize, as_of.release),
        structures.with_results_of(next_round, as_of.release),
    )


def _element(name: str | None, type_spec: Any) -> Any:
    return type_spec if name is None else (name, type_spec)


# --- What releases offered ------------------------------------------------------------------------

_FORM = "tff.backends.mapreduce.get_map_reduce_form_for_computation"
_FORM_NOTE = (
    "The form has no `initialize`: `tff.backends.mapreduce.get_state_initialization_computation` "
    "gives it."
)
_NEXT = "It gives `next` alone; the form does not have the initial state."
_CHECKED = "Only `next` is checked, and its building block given."
_PREPROCESSED = "[?, tff_internal_preprocessing={tff_internal_preprocessing}?]"
_CHECK = "tff.backends.mapreduce.check_computation_compatible_with_map_reduce_form"
_FROM_FORM = "tff.backends.mapreduce.get_computation_for_map_reduce_form"
_CANONICAL_FORM = "tff.backends.mapreduce.CanonicalForm"
_MAP_REDUCE_FORM = "tff.backends.mapreduce.MapReduceForm"


@adapter(
    "tff.backends.mapreduce.get_canonical_form_for_iterative_process",
    releases=">=0.9,<0.12",
    replacement=f"{_FORM}({{iterative_process}}.next)",
    note=_FORM_NOTE,
)
def get_canonical_form_for_iterative_process_0_9(iterative_process, *, as_of: AsOf):
    """The pieces of a process, as of TFF 0.9 to 0.11.

    The process does what it did; how a piece packs what it hands to the next one is up to the
    compiler of the installed TFF.

    Args:
      iterative_process: A `tff.templates.IterativeProcess`; `next` takes the server's state and the
        clients' data.

    Returns:
      A `CanonicalForm`: TensorFlow code for each step of a round.

    Raises:
      TypeError: It is no process, or has another type.
    """
    as_of.warn(locals())
    return _form(_CANONICAL_FORM, iterative_process, _GRAPPLER_DEFAULT_CONFIG, as_of)


@adapter(
    "tff.backends.mapreduce.get_canonical_form_for_iterative_process",
    releases=">=0.12,<0.17",
    replacement=f"{_FORM}({{ip}}.next)",
    note=_FORM_NOTE,
)
def get_canonical_form_for_iterative_process_0_12(ip, *, as_of: AsOf):
    """The pieces of a process, as of TFF 0.12 to 0.16.

    Args:
      ip: A `tff.templates.IterativeProcess`; `next` takes the server's state and the clients' data.

    Returns:
      A `CanonicalForm`: TensorFlow code for each step of a round.

    Raises:
      TypeError: It is no process, or has another type.
    """
    as_of.warn(locals())
    return _form(_CANONICAL_FORM, ip, _GRAPPLER_DEFAULT_CONFIG, as_of)


@adapter(
    "tff.backends.mapreduce.get_canonical_form_for_iterative_process",
    releases=">=0.17,<0.19",
    replacement=f"{_FORM}({{ip}}.next[?, {{grappler_config}}?])",
    note=_FORM_NOTE,
)
def get_canonical_form_for_iterative_process_0_17(
    ip, grappler_config=_GRAPPLER_DEFAULT_CONFIG, *, as_of: AsOf
):
    """The pieces of a process, as of TFF 0.17 and 0.18.

    Args:
      ip: A process.
      grappler_config: Options for TensorFlow's optimizer of graphs.

    Raises:
      TypeError: It is no process, or has another type; the options are none.
    """
    as_of.warn(locals())
    return _form(_CANONICAL_FORM, ip, grappler_config, as_of)


@adapter(
    "tff.backends.mapreduce.get_map_reduce_form_for_iterative_process",
    releases=">=0.19,<0.21",
    replacement=f"{_FORM}({{ip}}.next[?, {{grappler_config}}?])",
    note=_FORM_NOTE,
    changed=(FIRST_WITH_THREE_SECURE_SUMS,),
)
def get_map_reduce_form_for_iterative_process_0_19(
    ip, grappler_config=_GRAPPLER_DEFAULT_CONFIG, *, as_of: AsOf
):
    """The pieces of a process, as of TFF 0.19 and 0.20.

    Args:
      ip: A process.
      grappler_config: Options for TensorFlow's optimizer of graphs.

    Raises:
      TypeError: It is no process, or has another type; the options are none.
    """
    as_of.warn(locals())
    return _form(_MAP_REDUCE_FORM, ip, grappler_config, as_of)


@adapter(
    "tff.backends.mapreduce.get_map_reduce_form_for_iterative_process",
    releases=">=0.21,<0.34",
    replacement=f"{_FORM}({{ip}}.next[?, {{grappler_config}}?]{_PREPROCESSED})",
    note=_FORM_NOTE,
    changed=(FIRST_WITH_WIDE_SUMMARY,),
)
def get_map_reduce_form_for_iterative_process_0_21(
    ip,
    grappler_config=_GRAPPLER_DEFAULT_CONFIG,
    *,
    tff_internal_preprocessing=None,
    as_of: AsOf,
):
    """The pieces of a process, as of TFF 0.21 to 0.33.

    Args:
      ip: A process.
      grappler_config: Options for TensorFlow's optimizer of graphs.
      tff_internal_preprocessing: From a building block to the one that is compiled.

    Raises:
      TypeError: It is no process, or has another type; the options are none.
    """
    as_of.warn(locals())
    return _form(_MAP_REDUCE_FORM, ip, grappler_config, as_of, tff_internal_preprocessing)


@adapter(
    "tff.backends.mapreduce.get_iterative_process_for_canonical_form",
    releases=">=0.9,<0.19",
    replacement=f"{_FROM_FORM}({{cf}})",
    note=_NEXT,
)
def get_iterative_process_for_canonical_form(cf, *, as_of: AsOf):
    """The process that a form stands for, as of TFF 0.9 to 0.18.

    Args:
      cf: A `CanonicalForm`.

    Returns:
      A `tff.templates.IterativeProcess`.

    Raises:
      TypeError: `cf` is no form.
    """
    as_of.warn(locals())
    return _process(cf, as_of)


@adapter(
    "tff.backends.mapreduce.get_iterative_process_for_map_reduce_form",
    releases=">=0.19,<0.34",
    replacement=f"{_FROM_FORM}({{mrf}})",
    note=_NEXT,
    changed=(FIRST_WITH_THREE_SECURE_SUMS, FIRST_WITH_WIDE_SUMMARY),
)
def get_iterative_process_for_map_reduce_form(mrf, *, as_of: AsOf):
    """The process that a form stands for, as of TFF 0.19 to 0.33.

    Args:
      mrf: A `MapReduceForm`.

    Returns:
      A `tff.templates.IterativeProcess`.

    Raises:
      TypeError: `mrf` is no form.
    """
    as_of.warn(locals())
    return _process(mrf, as_of)


def _checked(process: Any, as_of: AsOf, preprocessing: Any = None) -> Any:
    """The building blocks of a process, compiled as far as forms need it."""
    _check_process(process)
    if installation.version() < _FIRST_WITHOUT_PROCESSES:
        installed = installation.package().backends.mapreduce
        more = {} if preprocessing is None else {"tff_internal_preprocessing": preprocessing}
        return installed.check_iterative_process_compatible_with_map_reduce_form(process, **more)
    initial = process.initialize.type_signature
    placed = isinstance(initial.result, tff.FederatedType)
    if initial.parameter is not None or not placed or initial.result.placement is not tff.SERVER:
        raise TypeError(f"Expected `initialize` to give a state at the server, found {initial}.")
    release = as_of.release
    preprocessing = _of_blocks(preprocessing, release)
    tree = process.initialize.to_building_block()
    if preprocessing is not None:
        tree = preprocessing(tree)
    replace = modern.internal(
        "core.environments.tensorflow_backend.tensorflow_tree_transformations"
        ".replace_intrinsics_with_bodies"
    )
    tree, _ = replace(tree)
    modern.internal("core.impl.compiler.tree_analysis.check_contains_only_reducible_intrinsics")(
        tree
    )
    found = tff.backends.mapreduce.check_computation_compatible_with_map_reduce_form(
        process.next, tff_internal_preprocessing=preprocessing
    )
    return blocks.with_members(tree, release), blocks.with_members(found, release)


@adapter(
    "tff.backends.mapreduce.check_iterative_process_compatible_with_canonical_form",
    releases=">=0.18,<0.19",
    replacement=f"{_CHECK}({{ip}}.next)",
    note=_CHECKED,
)
@adapter(
    "tff.backends.mapreduce.check_iterative_process_compatible_with_map_reduce_form",
    releases=">=0.19,<0.21",
    replacement=f"{_CHECK}({{ip}}.next)",
    note=_CHECKED,
)
def check_iterative_process_compatible_0_18(ip, *, as_of: AsOf):
    """Checks that a process has a form, as of TFF 0.18 to 0.20.

    Args:
      ip: A `tff.templates.IterativeProcess`; `next` takes the server's state and the clients' data.

    Returns:
      The building blocks of `initialize` and of `next`, compiled as far as forms need it.

    Raises:
      TypeError: It is no process, or has another type.
      ValueError: It communicates in ways that forms do not have.
    """
    as_of.warn(locals())
    return _checked(ip, as_of)


@adapter(
    "tff.backends.mapreduce.check_iterative_process_compatible_with_map_reduce_form",
    releases=">=0.21,<0.34",
    replacement=f"{_CHECK}({{ip}}.next{_PREPROCESSED})",
    note=_CHECKED,
)
def check_iterative_process_compatible_0_21(ip, *, tff_internal_preprocessing=None, as_of: AsOf):
    """Checks that a process has a form, as of TFF 0.21 to 0.33.

    Args:
      ip: A process.
      tff_internal_preprocessing: From a building block to the one that is checked.

    Returns:
      The building blocks of `initialize` and of `next`, compiled as far as forms need it.

    Raises:
      TypeError: It is no process, or has another type.
      ValueError: It communicates in ways that forms do not have.
    """
    as_of.warn(locals())
    return _checked(ip, as_of, tff_internal_preprocessing)


move(
    "tff.backends.mapreduce.get_state_initialization_computation_for_map_reduce_form",
    "tff.backends.mapreduce.get_state_initialization_computation",
    releases=">=0.34,<0.49",
)
