"""The text that `upgrade` makes of a file: imports, helper functions, lines and comments."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import coverage
from tff_compat.adapters import index
from tff_compat.source import documents, rewriting
from tff_compat.source.findings import Finder
from tff_compat.source.resolving import Resolver


def rewritten(text: str, release: str = "0.13.1", **options: bool) -> rewriting.Rewritten:
    document = documents.document(Path("program.py"), text.encode())
    resolver = Resolver(Version(release))
    resolver.document(document)
    finder = Finder(document, resolver.result, Version(release), coverage.PRIMARY)
    return rewriting.rewrite(finder, finder.findings(), **options)


def upgraded(text: str, release: str = "0.13.1", **options: bool) -> str:
    content = rewritten(text, release, **options).content.decode()
    ast.parse(content)
    return content


IMPORTS = "import tensorflow as tf\nimport tensorflow_federated as tff\n"
LEGACY = "T = tff.TensorType(tf.float32)\n"
MODERN = "T = tff.TensorType(np.float32)\n"
NUMPY = "import numpy as np\n"


TFF = "import tensorflow_federated as tff\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (IMPORTS + LEGACY, IMPORTS + NUMPY + MODERN),
        (NUMPY + IMPORTS + LEGACY, NUMPY + IMPORTS + MODERN),
        (f'"""Doc."""\n\n{IMPORTS}\n{LEGACY}', f'"""Doc."""\n\n{IMPORTS}{NUMPY}\n{MODERN}'),
        # A name that the file has for it, and one that it has for something else.
        (
            f"import numpy as n\n{IMPORTS}{LEGACY}",
            f"import numpy as n\n{IMPORTS}{MODERN.replace('np', 'n')}",
        ),
        (
            f"{IMPORTS}np = 1\n{LEGACY}",
            f"{IMPORTS}import numpy as np_\nnp = 1\n{MODERN.replace('np', 'np_')}",
        ),
        # Imports in a function are not the file's.
        (
            "def f():\n  import tensorflow as tf\n  import tensorflow_federated as tff\n"
            "  return tff.TensorType(tf.float32)\n",
            NUMPY + "def f():\n  import tensorflow as tf\n  import tensorflow_federated as tff\n"
            "  return tff.TensorType(np.float32)\n",
        ),
        (
            '"""Doc."""\nx = 1\n' + IMPORTS + LEGACY,
            '"""Doc."""\n' + NUMPY + "x = 1\n" + IMPORTS + MODERN,
        ),
        # Nothing but comments stands before the first statement.
        ("# Who wrote it.\n" + IMPORTS + LEGACY, "# Who wrote it.\n" + IMPORTS + NUMPY + MODERN),
        # What shares the line of the last import runs after it.
        (
            "import tensorflow as tf\nimport tensorflow_federated as tff; " + LEGACY,
            f"import tensorflow as tf\n{NUMPY}import tensorflow_federated as tff; {MODERN}",
        ),
        (
            "import tensorflow as tf\nimport tensorflow_federated as tff  # as ever\n" + LEGACY,
            f"import tensorflow as tf\nimport tensorflow_federated as tff  # as ever\n{NUMPY}"
            + MODERN,
        ),
    ],
)
def test_imports_are_added_where_they_serve(before: str, after: str) -> None:
    assert upgraded(before) == after


def test_helpers_stand_after_the_imports_that_they_need() -> None:
    utils = "from tensorflow_federated.python.tensorflow_libs import tensor_utils\n"
    before = f"import tensorflow as tf\n{utils}{TFF}\ntensor_utils.check_nested_equal(1, 1)\n"
    made = rewritten(before, "0.7.0", unsafe=True).content.decode()
    # Where the import of the module was that goes; its default value needs `operator` at once.
    assert made.startswith(
        f"import tensorflow as tf\n{TFF}import operator\n\n\ndef check_nested_equal("
    )


def test_a_file_may_end_with_its_imports() -> None:
    text = "def f():\n  return g.TensorType(h.float32)\n"
    text = f"{text}import tensorflow_federated as g, tensorflow as h\nf()"
    assert upgraded(text).startswith(NUMPY + "def f():\n  return g.TensorType(np.float32)\n")


USE = "t = NamedTupleType([('a', int)])\n"
USED = "t = tff.StructType([('a', tff.TensorType(np.int32))])\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Of an import stays what is still used.
        (f"from tensorflow_federated import NamedTupleType\n{USE}", TFF + NUMPY + USED),
        (
            "from tensorflow_federated import CLIENTS, NamedTupleType as N, SERVER as S\n"
            f"{USE.replace('NamedTupleType', 'N')}print(CLIENTS, S)\n",
            f"{TFF}from tensorflow_federated import CLIENTS, SERVER as S\n{NUMPY}{USED}"
            "print(CLIENTS, S)\n",
        ),
        (
            f"def f():\n    from tensorflow_federated import CLIENTS, NamedTupleType  # both\n"
            f"    {USE}",
            f"{NUMPY}def f():\n    {TFF}    from tensorflow_federated import CLIENTS  # both\n"
            f"    {USED}",
        ),
        (
            f"import os; from tensorflow_federated import NamedTupleType, CLIENTS; x = 1\n{USE}",
            f"{NUMPY}import os; {TFF.strip()}; from tensorflow_federated import CLIENTS; x = 1\n"
            f"{USED}",
        ),
        (
            f"if x:\n    from tensorflow_federated import NamedTupleType\n{USE}",
            f"{NUMPY}if x:\n    {TFF}{USED}",
        ),
        # Internal modules that nothing uses any more go; the statement alone in its block cannot.
        (
            f"{TFF}try:\n    from tensorflow_federated import NamedTupleType\nfinally:\n    {USE}",
            f"{TFF}{NUMPY}try:\n    pass\nfinally:\n    {USED}",
        ),
        (
            f"{TFF}import a\nfrom tensorflow_federated import NamedTupleType  # gone\nimport b\n"
            + USE,
            f"{TFF}import a\nimport b\n{NUMPY}{USED}",
        ),
    ],
)
def test_imports_of_names_that_are_written_anew_go(before: str, after: str) -> None:
    assert upgraded(before) == after


def test_an_import_whose_name_is_still_used_stays() -> None:
    before = f"from tensorflow_federated import NamedTupleType\n{USE}print(NamedTupleType.x)\n"
    made = rewritten(before)
    assert made.content.decode() == (
        f"from tensorflow_federated import NamedTupleType\n{NUMPY}{TFF}{USED}"
        "print(NamedTupleType.x)\n"
    )
    assert [finding.symbol for finding in made.written] == ["tff.NamedTupleType"]
    assert sorted(finding.symbol for finding in made.left) == [
        "tff.NamedTupleType", "tff.NamedTupleType.x",
    ]  # fmt: skip


def test_the_inner_package_is_the_outer_one() -> None:
    before = "from tensorflow_federated import python as tff\n\n@tff.tf_computation\ndef f(): ...\n"
    made = rewritten(before, "0.9.0")
    assert made.content.decode() == (
        "import tensorflow_federated as tff\n\n@tff.tensorflow.computation\ndef f(): ...\n"
    )
    assert len(made.written) == 2 and not made.left


def test_what_is_for_review_is_written_only_when_asked() -> None:
    before = TFF + "\nprint(tff.TensorType(d))\n"
    kept = rewritten(before)
    assert kept.content.decode() == before
    assert [finding.kind for finding in kept.left] == ["review"] and not kept.written
    made = rewritten(before, unsafe=True)
    assert made.content.decode() == before.replace("(d)", "(tff.types.tensorflow_to_type(d).dtype)")
    assert [finding.kind for finding in made.written] == ["review"] and not made.left


PROCESS = "tff.learning.build_federated_averaging_process({}lambda: tf.keras.optimizers.SGD(0.1))"
FIRST = "tff.learning.algorithms.build_weighted_fed_avg("
SECOND = "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1))"


def test_what_is_too_long_for_a_line_gets_one_for_each_argument() -> None:
    before = f"{IMPORTS}def f():\n    return {PROCESS.format('model_fn, ')}\n"
    assert upgraded(before) == (
        f"{IMPORTS}def f():\n    return {FIRST}\n        model_fn,\n        {SECOND}\n"
    )
    # As long as a line may be, and one more.
    for width, lines in ((100, 1), (101, 2)):
        name = "m" * (width - len("e = tff.learning.algorithms.build_fed_eval()"))
        made = upgraded(f"{IMPORTS}e = tff.learning.build_federated_evaluation({name})\n")
        assert len(made.splitlines()) == 2 + lines


def test_arguments_that_are_too_long_are_broken_too() -> None:
    names = ", ".join(f"tff.NamedTupleType([('{'n' * 20}_{at}', tf.int32)])" for at in range(3))
    made = upgraded(f"{IMPORTS}t = tff.FederatedType([{names}], tff.CLIENTS, all_equal=True)\n")
    assert max(map(len, made.splitlines())) > 100  # Displays are left as they are.
    text = "from_keras_model(keras_model_of_the_program(), dummy_batch_of_it(), loss_of_it())"
    made = upgraded(f"{IMPORTS}m = tff.learning.{text}\n", "0.9.0", unsafe=True)
    assert made.removeprefix(IMPORTS).splitlines()[:6] == [
        "m = tff.learning.models.from_keras_model(",
        "    keras_model_of_the_program(),",
        "    loss=loss_of_it(),",
        "    input_spec=tf.nest.map_structure(",
        "        lambda t: tf.TensorSpec([None, *tf.convert_to_tensor(t).shape[1:]], "
        "tf.convert_to_tensor(t).dtype),",
        "        dummy_batch_of_it()))",
    ]


def test_lines_that_are_indented_by_tabs_are_not_broken() -> None:
    made = upgraded(f"{IMPORTS}def f():\n\treturn {PROCESS.format('model_fn, ')}\n")
    assert made == f"{IMPORTS}def f():\n\treturn {FIRST}model_fn, {SECOND}\n"


def test_comments_inside_of_what_is_written_stand_above_it() -> None:
    before = (
        f"{IMPORTS}def f():\n  # before\n  p = tff.learning.build_federated_averaging_process(\n"
        "      model_fn,  # the model\n      lambda: tf.keras.optimizers.SGD(\n"
        "          # slow\n          0.1))  # after\n  return p\n"
    )
    assert upgraded(before) == (
        f"{IMPORTS}def f():\n  # before\n  # the model\n  # slow\n  p = {FIRST}\n      model_fn,\n"
        f"      {SECOND}  # after\n  return p\n"
    ).replace("\n      ", "\n      ")


SUM = "@tff.federated_computation(T)\ndef {}(v):\n  return tff.sequence_sum(v)\n"


def test_helper_functions_are_added_once() -> None:
    before = f"{IMPORTS}x = 1\n\n{SUM.format('f')}\n{SUM.format('g')}"
    made = upgraded(before)
    assert made.count("def sequence_sum(value):") == 1
    head, _, rest = made.partition("def sequence_sum(value):")
    assert head == f"{IMPORTS}\n\n"
    assert rest.endswith(
        "    return total(value)\n\n\n"
        + before[len(IMPORTS) :].replace("tff.sequence_sum", "sequence_sum")
    )
    # Its name is free.
    made = upgraded(before.replace("x = 1", "sequence_sum = 1"))
    assert "\ndef sequence_sum_process(value):" in made
    assert made.count("  return sequence_sum_process(v)\n") == 2
    # Two blank lines follow it, whatever there was.
    made = upgraded(before.replace("x = 1", "\n\n\nx = 1"))
    assert "    return total(value)\n\n\n\nx = 1" in made


@pytest.mark.parametrize("name", sorted(index.helpers()))
def test_a_helper_is_no_finding_as_long_as_it_is_as_it_was_added(name: str) -> None:
    helper = index.helpers()[name]
    for release in ("0.13.1", "0.20.0"):
        found = rewritten(f"import numpy as np\n{IMPORTS}\n\n{helper}", release)
        assert found.written == found.left == []


def test_a_helper_that_was_changed_may_be_one() -> None:
    helper = index.helpers()["with_field"].replace("with_field", "with_my_field")
    assert rewritten(f"import numpy as np\n{IMPORTS}\n\n{helper}").written


def test_helpers_that_a_helper_derives_from_are_added_with_it() -> None:
    text = f"{IMPORTS}d = tff.simulation.ClientData.from_clients_and_fn(ids, lambda i: data[i])\n"
    made = upgraded(text)
    assert made.count("class ClientDataInPython(tff.simulation.datasets.ClientData):") == 1
    assert "  class OfFunction(ClientDataInPython):\n" in made
    made = upgraded(f"{text}ClientDataInPython = 1\n")
    assert "\nclass ClientDataInPython_process(tff." in made
    assert "  class OfFunction(ClientDataInPython_process):\n" in made


EXECUTOR = "tff.framework.EagerTFExecutor"


def test_what_is_left_is_told_above_its_statement() -> None:
    before = f"{TFF}\nif x:\n    a = {EXECUTOR}(1); b = {EXECUTOR}(\n  2)\n    c = 1\n"
    made = upgraded(before, annotate=True)
    lines = made.splitlines()
    told = [at for at, line in enumerate(lines) if line.startswith("    # TODO(tff-compat TFF104)")]
    assert told in ([3], [3, 4]) and lines[told[-1] + 1].startswith("    a = ")
    assert "\n".join(line for line in lines if "TODO" not in line) == before.strip()
    assert upgraded(made, annotate=True) == made


def test_nothing_else_changes() -> None:
    before = f"{TFF}\n{EXECUTOR}(1)   ;  x=1 # as it is\n\n\n"
    made = rewritten(before)
    assert made.content.decode() == before and made.texts == {}


def test_code_that_a_helper_makes_of_a_call_stands_for_the_whole_call() -> None:
    text = "import tensorflow_federated as tff\ndata = tff.simulation.datasets.{}.get_synthetic()\n"
    after = upgraded(text.format("emnist"), "0.20.0")
    call = "first_clients(tff.simulation.datasets.emnist.get_synthetic(), 'synthetic')"
    assert after.endswith(f"\ndata = {call}\n")
    after = upgraded(text.format("stackoverflow"), "0.17.0")
    assert "'synthetic_2')" in after and not after.endswith("()\n")
    assert upgraded(text.format("stackoverflow"), "0.18.0") == text.format("stackoverflow")
