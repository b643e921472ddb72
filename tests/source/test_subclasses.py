"""What `check` finds in classes of programs, whose methods TFF calls otherwise now."""

from __future__ import annotations

import pytest

from tests.source.test_findings import _symbols, check, upgrade

BASE = "class Manager(tff.program.ReleaseManager):\n"
LOOP = """
tff.simulation.run_training_process(
    process, select, 2, program_state_manager=states, metrics_managers=[Manager()])
"""


@pytest.mark.parametrize(
    ("parameters", "now"),
    [
        ("value, type_signature, key", "value, type_signature=None, key=None"),
        ("value, type_signature, key=0", "value, type_signature=None, key=0"),
        ("value: V, kind: T, key: K", "value: V, kind: T = None, key: K = None"),
        ("value, *, type_signature, key", "value, *, type_signature=None, key"),
        ("value, key, type_signature", "value, key, type_signature=None"),
        ("value, kind, /, key", "value, kind=None, /, key=None"),
    ],
)
@pytest.mark.parametrize("release", ["0.29.0", "0.48.0", "0.70.0"])
def test_parameters_that_are_no_longer_given_get_a_default(
    parameters: str, now: str, release: str
) -> None:
    source = f"{BASE}\n  async def release(self, {parameters}):\n    pass\n"
    assert upgrade(source, release, unsafe=True) == source.replace(parameters, now)
    assert "TFF gives no type any more" in check(source, release)[-1].message


@pytest.mark.parametrize("parameters", ["value, type_signature=None, key=None", "value, **rest"])
def test_what_takes_the_call_of_today_stays(parameters: str) -> None:
    source = f"{BASE}\n  async def release(self, {parameters}):\n    pass\n"
    assert _symbols(check(source, "0.48.0")) == ["tff.program.ReleaseManager"]


def test_generic_bases_are_bases() -> None:
    source = "class Manager(tff.program.ReleaseManager[tff.program.ReleasableStructure, int]):\n"
    source += "\n  async def release(self, value, type_signature, key):\n    pass\n"
    assert "type_signature=None, key=None" in upgrade(source, "0.64.0", unsafe=True)


def test_another_name_for_what_is_given_by_keyword_is_left() -> None:
    source = f"{BASE}\n  async def release(self, value, kind, number):\n    pass\n"
    found = check(source, "0.48.0")
    (method,) = [each for each in found if each.symbol.endswith(".release")]
    assert method.kind == "none"
    assert "TFF calls it with (value, key) now, by that name behind the first." in method.message


def test_ordinary_methods_that_are_awaited_now_are_left() -> None:
    source = f"{BASE}\n  def release(self, value, key=None):\n    pass\n"
    found = check(source, "0.20.0")
    assert [each.kind for each in found if each.symbol.endswith(".release")] == ["none"]


def test_classes_whose_objects_are_given_to_a_loop_have_such_methods_too() -> None:
    source = "class Manager:\n  async def release(self, value, kind, key):\n    pass\n" + LOOP
    assert "kind=None, key=None" in upgrade(source, "0.48.0", unsafe=True)
    source = "class Other:\n  async def release(self, value, kind, key):\n    pass\n"
    assert check(source, "0.48.0") == []


@pytest.mark.parametrize(
    ("release", "base", "body", "missing"),
    [
        ("0.20.0", "tff.program.FederatedDataSourceIterator",
         ["federated_type", "select"], "from_bytes"),
    ],
)  # fmt: skip
def test_methods_that_are_missing_are_said(
    release: str, base: str, body: list[str], missing: str
) -> None:
    own = [f"\n  {name} = None\n" for name in body]
    (finding,) = check(f"class Own({base}):\n{''.join(own)}", release)
    assert (finding.code, finding.kind) == ("TFF105", "none")
    assert missing in finding.message
    decorated = f"\n  @property\n  def {body[0]}(self):\n    return 1\n"
    (finding,) = check(f"class Own({base}):\n{decorated}{''.join(own[1:])}", release)
    assert (finding.code, finding.kind) == ("TFF105", "none")
    assert missing in finding.message
    # Where some of what was asked for then is not there, other classes derive from it.
    (finding,) = check(f"class Own({base}):\n{own[0]}", release)
    assert missing not in finding.message or finding.kind == "review"


