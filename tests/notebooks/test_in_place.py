"""Checks the extension where the kernel's Python has TFF: one with a name and no more."""

from __future__ import annotations

import json
import os

import pytest

_ACTIVE = "from tff_compat import activation\nprint(activation.active())"
_LEGACY = (
    "from packaging.version import Version\n"
    "from tff_compat import deprecation\n"
    "def old():\n"
    "    deprecation.warn_legacy(\n"
    "        'tff.old', last_release=Version('0.12.0'), template='tff.new(\"<b>\")')"
)


def _start(start, fake):
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(fake)]))
    started = start(PYTHONPATH=path)
    started.run("%load_ext tff_compat").ok()
    return started


@pytest.fixture
def fresh(start, fake):
    """A kernel in which no release is in place."""
    return _start(start, fake)


@pytest.fixture(scope="module")
def kernel(start_for_module, fake):
    """A kernel as of 0.9, for tests that leave it as it is."""
    started = _start(start_for_module, fake)
    started.run("%tff_as_of 0.9").ok()
    return started


def test_the_release_is_put_in_place(fresh):
    ran = fresh.run("%tff_as_of 0.9\nimport os\nos.getpid()").ok()
    assert "TensorFlow Federated is as of 0.9.0, on 0.87.0." in ran.out
    assert int(ran.result) == fresh.pid
    assert fresh.run(_ACTIVE).ok().out == "0.9.0\n"
    assert fresh.run("%tff_local\nos.getpid()").ok().result == str(fresh.pid)


def test_without_a_release_the_notebook_tells(fresh, tmp_path):
    cell = {"cell_type": "code", "source": "!pip install tensorflow_federated==0.9.0"}
    rest = {"metadata": {}, "outputs": [], "execution_count": None}
    path = tmp_path / "old.ipynb"
    path.write_text(
        json.dumps(
            {"cells": [{**cell, **rest}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        )
    )
    fresh.run(f"import os\nos.environ['JPY_SESSION_NAME'] = {str(path)!r}").ok()
    ran = fresh.run("%tff_as_of").ok()
    assert "code cell 1, line 1 pins tensorflow_federated==0.9.0" in ran.out
    assert "as of 0.9.0, on 0.87.0" in ran.out


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("", "Which release was it written for?"),
        ("0.8.7", "0.8.7"),
        ("0.9 0.10", "%tff_as_of [RELEASE] [--cached]"),
    ],
)
def test_what_cannot_be_understood_is_asked_for(kernel, line, text):
    ran = kernel.run(f"%tff_as_of {line}", allow_stdin=False)
    assert ran.reply["status"] == "error"
    assert text in ran.stream("stderr")


def test_the_user_is_asked_where_there_is_no_file(fresh):
    ran = fresh.run("%tff_as_of", answer="0.12")
    (question,) = ran.of("input_request")
    assert "Which release of TFF was it written for" in question["content"]["prompt"]
    assert "as of 0.12.0, on 0.87.0" in ran.ok().out


def test_warnings_are_one_block_per_cell(kernel):
    kernel.run(_LEGACY).ok()
    ran = kernel.run(
        "x = 1\nold()\ndeprecation.warn_legacy('tff.other', "
        "last_release=Version('0.9.0'), template='tff.another()')"
    ).ok()
    assert ran.stream("stderr") == ""
    (block,) = ran.displays
    number = ran.reply["execution_count"]
    assert block["text/plain"] == (
        "tff-compat: 2 legacy calls in this cell: what to write instead\n"
        f"  In [{number - 1}], line 4: tff.old (last in TFF 0.12.0)\n"
        '      tff.new("<b>")\n'
        "  line 3: tff.other (last in TFF 0.9.0)\n"
        "      tff.another()"
    )
    assert block["text/html"].startswith("<details")
    assert "tff.new(&quot;&lt;b&gt;&quot;)" in block["text/html"]
    assert not kernel.run("old()").ok().displays, "once per place"


def test_other_warnings_stay_as_they_are(kernel):
    ran = kernel.run("import warnings\nwarnings.warn('mine')").ok()
    assert "UserWarning: mine" in ran.stream("stderr")
    assert not ran.displays


def test_a_filter_for_our_warnings_is_kept(fresh):
    fresh.run(
        "import warnings, tff_compat\n"
        "warnings.simplefilter('error', tff_compat.LegacyAPIWarning)\n%tff_as_of 0.9"
    ).ok()
    fresh.run(_LEGACY).ok()
    assert fresh.run("old()").reply["ename"] == "LegacyAPIWarning"


def test_the_report_is_the_table(fresh):
    fresh.run("%tff_as_of 0.9").ok()
    assert fresh.run("%tff_report").ok().out == "tff-compat: no legacy calls so far.\n"
    fresh.run(_LEGACY).ok()
    fresh.run("for _ in range(3): old()").ok()
    (result,) = fresh.run("%tff_report").ok().of("execute_result")
    data = result["content"]["data"]
    assert "line 4      3  tff.old      0.12.0" in data["text/plain"]
    assert "last in TFF 0.12.0, 3 times" in data["text/html"]


def test_installs_of_tensorflow_are_skipped(kernel):
    ran = kernel.run("%tensorflow_version 1.x\n!pip install -q tf-nightly").ok()
    assert ran.out.count("is skipped: TensorFlow is there already.") == 2


def test_google_colab_says_what_to_do(kernel):
    ran = kernel.run(
        "from google.colab import drive, files, userdata\n"
        "drive.mount('/content/drive')\nfiles.download('result.csv')"
    ).ok()
    first, second = ran.out.splitlines()
    assert "put the files that the notebook reads into /content/drive" in first
    assert second.endswith("/work/result.csv")
    ran = kernel.run("files.upload()")
    assert "put the file into" in ran.reply["evalue"]
    ran = kernel.run("import os\nos.environ['KEY'] = 'value'\nuserdata.get('KEY')").ok()
    assert ran.result == "'value'"
    assert (
        "set the environment variable OTHER" in kernel.run("userdata.get('OTHER')").reply["evalue"]
    )


def test_loading_the_extension_imports_nothing_heavy(fresh):
    ran = fresh.run(
        "import sys\n"
        "sorted({'tensorflow', 'numpy', 'rich', 'nbformat', 'jupyter_client.manager', "
        "'tff_compat.source.inference', 'tff_compat.notebooks.bridge'} & set(sys.modules)"
        " - {'jupyter_client.manager'})"
    ).ok()
    assert ran.result == "[]"


def test_the_static_findings_are_those_of_the_command(fresh, tmp_path):
    path = tmp_path / "old.ipynb"
    code = "import tensorflow_federated as tff\ntff.learning.build_federated_averaging_process"
    cell = {"cell_type": "code", "source": code, "metadata": {}, "outputs": []}
    path.write_text(
        json.dumps(
            {
                "cells": [{**cell, "execution_count": None}],
                "metadata": {},
                "nbformat": 4,
                "nbformat_minor": 4,
            }
        )
    )
    fresh.run(f"import os\nos.environ['JPY_SESSION_NAME'] = {str(path)!r}").ok()
    lines = fresh.run("%tff_check").ok().out.splitlines()
    assert "old.ipynb:cell 1:2:1: TFF" in lines[0]
    assert "1 found" in lines[-1]


def test_the_magic_of_colab_for_shell_cells(kernel):
    assert kernel.run("%%shell\necho $((6 * 7))").ok().out == "42\n"
