"""Pins are found where a program installs TFF, in what it printed, and in the files around it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import catalog
from tff_compat.source import pins
from tff_compat.source.reading import read

_CATALOG = catalog.load()
_NEWEST = str(catalog.PRIMARY)


def _find(tmp_path: Path, files: dict[str, str], program: str = "main.py") -> pins.Pins:
    for name, text in {program: "", **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return pins.find(read(tmp_path / program), _CATALOG)


def _notebook(*cells: str | tuple[str, str]) -> dict[str, str]:
    """A notebook; of a pair the second is what the cell printed."""
    made = []
    for cell in cells:
        source, output = (cell, "") if isinstance(cell, str) else cell
        outputs = [{"output_type": "stream", "text": output}] if output else []
        made.append({"cell_type": "code", "source": source, "outputs": outputs})
    return {"main.ipynb": json.dumps({"cells": made})}


def _in_notebook(tmp_path: Path, *cells: str | tuple[str, str]) -> pins.Pins:
    return _find(tmp_path, _notebook(*cells), "main.ipynb")


def _shown(found: pins.Pins) -> tuple[str, str, list[str]]:
    assert found.pin is not None
    return found.pin.requirement, found.pin.place, [str(v) for v in found.pin.candidates]


def _release(found: pins.Pins) -> str | None:
    return None if found.pin is None else str(found.pin.candidates[0])


class TestInstallLines:
    @pytest.mark.parametrize(
        "line",
        [
            "!pip install tensorflow-federated==0.13.1",
            "!pip install --quiet tensorflow_federated==0.13.1 # the one",
            "%pip install -U 'tensorflow_federated==0.13.1'",
            "!pip3 install TensorFlow.Federated == 0.13.1",
            "!pip install tensorflow==2.1 tensorflow_federated[all]==0.13.1",
            "pip install tensorflow_federated==0.13.1",
            "!conda install tensorflow-federated=0.13.1",
            "!uv add tensorflow-federated==0.13.1",
            "!pip install tensorflow_federated==v0.13.1",
            "!pip install \\\n  tensorflow_federated==0.13.1",
            "import os\nos.system('pip install tensorflow_federated==0.13.1')",
            "subprocess.run(['pip', 'install', 'tensorflow_federated==0.13.1'])",
            "!pip install tensorflow_federated==$VERSION\nVERSION = '0.13.1'",
            "VERSION = '0.13.1'\n!pip install tensorflow_federated=={VERSION}",
            "!pip install git+https://github.com/tensorflow/federated.git@v0.13.1",
            "!pip install git+https://github.com/google-parfait/tensorflow-federated@v0.13.1",
            "!pip install https://x.org/tensorflow_federated-0.13.1-py2.py3-none-any.whl",
        ],
    )
    def test_pins(self, tmp_path, line):
        found = _in_notebook(tmp_path, "1", line)
        assert _release(found) == "0.13.1"
        assert found.pin is not None and found.pin.place.startswith("code cell 2, line")
        assert found.pin.published and found.pin.exact

    @pytest.mark.parametrize(
        "line",
        [
            "# !pip install tensorflow_federated==0.13.1",
            "!echo tensorflow_federated==0.13.1",
            "!pip install tensorflow_federated",
            "!pip install x # tensorflow_federated==0.13.1",
            "!pip install my-tensorflow_federated==0.13.1",
            "!pip install tensorflow_federated_extras==0.13.1",
            "!# pip install tensorflow_federated==0.13.1",
            "!pip install tensorflow_federated==$NOT_THERE",
            "!pip install git+https://github.com/tensorflow/federated.git@main",
            "!pip install git+https://github.com/other/federated.git@v0.13.1",
        ],
    )
    def test_no_pins(self, tmp_path, line):
        assert _in_notebook(tmp_path, line) == pins.Pins()

    def test_the_last_one_wins(self, tmp_path):
        lines = [f"!pip install tensorflow_federated=={v}" for v in ("0.12.0", "0.17.0")]
        assert _release(_in_notebook(tmp_path, *lines)) == "0.17.0"
        assert _release(_in_notebook(tmp_path, *reversed(lines))) == "0.12.0"

    def test_how_it_is_shown(self, tmp_path):
        found = _in_notebook(tmp_path, "\n!pip install 'tensorflow_federated == 0.13.1'")
        assert _shown(found) == ("tensorflow_federated==0.13.1", "code cell 1, line 2", ["0.13.1"])

    def test_a_long_text_is_no_command(self, tmp_path):
        text = "pip install tensorflow_federated==0.13.1" + "x" * 2000
        assert _find(tmp_path, {"main.py": f"f('{text}')"}).pin is None

    def test_in_a_script(self, tmp_path):
        found = _find(
            tmp_path, {"main.py": "x\nos.system('pip install tensorflow_federated==0.9')"}
        )
        assert _shown(found)[1:] == ("line 2", ["0.9.0"])

    def test_files_are_not_asked_then(self, tmp_path):
        files = {
            **_notebook("!pip install tensorflow_federated==0.13.1"),
            "requirements.txt": "tensorflow_federated==0.17.0",
        }
        assert _release(_find(tmp_path, files, "main.ipynb")) == "0.13.1"


class TestSpecifiers:
    @pytest.mark.parametrize(
        ("specifiers", "release", "exact"),
        [
            ("==0.17.0", "0.17.0", True),
            ("===0.17.0", "0.17.0", True),
            ("==0.16.*", "0.16.1", True),
            ("==0.10", "0.10.0", True),
            ("~=0.13.0", "0.13.1", False),
            ("<0.14", "0.13.1", False),
            ("<=0.14.0", "0.14.0", False),
            (">=0.10,<0.13", "0.12.0", False),
            (">= 0.10 , < 0.13", "0.12.0", False),
            ("<0.14,!=0.13.1", "0.13.0", False),
        ],
    )
    def test_the_newest_that_fits(self, tmp_path, specifiers, release, exact):
        found = _find(tmp_path, {"requirements.txt": f"tensorflow-federated{specifiers}"})
        assert found.pin is not None
        assert (_release(found), found.pin.exact, found.pin.published) == (release, exact, True)
        assert found.pin.requirement == f"tensorflow-federated{specifiers.replace(' ', '')}"

    @pytest.mark.parametrize("specifiers", [">=0.16.1", ">0.16.0", "!=0.5.0,>0.16.0"])
    def test_a_lower_bound_is_no_pin(self, tmp_path, specifiers):
        found = _find(tmp_path, {"requirements.txt": f"tensorflow-federated{specifiers}"})
        (bound,) = found.bounds
        assert found.pin is None
        assert not bound.weak and bound.place == "requirements.txt, line 1"
        assert min(bound.releases) == Version("0.16.1")
        assert max(bound.releases) == _CATALOG.releases[-1]

    def test_a_bound_that_nothing_satisfies(self, tmp_path):
        assert _find(tmp_path, {"requirements.txt": "tensorflow-federated>=3"}) == pins.Pins()

    @pytest.mark.parametrize(
        ("version", "near"),
        [("0.8.0", ["0.7.0", "0.9.0"]), ("0.25", ["0.24.0", "0.26.0"]), ("0.99.0", [_NEWEST])],
    )
    def test_what_was_never_published(self, tmp_path, version, near):
        found = _find(tmp_path, {"requirements.txt": f"tensorflow-federated=={version}"})
        assert found.pin is not None and not found.pin.published
        assert _shown(found)[2] == near

    @pytest.mark.parametrize("specifiers", ["==0.x", "=>0.5", "==1.2.3.foo!"])
    def test_what_is_no_version(self, tmp_path, specifiers):
        found = _find(tmp_path, {"requirements.txt": f"tensorflow-federated{specifiers}"})
        assert found.pin is None or not found.pin.published


class TestNightlies:
    @pytest.mark.parametrize(
        ("version", "release"),
        [
            ("0.16.1.dev20200811", "0.17.0"),
            ("0.13.1.dev20200518", "0.14.0"),  # The day of its publication.
            ("0.13.1.dev20200519", "0.15.0"),
            ("0.19.0.dev20210601", "0.20.0"),
            ("0.1.0.dev20190101", "0.1.0"),
            ("0.87.0.dev20240920", "0.87.0"),
        ],
    )
    @pytest.mark.parametrize(
        "name", ["tensorflow_federated_nightly", "tensorflow-federated-nightly"]
    )
    def test_with_a_day(self, tmp_path, name, version, release):
        found = _in_notebook(tmp_path, f"!pip install {name}=={version}")
        assert _release(found) == release
        assert found.pin is not None and not found.pin.published
        assert found.pin.requirement == f"{name}=={version}"

    def test_a_day_of_tff_itself(self, tmp_path):
        found = _find(tmp_path, {"requirements.txt": "tensorflow-federated==0.16.1.dev20200811"})
        assert _release(found) == "0.17.0"

    def test_no_day_of_any_calendar(self, tmp_path):
        found = _find(
            tmp_path, {"requirements.txt": "tensorflow-federated-nightly==0.1.dev20209911"}
        )
        assert found.pin is None and found.nightly is not None

    def test_without_a_day(self, tmp_path):
        found = _in_notebook(tmp_path, "!pip install --upgrade tensorflow_federated_nightly")
        assert found.pin is None
        assert found.nightly == pins.Nightly("tensorflow_federated_nightly", "code cell 1, line 1")

    def test_the_last_line_wins_over_a_nightly_too(self, tmp_path):
        nightly, pin = (
            "!pip install tensorflow-federated-nightly",
            "!pip install tensorflow-federated==0.9",
        )
        found = _in_notebook(tmp_path, nightly, pin)
        assert (_release(found), found.nightly) == ("0.9.0", None)

    def test_in_a_file(self, tmp_path):
        found = _find(tmp_path, {"requirements.txt": "tensorflow-federated-nightly"})
        assert found.nightly is not None and found.nightly.place == "requirements.txt, line 1"

    def test_a_pin_in_a_file_further_up_wins(self, tmp_path):
        files = {"a/requirements.txt": "tensorflow-federated-nightly", "a/main.py": "", ".git": "",
                 "setup.py": "install_requires=['tensorflow-federated==0.17.0']"}  # fmt: skip
        assert _release(_find(tmp_path, files, "a/main.py")) == "0.17.0"


class TestOutputs:
    @pytest.mark.parametrize(
        ("output", "release"),
        [
            ("Collecting x\nSuccessfully installed a-1 tensorflow-federated-0.16.1 b-2", "0.16.1"),
            ("Successfully installed tensorflow-federated-nightly-0.16.1.dev20200811", "0.17.0"),
            ("Requirement already satisfied: tensorflow_federated in /usr/lib (0.17.0)", "0.17.0"),
            (
                "Requirement already satisfied: tensorflow-federated in /a (from x) (0.17.0)",
                "0.17.0",
            ),
        ],
    )
    def test_what_pip_says(self, tmp_path, output, release):
        found = _in_notebook(tmp_path, "1", ("!pip install -q tensorflow_federated", output))
        assert _release(found) == release
        assert found.pin is not None and found.pin.place == "the output of code cell 2"
        name = "tensorflow-federated-nightly" if "nightly" in output else "tensorflow-federated"
        assert found.pin.requirement.startswith(f"{name}==0.1")

    @pytest.mark.parametrize(
        "output", ["0.16.1", "'0.16.1'", "TFF version: 0.16.1\n", "tff 0.16.1, python"]
    )
    def test_the_version_that_is_printed(self, tmp_path, output):
        code = "import tensorflow_federated as tff\nprint(tff.__version__)"
        assert _release(_in_notebook(tmp_path, (code, output))) == "0.16.1"

    @pytest.mark.parametrize(
        ("code", "output"),
        [
            ("print(tf.__version__)", "0.16.1"),
            ("print(tff.__version__, tf.__version__)", "0.16.1 2.3.0"),
            ("tff.__version__", "none"),
        ],
    )
    def test_other_outputs(self, tmp_path, code, output):
        assert _in_notebook(tmp_path, (code, output)).pin is None

    def test_an_exact_line_wins(self, tmp_path):
        output = "Successfully installed tensorflow-federated-0.16.1"
        found = _in_notebook(tmp_path, ("!pip install tensorflow_federated==0.17.0", output))
        assert _release(found) == "0.17.0"

    def test_a_range_does_not(self, tmp_path):
        output = "Successfully installed tensorflow-federated-0.16.1"
        found = _in_notebook(tmp_path, ("!pip install 'tensorflow_federated<0.18'", output))
        assert _release(found) == "0.16.1"

    def test_a_script_has_none(self, tmp_path):
        assert _find(tmp_path, {"main.py": "print(tff.__version__)"}).pin is None


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("requirements.txt", "tensorflow\ntensorflow-federated==0.17.0\n"),
            ("requirements-dev.txt", "tensorflow_federated==0.17.0"),
            ("dev-requirements.txt", "tensorflow_federated==0.17.0"),
            ("requirements/base.txt", "tensorflow_federated==0.17.0"),
            ("requirements.in", "tensorflow_federated==0.17.0"),
            ("constraints.txt", "tensorflow_federated==0.17.0"),
            ("requirements.txt", "tensorflow_federated==0.17.0 ; python_version > '3.6'"),
            ("requirements.txt", "tensorflow_federated==0.17.0 --hash=sha256:0 # 0.18.0"),
            ("requirements.txt", "\ufefftensorflow_federated==0.17.0"),
            ("Pipfile", '[packages]\ntensorflow-federated = "==0.17.0"'),
            ("Pipfile", '[packages]\ntensorflow-federated = {version = "==0.17.0"}'),
            ("Pipfile.lock", '{"default": {"tensorflow-federated": {"version": "==0.17.0"}}}'),
            ("poetry.lock", '[[package]]\nname = "tensorflow-federated"\nversion = "0.17.0"'),
            ("uv.lock", '[[package]]\nname = "tensorflow-federated"\nversion = "0.17.0"'),
            ("environment.yml", "dependencies:\n  - pip:\n    - tensorflow-federated==0.17.0"),
            ("environment-gpu.yaml", "dependencies:\n  - tensorflow-federated=0.17.0"),
            ("conda.yml", "- tensorflow-federated=0.17.0=py37"),
            ("conda-gpu.yaml", "- tensorflow-federated=0.17.0"),
            ("pyproject.toml", 'dependencies = ["tensorflow-federated==0.17.0"]'),
            ("pyproject.toml", 'tensorflow-federated = "^0.17.0"'),
            ("pyproject.toml", 'tensorflow-federated = "0.17.0"'),
            ("setup.cfg", "install_requires =\n    tensorflow-federated==0.17.0"),
            ("setup.cfg", "install_requires = tensorflow-federated (==0.17.0)"),
            ("setup.py", "setup(install_requires=['x', 'tensorflow-federated==0.17.0'])"),
            (
                "setup.py",
                "TFF = '0.17.0'\nsetup(install_requires=[f'tensorflow-federated=={TFF}'])",
            ),
            ("Dockerfile", "FROM x\nRUN pip install \\\n  tensorflow-federated==0.17.0"),
            ("Dockerfile.gpu", "ARG TFF=0.17.0\nRUN pip install tensorflow-federated==${TFF}"),
            ("docker/Dockerfile", "ENV TFF 0.1\nRUN pip install tensorflow-federated==0.17.0"),
            (".devcontainer/Dockerfile", "RUN pip install tensorflow-federated==0.17.0"),
            ("tox.ini", "deps = tensorflow-federated==0.17.0"),
            ("Dockerfile", "RUN pip install \\\n  tensorflow-federated==0.17.0 \\"),
            (".github/workflows/ci.yml", "run: pip install tensorflow-federated==0.17.0"),
            ("README.md", "Install it:\n\n    pip install tensorflow-federated==0.17.0\n"),
            ("README", "tensorflow_federated==0.17.0"),
        ],
    )
    def test_pins(self, tmp_path, name, text):
        found = _find(tmp_path, {name: text})
        assert _release(found) == "0.17.0"
        assert found.pin is not None and found.pin.place.startswith(f"{name}, line ")

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("requirements.txt", "# tensorflow-federated==0.17.0"),
            ("requirements.txt", "tensorflow-federated"),
            ("requirements.txt", "tensorflow-federated-extras==0.17.0"),
            ("notes.txt", "tensorflow-federated==0.17.0"),
            ("another_project/Dockerfile", "RUN pip install tensorflow-federated==0.17.0"),
            ("Pipfile.lock", "{"),
            ("Pipfile.lock", "[]"),
            ("Pipfile.lock", '{"default": {}}'),
            ("poetry.lock", '[[package]]\nname = "tensorflow"\nversion = "2.3.0"'),
            ("README.md", "tensorflow-federated==0.17.0, or tensorflow-federated==0.18.0"),
            ("tox.ini", "a: tensorflow-federated==0.17.0\nb: tensorflow-federated==0.18.0"),
            ("requirements.txt", "#" * 2_000_000 + "\ntensorflow-federated==0.17.0"),
        ],
    )
    def test_no_pins(self, tmp_path, name, text):
        assert _find(tmp_path, {name: text}) == pins.Pins()

    def test_of_several_requirements_the_first_counts(self, tmp_path):
        text = "tensorflow-federated==0.17.0;python_version<'3.7'\ntensorflow-federated==0.18.0"
        assert _release(_find(tmp_path, {"requirements.txt": text})) == "0.17.0"

    def test_the_same_pin_twice(self, tmp_path):
        text = "tensorflow-federated==0.17.0\n\ntensorflow_federated==0.17.0"
        assert _release(_find(tmp_path, {"README.md": text})) == "0.17.0"

    def test_what_cannot_be_read(self, tmp_path):
        (tmp_path / "requirements.txt").write_bytes(b"\xff tensorflow-federated==0.17.0")
        (tmp_path / "setup.py").mkdir()
        assert _find(tmp_path, {}).pin is None

    def test_places(self, tmp_path):
        text = "a\nb \\\n  tensorflow-federated==0.9\n"
        assert _shown(_find(tmp_path, {"requirements.txt": text}))[1] == "requirements.txt, line 2"
        lock = '{\n "default": {\n  "tensorflow-federated": {\n   "version": "==0.9"}}}'
        other = _find(tmp_path / "2", {"Pipfile.lock": lock})
        assert _shown(other)[:2] == ("tensorflow-federated==0.9", "Pipfile.lock, line 3")
        lock = 'x\n\nname = "tensorflow-federated"\nversion = "0.9"'
        assert _shown(_find(tmp_path / "3", {"uv.lock": lock}))[1] == "uv.lock, line 3"

    def test_the_folders_above(self, tmp_path):
        files = {"a/b/main.py": "", ".git": "", "requirements.txt": "tensorflow-federated==0.9"}
        found = _find(tmp_path, files, "a/b/main.py")
        assert _shown(found)[1:] == ("../../requirements.txt, line 1", ["0.9.0"])

    def test_the_nearest_folder_wins(self, tmp_path):
        files = {"a/main.py": "", "a/README.md": "tensorflow-federated==0.12.0", ".git": "",
                 "requirements.txt": "tensorflow-federated==0.9"}  # fmt: skip
        assert _release(_find(tmp_path, files, "a/main.py")) == "0.12.0"

    def test_of_one_folder_requirements_win(self, tmp_path):
        pin = "tensorflow-federated=={}".format
        files = {
            "README.md": pin("0.12.0"),
            "setup.py": pin("0.13.1"),
            "requirements.txt": pin("0.9"),
        }
        assert _release(_find(tmp_path, files)) == "0.9.0"

    def test_of_several_files_of_requirements_the_plain_one_wins(self, tmp_path):
        files = {"requirements-dev.txt": "tensorflow-federated==0.12.0",
                 "requirements.txt": "tensorflow-federated==0.9"}  # fmt: skip
        assert _release(_find(tmp_path, files)) == "0.9.0"

    def test_above_the_project_nothing_counts(self, tmp_path):
        files = {"p/.git": "", "p/main.py": "", "requirements.txt": "tensorflow-federated==0.9"}
        assert _find(tmp_path, files, "p/main.py") == pins.Pins()

    @pytest.mark.parametrize("option", ["-r ", "-c ", "--requirement=", "--constraint "])
    def test_requirements_that_include_others(self, tmp_path, option):
        files = {"requirements.txt": f"x\n{option}deps/more.in\n",
                 "deps/more.in": "tensorflow-federated==0.9\n-r ../requirements.txt"}  # fmt: skip
        found = _find(tmp_path, files)
        assert _shown(found)[1:] == ("deps/more.in, line 1", ["0.9.0"])

    def test_the_program_itself_is_none_of_them(self, tmp_path):
        files = {"setup.py": "x = 'tensorflow-federated==0.9'"}
        assert _find(tmp_path, files, "setup.py").pin is None


class TestTensorFlow:
    @pytest.mark.parametrize(
        "text",
        [
            "tensorflow==2.1.0",
            "tensorflow-gpu == 2.1.4",
            "tensorflow-cpu==2.1",
            "tensorflow==2.1.*",
            "tensorflow=2.1",
            "tensorflow~=2.1.0",
            'tensorflow = "2.1.0"',
            "'tensorflow' == '2.1.0'",
        ],
    )
    def test_its_version_is_a_sign(self, tmp_path, text):
        (bound,) = _find(tmp_path, {"requirements.txt": text}).bounds
        assert bound.weak and bound.requirement == re.sub(r"[ '\"]", "", text)
        assert {str(release) for release in bound.releases} == {"0.12.0", "0.13.0", "0.13.1"}

    @pytest.mark.parametrize(
        "text",
        [
            "tensorflow>=2.1",
            "tensorflow",
            "tensorflow==9.9",
            "tensorflow-addons==2.1",
            "tensorflow==2",
            "tensorflow~=2.1",
            'tensorflow = "^2.1"',
        ],
    )
    def test_other_requirements_are_none(self, tmp_path, text):
        assert _find(tmp_path, {"requirements.txt": text}).bounds == ()

    def test_beside_a_pin(self, tmp_path):
        found = _in_notebook(tmp_path, "!pip install tensorflow==2.1 tensorflow-federated==0.9")
        assert (_release(found), len(found.bounds)) == ("0.9.0", 1)


@pytest.mark.parametrize(
    "text",
    [
        'import tff_compat\ntff_compat.activate("0.9")\nimport tensorflow_federated as tff\n',
        'import tff_compat\ntff = tff_compat.as_of("0.9")\n',
        'from tff_compat import as_of\ntff = as_of("0.9.0")\n',
        'import tff_compat\ntff_compat.activate({"old_lib": "0.4", "*": "0.9"})\n',
    ],
)
def test_what_a_program_puts_in_place_itself_comes_first(tmp_path, text):
    files = {"main.py": text, "requirements.txt": "tensorflow-federated==0.87.0\n"}
    (pin,) = (_find(tmp_path, files).pin,)
    assert pin is not None and pin.candidates == (Version("0.9.0"),)
    assert pin.place.startswith("line 2")
    assert pin.requirement.replace("'", '"') in text


def test_the_magic_of_a_notebook_comes_first(tmp_path):
    found = _in_notebook(
        tmp_path,
        "!pip install tensorflow-federated==0.87.0",
        "%load_ext tff_compat\n%tff_as_of 0.9",
    )
    assert found.pin is not None and found.pin.candidates == (Version("0.9.0"),)


def test_what_is_no_release_is_put_in_place_by_nobody(tmp_path):
    text = 'import tff_compat\ntff_compat.activate("soon")\nactivate(RELEASE)\n'
    assert _find(tmp_path, {"main.py": text}).pin is None
