"""Packages of a program have releases of their own, whichever way they import TFF."""

from __future__ import annotations

import pytest

_ROADS = {
    "statement": "import tensorflow_federated as tff",
    "package": "import tensorflow_federated; tff = tensorflow_federated",
    "from_package": "from tensorflow_federated import python as tff",
    "from_inside": "from tensorflow_federated.python.core import api as tff",
    "inside": "import tensorflow_federated.python.core.api as tff",
    "not_inside": "import tensorflow_federated.proto; tff = tensorflow_federated",
    "by_name": "import importlib; tff = importlib.import_module('tensorflow_federated')",
    "bound": "from importlib import import_module as f; tff = f('tensorflow_federated')",
    "inside_by_name": "import importlib as i; tff = i.import_module('tensorflow_federated.python')",
    "relative_name": "import importlib as i; tff = i.import_module('.python', i.__name__ and "
    "'tensorflow_federated')",
    "called": "tff = __import__('tensorflow_federated')",
    "lazy": "def __getattr__(name):\n  import tensorflow_federated as tff\n  return tff",
    "executed": "exec('import tensorflow_federated as tff')",
}

_INSIDE = {
    "from_package": "tensorflow_federated.python",
    "from_inside": "tensorflow_federated.python.core.api",
    "inside": "tensorflow_federated.python.core.api",
    "inside_by_name": "tensorflow_federated.python",
    "relative_name": "tensorflow_federated.python",
}


def _view(road: str, release: str) -> str:
    return f"<view of {_INSIDE.get(road, 'tff')!r} as of TFF {release}>"


@pytest.fixture
def package(run, fake_tff):
    """Two packages that import TFF in each way, and a program that prints what each has got."""
    # The adapters need TensorFlow.
    fake_tff.code("from tff_compat.adapters import registry\nregistry.load_all = lambda: None")
    (fake_tff.folder / "tensorflow_federated" / "proto.py").touch()
    for name in ("old_lib", "new_lib"):
        folder = run.folder / name / "part"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").touch()
        (folder / "__init__.py").write_text("from .statement import tff\n")
        for road, source in _ROADS.items():
            (folder / f"{road}.py").write_text(f"{source}\n")
    run.write(
        "program.py",
        f"""
        import importlib, sys
        for package in ("new_lib", "old_lib", "new_lib"):
            for road in {list(_ROADS)}:
                module = importlib.import_module(f"{{package}}.part.{{road}}")
                print(package, road, module.tff)
            print(package, "relative", sys.modules[f"{{package}}.part"].tff)
        import tensorflow_federated
        print(tensorflow_federated)
        """,
    )


def _printed(old: str, new: str) -> list[str]:
    lines = []
    for package, release in (("new_lib", new), ("old_lib", old), ("new_lib", new)):
        lines += [f"{package} {road} {_view(road, release)}" for road in _ROADS]
        lines.append(f"{package} relative {_view('statement', release)}")
    return lines


def test_each_package_gets_its_release_however_it_imports_tff(run, package):
    # As of 0.19 TFF still had its own source as an attribute.
    ended = run("program.py", "x", "--as-of", "old_lib=0.9", "--as-of=0.19")
    assert ended.status == 0, ended.err
    expected = [*_printed("0.9.0", "0.19.0"), "<view of 'tff' as of TFF 0.19.0>"]
    assert ended.out.splitlines() == expected
    assert "as of TFF 0.19.0, old_lib=0.9.0" in ended.err


def test_the_rest_is_the_installed_tff_as_it_is(run, package):
    run.write("old_lib/show.py", "from .statement import tff\nprint(tff)")
    run.write(
        "other.py",
        """
        import tensorflow_federated, old_lib.part, collections
        print(old_lib.part.tff, type(tensorflow_federated).__name__)
        print(hasattr(collections, "Mapping"))
        """,
    )
    ended = run("other.py", "--as-of", "old_lib=0.9")
    assert ended.out.splitlines() == ["<view of 'tff' as of TFF 0.9.0> module", "True"], ended.err
    assert "TensorFlow Federated 0.87.0 as it is, but as of old_lib=0.9.0" in ended.err


def test_the_longest_name_counts(run, package):
    run.write(
        "other.py",
        """
        import old_lib.part.statement, old_lib.part.package
        print(old_lib.part.statement.tff.__version__, old_lib.part.package.tff.__version__)
        """,
    )
    ended = run("other.py", "--as-of", "old_lib=0.9,old_lib.part.package=0.12", "--as-of", "0.19")
    assert ended.out == "0.9.0 0.12.0\n", ended.err


def test_what_activation_does_not_reach_is_told(run, package):
    run.write(
        "other.py",
        """
        import warnings
        import tensorflow_federated
        import old_lib.part.statement, new_lib.part.statement
        import tff_compat
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with tff_compat.activate({"old_lib": "0.9"}) as activation:
                import old_lib.part.lazy
                print(old_lib.part.statement.tff.__name__, old_lib.part.lazy.tff.__version__)
        print(*(each.message for each in caught))
        import old_lib.part.executed
        print(old_lib.part.executed.tff is tensorflow_federated, activation)
        """,
    )
    ended = run("other.py", "--as-of", "0.87")
    now, told, after = ended.out.splitlines()
    assert now == "tensorflow_federated 0.9.0", ended.err
    assert "before activate({'old_lib': '0.9'}), which does not reach `tff` of old_lib.part" in told
    assert "new_lib" not in told and "__main__" not in told
    assert after == "True <tensorflow_federated as of old_lib=0.9.0>"


def test_modules_that_are_programs_and_other_processes(run, package):
    (run.folder / "old_lib" / "main.py").write_text(
        "import multiprocessing, pickle, subprocess, sys\n"
        "import tensorflow_federated as tff\n"
        "from tensorflow_federated.python.core import api\n"
        "def show(*given):\n"
        "    print(*given, tff, flush=True)\n"
        "if __name__ == '__main__':\n"
        "    assert pickle.loads(pickle.dumps(tff)) is tff\n"
        "    show()\n"
        "    for method in ('spawn', 'fork'):\n"
        "        process = multiprocessing.get_context(method).Process(target=show, args=(api,))\n"
        "        process.start()\n"
        "        process.join()\n"
        "    subprocess.run([sys.executable, '-c', 'from old_lib.main import show; show()'])\n"
    )
    ended = run("-m", "old_lib.main", "--as-of", "old_lib=0.9", "--as-of", "0.52")
    shown, api = _view("statement", "0.9.0"), _view("inside", "0.9.0")
    assert ended.out.splitlines() == [shown, f"{api} {shown}", f"{api} {shown}", shown], ended.err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["old_lib=0.8"], "--as-of: 'old_lib': TFF 0.8 is a tag of TFF's repository"),
        (["old_lib=0.9", "old_lib=0.12"], "--as-of: old_lib has two releases, 0.9 and 0.12"),
        (["0.9", "0.12"], "--as-of: the rest of the program has two releases, 0.9 and 0.12"),
        (["old lib=0.9"], "--as-of: 'old lib' is no name of a package"),
        (["0.9", "old_lib="], "--as-of: 'old_lib': TFF "),
        (["0.8"], "--as-of: TFF 0.8"),
    ],
)
def test_what_cannot_be_meant_is_refused(run, words, text):
    run.write("program.py", "")
    ended = run("program.py", *(f"--as-of={word}" for word in words))
    assert ended.status == 2
    assert text in ended.err
