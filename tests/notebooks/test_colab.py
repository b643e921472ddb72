"""Checks that calls of `google.colab` in the inner kernel are carried out by the outer one."""

from __future__ import annotations

import pytest

_FILES = """
def upload():
    open("data.bin", "wb").write(b"\\0content")
    print("choose a file")
    return {"data.bin": b"\\0content"}
"""
_DRIVE = """
import os
def mount(mountpoint, force_remount=False):
    os.environ["MOUNTED"] = f"{mountpoint} {force_remount}"
"""
_USERDATA = """
class SecretNotFoundError(Exception): pass
def get(key):
    if key != "known": raise SecretNotFoundError(key)
    return 'the "secret"'
"""


@pytest.fixture
def kernel(start, cached, tmp_path):
    """A kernel that has `google.colab`, as Colab's has; what Colab does is made up."""
    # The inner kernel must not see it: it comes from the outer kernel's profile.
    package = tmp_path / "colab" / "google" / "colab"
    package.mkdir(parents=True)
    for name, code in (
        ("__init__", ""),
        ("files", _FILES),
        ("drive", _DRIVE),
        ("userdata", _USERDATA),
    ):
        (package / f"{name}.py").write_text(code)
    started = start(**cached)
    started.run(f"import sys\nsys.path.insert(0, {str(tmp_path / 'colab')!r})").ok()
    started.as_of("0.87")
    return started


def test_calls_are_carried_out_by_colab(kernel):
    kernel.run("import os\nos.mkdir('sub')\nos.chdir('sub')").ok()
    ran = kernel.run("from google.colab import files\nfiles.upload()", answer="").ok()
    assert ran.result == "{'data.bin': b'\\x00content'}"
    assert ran.out == "choose a file\n"
    assert not ran.of("input_request")
    assert (kernel.folder / "sub" / "data.bin").exists()
    kernel.run("from google.colab import drive\ndrive.mount('/x', force_remount=True)").ok()
    assert kernel.run("%tff_local\nimport os\nos.environ['MOUNTED']").ok().result == "'/x True'"
    kernel.run("from google.colab import userdata").ok()
    assert kernel.run("userdata.get('known')").ok().result == "'the \"secret\"'"
    assert kernel.run("userdata.get('other')").reply["evalue"] == "SecretNotFoundError: other"
    assert kernel.run("input('Name? ')", answer="Ada").ok().result == "'Ada'"