@pytest.mark.parametrize(
    ("call", "now"),
    [
        ("release(4)", "release(4, key=None)"),
        ("release(4, kind, 'five')", "release(4, key='five')"),
        ("release(4, type_signature=kind, key=5)", "release(4, key=5)"),
        ("release(6, key='six')", "release(6, key='six')"),
    ],
)
def test_managers_release_without_types(call: str, now: str) -> None:
    source = "memory = tff.program.MemoryReleaseManager()\nawaited = memory.{}\n"
    assert upgrade(source.format(call), "0.70.0", unsafe=True) == source.format(now)
    assert bool(check(source.format(call), "0.70.0")) == (call != now)


def test_files_have_their_structure() -> None:
    source = "models = tff.program.SavedModelFileReleaseManager(folder)\nmodels.get_value({})\n"
    assert upgrade(source.format("key, [0]"), "0.86.0", unsafe=True) == source.format("key")


@pytest.mark.parametrize(
    ("release", "question", "answer"),
    [
        ("0.1.0", "hasattr(tff, 'federated_mean')", "False"),
        ("0.1.0", "hasattr(python, 'federated_mean')", "False"),
        ("0.16.1", "hasattr(tff, 'utils')", "True"),
        ("0.16.1", "hasattr(tff.learning, 'build_federated_evaluation')", "True"),
        ("0.16.1", "hasattr(tff, 'federated_mean')", "hasattr(tff, 'federated_mean')"),
        ("0.16.1", "hasattr(tff, name)", "hasattr(tff, name)"),
    ],
)
def test_questions_for_names_get_the_answer_of_the_release(
    release: str, question: str, answer: str
) -> None:
    head = "import tensorflow_federated as tff\nfrom tensorflow_federated import python\n"
    written = upgrade(f"print({question})\n", release, unsafe=True, head=head)
    assert written.endswith(f"print({answer})\n")


@pytest.mark.parametrize("release", ["0.19.0", "0.20.0", "0.48.0", "0.86.0"])
def test_tensors_of_test_data_become_arrays(release: str) -> None:
    source = "data = tff.simulation.datasets.TestClientData({})\n"
    written = upgrade(source.format("{'a': {'x': tf.constant([1.0])}}"), release)
    assert "part.numpy() if tf.is_tensor(part) else part" in written
    assert check(source.format("{'a': {'x': [1.0], 'y': np.ones(2)}}"), release) == []


def test_checkpoints_are_program_state() -> None:
    source = """
    manager = tff.simulation.FileCheckpointManager(folder)
    manager.save_checkpoint(state, 1)
    state, number = manager.load_latest_checkpoint(state)
    state = manager.load_checkpoint(state, 1)
    """
    written = upgrade(source, "0.18.0", unsafe=True)
    assert "asyncio.run(manager.save(state, 1))" in written
    assert "state, number = asyncio.run(manager.load_latest(state))" in written
    assert "asyncio.run(manager.load(1, state))" in written


def test_callbacks_of_a_loop_are_not_dropped() -> None:
    call = "tff.simulation.run_simulation_with_callbacks(process, select, 3{})\n"
    (finding,) = check(call.format(", on_loop_start=start"), "0.19.0")
    assert finding.kind == "none"
    assert upgrade(call.format(""), "0.19.0") == (
        "tff.simulation.run_training_process(process, select, 3)\n"
    )


def test_what_only_gives_something_else_is_no_finding() -> None:
    source = "ids = tff.program.ClientIdDataSource(['a'])\nids.iterator().select(num_clients=1)\n"
    (finding,) = check(source, "0.48.0")
    assert finding.replacement == "ids.iterator().select(1)"


def test_methods_that_are_passed_on_become_functions() -> None:
    source = "memory = tff.program.MemoryReleaseManager()\ncall(memory.release, 1, kind, 2)\n"
    (finding,) = check(source, "0.48.0")
    assert (finding.symbol, finding.kind) == ("release manager in memory.release()", "review")
    now = upgrade(source, "0.48.0", unsafe=True)
    taken = "lambda value, type_signature, key=None"
    assert f"call(({taken}: memory.release(value) if key is None else memory.release(" in now


@pytest.mark.parametrize(
    ("release", "now"),
    [
        ("0.38.0", "GammaCodedSumFactory(mean, as_one=True)"),
        ("0.48.0", "GammaCodedSumFactory(mean)"),
    ],
)
def test_bits_are_measured_as_they_were(release: str, now: str) -> None:
    call = "tff.aggregators.EliasGammaEncodedSumFactory(bitrate_mean_factory=mean)\n"
    assert f"x = {now}\n" in upgrade(f"x = {call}", release)


