"""What `tff-compat explain` tells of one symbol, of several, and of none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import tff_compat
from tff_compat import cli
from tff_compat.adapters import index


@pytest.fixture
def explain(capsys):
    def explain(*words: str) -> str:
        assert cli.main(["explain", *words]) == 0
        return capsys.readouterr().out

    return explain


def test_a_life(explain):
    lines = [line.strip() for line in explain("tff.learning.from_keras_model").splitlines()]
    assert lines[0] == "tff.learning.from_keras_model: a function of TFF 0.1.0–0.52.0"
    assert (
        "from_keras_model(keras_model, loss, input_spec, loss_weights=None, metrics=None)" in lines
    )
    assert "breaks: `input_spec` is required" in lines
    signatures = lines[lines.index("Signatures") : lines.index("On TFF 0.87.0")]
    assert [line for line in signatures if line[:1] == "0"] == [
        "0.1.0–0.5.0", "0.6.0–0.12.0", "0.13.0–0.13.1", "0.14.0–0.52.0",
    ]  # fmt: skip
    assert "changes: `loss_weights` is new" in lines
    places = [line.partition(":")[2].strip() for line in lines if line.startswith("in:")]
    assert len(places) > 1
    for place in places:
        file, _, number = place.partition(":")
        assert file == "tff_compat/adapters/learning/keras.py"
        source = (Path(tff_compat.__file__).parent.parent / file).read_text().splitlines()
        declared = "".join(source[int(number) - 1 : int(number) + 1])
        assert declared == '@adapter(    "tff.learning.from_keras_model",'
    before = "before: tff.learning.from_keras_model(keras_model, loss, input_spec, "
    assert f"{before}loss_weights=loss_weights, metrics=metrics)" in lines
    assert any(line.startswith("after:  tff.learning.models.from_keras_model(") for line in lines)


def test_each_declaration_is_found_by_its_quoted_path():
    root = Path(tff_compat.__file__).parent.parent
    lines = {}
    for entry in index.every():
        file, _, number = entry.place.partition(":")
        assert number, f"{file} declares {entry.path} without its path"
        source = lines.setdefault(file, (root / file).read_text().splitlines())
        assert any(f'"{entry.path}"' in line for line in source[int(number) - 1 : int(number) + 2])


def test_full_names_are_public_paths_too(explain):
    assert explain("tensorflow_federated.learning.Model") == explain("tff.learning.Model")


def test_one_release(explain):
    text = explain("tff.learning.from_keras_model", "--as-of", "0.9")
    assert "0.6.0–0.12.0" in text
    assert "0.14.0" not in text


def test_examples_give_no_argument_twice(explain):
    text = explain("tff.learning.from_keras_model", "--as-of", "0.13")
    (after,) = [line for line in text.splitlines() if "after:" in line]
    assert after.count("input_spec=") == 1


def test_moves_and_refusals(explain):
    assert "moved to tff.learning.models.VariableModel" in explain(
        "tff.learning.Model", "--as-of", "0.30"
    )
    assert "moved to tff.learning.models.VariableModel.forward_pass" in explain(
        "tff.learning.Model.forward_pass", "--as-of", "0.30"
    )


def test_internal_symbols(explain):
    text = explain("tensorflow_federated.python.learning.keras_utils.from_compiled_keras_model")
    assert "public as tff.learning.from_compiled_keras_model in 0.5.0–0.12.0" in text
    # What is to be done stands with the public name.
    assert "On TFF" not in text


def test_modules_name_their_members(explain):
    lines = explain("tff.learning").splitlines()
    assert lines[0] == "tff.learning: a module of TFF 0.1.0–0.87.0"
    assert lines[-1].endswith("members: tff-compat explain 'tff.learning.*'")
    assert not any(line.startswith("On TFF") for line in lines)


def test_patterns(explain):
    lines = explain("tff.learning.*keras*").splitlines()
    assert any(line.split()[0] == "tff.learning.from_compiled_keras_model" for line in lines)
    assert all(line.startswith("tff.learning.") and "keras" in line for line in lines)
    lines = explain("tff.learning.Model*").splitlines()
    assert {"tff.learning.Model", "tff.learning.ModelWeights"} <= {
        line.split()[0] for line in lines
    }
    assert not any(line.startswith("tff.learning.Model.") for line in lines)
    members = explain("tff.learning.Model.*").splitlines()
    assert any(line.split()[0] == "tff.learning.Model.forward_pass" for line in members)


def test_json(explain):
    record = json.loads(explain("tff.learning.from_keras_model", "--json"))
    assert record["symbol"] == "tff.learning.from_keras_model"
    assert record["kind"] == "function"
    assert record["releases"][0] == "0.1.0"
    assert record["signatures"][-1]["breaking"] == [
        "`dummy_batch` is gone",
        "`input_spec` is required",
    ]
    assert {row["status"] for row in record["today"]} == {"adapted"}
    assert all("adapters/learning/keras.py:" in row["translated_in"] for row in record["today"])
    many = json.loads(explain("tff.learning.*keras*", "--json"))
    assert len(many) > 3
    assert all("keras" in each["symbol"] for each in many)


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["tff.learning.from_kears_model"], 1, "Did you mean tff.learning.from_keras_model"),
        (["tff.nothing.*"], 1, "matches tff.nothing.*"),
        (["tff.learning.Model", "--as-of", "0.87"], 1, "was not in TFF 0.87.0, but in 0.1.0–"),
        (["tff.learning.Model", "--as-of", "0.13.7"], 2, "0.13.1"),
        (["tff.learning.Model", "--", "more"], 2, "one symbol"),
    ],
)
def test_what_is_not_there(capsys, words, status, text):
    assert cli.main(["explain", *words]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert text in captured.err


def test_no_tensorflow_is_imported():
    source = (
        "import sys; from tff_compat import cli; cli.main(['explain', 'tff.learning.Model']); "
        "assert not {'tensorflow', 'tensorflow_federated', 'rich'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", source], check=True, capture_output=True)


@pytest.mark.parametrize(
    "symbol",
    [
        "tff.simulation.ClientData",
        "tff.simulation.ClientData.from_clients_and_fn",
        "tff.simulation.datasets.ClientData",
    ],
)
def test_clients_from_tables_are_explained_where_they_are_asked_for(explain, symbol):
    text = explain(symbol)
    assert "How to make clients from a data frame, or one CSV file" in text
    assert "    names = sorted(file.stem for file in pathlib.Path(" in text
    tasks = [guide["task"] for guide in json.loads(explain(symbol, "--json"))["guides"]]
    assert len(tasks) == 2 and all("CSV" in task for task in tasks)


def test_examples_say_more_than_the_names_of_parameters(explain):
    before = "before: tff.learning.build_federated_averaging_process(model_fn, "
    given = "lambda: tf.keras.optimizers.SGD(learning_rate=0.1))"
    name = "tff.learning.build_federated_averaging_process"
    assert f"{before}{given}" in explain(name, "--as-of", "0.17")
    before = "before: tff.type_at_clients(tf.float32, all_equal=all_equal)"
    assert before in explain("tff.type_at_clients", "--as-of", "0.17")


def test_no_guide_where_nobody_asks(explain):
    assert "How to" not in explain("tff.learning.from_keras_model")


def test_what_the_code_to_write_needs_is_told(explain):
    lines = [each.strip() for each in explain("tff.TensorType", "--as-of", "0.30").splitlines()]
    at = lines.index("after:  tff.TensorType(np.float32, shape)")
    assert lines[at - 1] == "before: tff.TensorType(tf.float32, shape=shape)"
    assert lines[at + 1] == "with:   import numpy as np"
    lines = explain("tff.sequence_map").splitlines()
    assert lines.count("    with:   the function over_sequence, see below") == 3
    assert lines.count("def over_sequence(function, sequence, zero=None):") == 1
    lines = explain("tff.simulation.ClientData.from_clients_and_fn").splitlines()
    assert lines.count("    with:   the class ClientDataInPython, see below") == 1
    assert lines.count("class ClientDataInPython(tff.simulation.datasets.ClientData):") == 1
    record = json.loads(explain("tff.sequence_sum", "--as-of", "0.30", "--json"))
    (present,) = record["today"]
    assert (present["kind"], present["after"]) == ("exact", "sequence_sum(value)")
    assert present["with"][-1].startswith("def sequence_sum(value):\n")


def test_what_is_left_to_a_person_is_no_code(explain):
    record = json.loads(explain("tff.framework.create_worker_pool_executor", "--json"))
    (present,) = record["today"]
    assert present["kind"] == "none"
    assert present["after"].endswith(" and calls its `set_cardinalities`.")


def test_members_and_abstract_classes_are_names(explain):
    text = explain("tff.learning.ModelWeights.from_model", "--as-of", "0.30")
    assert "after:  tff.learning.models.ModelWeights.from_model" in text
    text = explain("tff.learning.Model", "--as-of", "0.9")
    assert "before: tff.learning.Model\n" in text
    record = json.loads(explain("tff.aggregators.UnweightedAggregationFactory", "--json"))
    assert {(each["before"], each["after"]) for each in record["today"]} <= {
        ("", ""), ("tff.aggregators.UnweightedAggregationFactory", ""),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["tff.FederatedType", "tff.utils.StatefulAggregateFn"])
def test_members_of_what_is_made_anew_show_no_template(explain, name):
    records = json.loads(explain(f"{name}.*", "--json"))
    shown = [present["after"] for record in records for present in record["today"]]
    assert shown and not any("{" in after or "[?" in after for after in shown)


def test_a_class_that_programs_only_name(explain):
    record = json.loads(explain("tff.types.Type", "--json"))
    assert [(each["kind"], each["after"]) for each in record["today"]] == [
        ("exact", "tff.Type"), ("", ""),
    ]  # fmt: skip


def test_public_paths_in_json(explain):
    name = "tensorflow_federated.python.learning.keras_utils.from_compiled_keras_model"
    (public,) = json.loads(explain(name, "--json"))["public"]
    assert public["path"] == "tff.learning.from_compiled_keras_model"
    assert (public["releases"][0], public["releases"][-1]) == ("0.5.0", "0.12.0")


# --- Of a release ---------------------------------------------------------------------------------


def test_a_release(explain):
    text = explain("--release", "0.17")
    assert text.startswith(
        "TFF 0.17.0, after 0.16.1\n"
        "  TensorFlow 2.3.4 (was 2.2.3), Python 3.7, NumPy 1.18.5\n\n"
        "Means something else\n"
    )
    lines = [line.strip() for line in text.splitlines()]
    place = lines.index("in our code: FIRST_WITH_MEASURED_OUTPUT")
    assert lines[place - 4 : place] == [
        "The `next` of a measured process returns a `MeasuredProcessOutput`, which was an "
        "`OrderedDict`.",
        "of tff.templates.MeasuredProcess",
        "programs before: 0.16.1/measured_processes",
        "programs since: 0.18.0/robust_aggregation_process",
    ]
    assert "tff.aggregators (module)" in lines[lines.index("New") : lines.index("Gone")]
    assert "tff.utils.StatefulAggregateFn (class)" in lines[lines.index("Gone") :]
    place = lines.index("breaks: `convert` is now called `enable_wf_check`")
    assert lines[place - 1] == "tff.StructType"
    assert place > lines.index("Takes other arguments")


def test_a_series(explain):
    text = explain("--release", "0.16")
    assert [line for line in text.splitlines() if line.startswith("TFF ")] == [
        "TFF 0.16.0, after 0.15.0",
        "TFF 0.16.1, after 0.16.0",
    ]
    assert explain("--release", "0.16.1") in text


def test_the_first_release(explain):
    lines = explain("--release", "0.1.0").splitlines()
    assert lines[0] == "TFF 0.1.0"
    assert "Gone" not in lines


def test_a_release_as_json(explain):
    (record,) = json.loads(explain("--release", "0.17.0", "--json"))
    assert (record["release"], record["before"]) == ("0.17.0", "0.16.1")
    assert (record["tensorflow"], record["python"], record["numpy"]) == ("2.3.4", "3.7", "1.18.5")
    boundaries = {each["name"]: each for each in record["boundaries"]}
    assert boundaries["FIRST_WITH_MEASURED_OUTPUT"]["programs_before"] == [
        "0.16.1/measured_processes"
    ]
    assert "tff.aggregators" in [each["symbol"] for each in record["new"]]
    gone = {each["symbol"]: each for each in record["gone"]}
    assert gone["tff.utils.StatefulAggregateFn"]["programs_before"] == ["0.16.1/measured_processes"]
    changed = {each["symbol"]: each for each in record["changed"]}
    assert changed["tff.StructType"]["breaking"] == ["`convert` is now called `enable_wf_check`"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ["--release", "0.8.0"],
            "--release: TFF 0.8.0 is a tag of TFF's repository that was never",
        ),
        (["--release", "9.9"], "--release: TFF 9.9 is not a published release; the nearest are"),
        ([], "explain takes a symbol or --release."),
        (["tff.data", "--release", "0.16"], "explain takes a symbol or --release."),
        (["--release", "0.16", "--as-of", "0.16"], "--as-of is for a symbol"),
    ],
)
def test_what_does_not_say_which_release(capsys, words, error):
    assert cli.main(["explain", *words]) == 2
    assert error in capsys.readouterr().err