@pytest.mark.parametrize(
    ("release", "end"), [("0.38.0", "_of_all(zeroing=False)"), ("0.48.0", "(zeroing=False)")]
)
def test_entropy_coding_goes_on(release: str, end: str) -> None:
    now = upgrade("x = tff.learning.entropy_compression_aggregator(zeroing=False)\n", release)
    assert f"x = entropy_compression_aggregator{end}\n" in now
    assert now.index("class GammaCodedSumFactory") < now.index("x = ")
    assert now.index("class DiscretizedSumFactory") < now.index("x = ")


def test_client_data_is_made_in_python() -> None:
    source = """
    class Lengths(tff.simulation.ClientData):
        client_ids = ['a', 'bb']
        element_type_structure = tf.TensorSpec([], tf.int32)
        dataset_computation = None
        def create_tf_dataset_for_client(self, client_id):
            return tf.data.Dataset.range(len(client_id))
    """
    assert "class Lengths(ClientDataInPython):\n" in upgrade(source, "0.16.1", unsafe=True)


def test_the_way_of_clients_counts_as_it_did() -> None:
    work = "tff.learning.templates.build_model_delta_client_work"
    source = f"x = {work}(model_fn, lambda: tf.keras.optimizers.SGD(0.5), weighting, 0.7)\n"
    now = upgrade(source, "0.20.0")
    assert "with_way_from_start(tff.learning.optimizers.build_sgdm(learning_rate=0.5), 0.7)" in now


def test_classes_of_optimizers_derive_from_those_of_their_time() -> None:
    source = "class Own(tf.keras.optimizers.{}):\n    pass\n"
    now = upgrade(source.format("SGD"), "0.27.0")
    assert now == source.format("legacy.SGD")
    assert upgrade(source.format("SGD"), "0.64.0") == source.format("SGD")


def test_models_of_0_20_reset_their_metrics() -> None:
    members = "\n".join(
        f"    def {name}(self): pass"
        for name in (
            "trainable_variables", "non_trainable_variables", "local_variables", "input_spec",
            "forward_pass", "predict_on_batch", "report_local_outputs", "metric_finalizers",
            "federated_output_computation", "report_local_unfinalized_metrics",
        )
    )  # fmt: skip
    now = upgrade(f"class Own(tff.learning.Model):\n{members}\n", "0.20.0")
    assert "class Own(ModelThatResets):\n" in now


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("tff.program.Capability.DETERMINISTIC", "0.48.0"),
        ("tff.program.FetchedValue.__mro__", "0.64.0"),
        ("tff.simulation.FilePerUserClientData.create_from_dir", "0.13.1"),
    ],
)
def test_members_of_what_is_gone_are_findings(name: str, release: str) -> None:
    (finding,) = check(f"x = {name}\n", release)
    assert (finding.symbol, finding.code, finding.kind) == (name, "TFF102", "none")


def test_an_attribute_may_tell_what_its_object_is() -> None:
    source = "def show(anything):\n    return tff.to_type(anything.element_type_structure)\n"
    (finding,) = check(source, "0.20.0")
    assert finding.replacement == "tff.types.tensorflow_to_type(anything.element_type_structure)"


@pytest.mark.parametrize("base", ["typing.NamedTuple", "object"])
def test_types_of_objects_of_programs_are_converted(base: str) -> None:
    source = f"""
    class Sample({base}):
        loss: object
    kind = tff.to_type(Sample(tf.float32))
    """
    assert "tff.types.tensorflow_to_type(Sample(tf.float32))" in upgrade(source, "0.48.0")


def test_methods_get_types_as_they_were() -> None:
    source = """
    class Factory(tff.aggregators.UnweightedAggregationFactory):
        def create(self, value_type):
            kind = value_type.{}
    """
    for then, now in (
        ("is_tensor()", "isinstance(value_type, tff.TensorType)"),
        ("shape.num_elements()", "int(np.prod(value_type.shape))"),
        ("dtype.is_floating", "tf.as_dtype(value_type.dtype).is_floating"),
    ):
        assert f"kind = {now}\n" in upgrade(source.format(then), "0.27.0")


def test_methods_that_are_decorated_know_their_object() -> None:
    source = """
    class Update(tff.learning.framework.ClientDeltaFn):
        def __init__(self, model):
            self._model = model

        @tf.function
        def __call__(self, dataset, weights):
            return self._model.report_local_outputs()

    tff.learning.framework.build_model_delta_optimizer_process(
        model_fn, lambda model_fn: Update(model_fn()), optimizer_fn)
    """
    written = upgrade(source, "0.19.0", unsafe=True)
    assert "class Update(ClientDeltaFn):" in written
    assert "return self._model.report_local_unfinalized_metrics()" in written
