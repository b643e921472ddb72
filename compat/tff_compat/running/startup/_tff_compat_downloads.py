"""Replaces known downloads of data by made-up files of the same form: `--data synthetic`.

It stands beside the package, so that the interpreter of any real release can use it too: with this
folder on PYTHONPATH and TFF_COMPAT_SYNTHETIC_DATA naming a folder for the files, nothing else is
needed. The syntax is that of Python 3.7.
"""

from __future__ import annotations

import functools
import io
import os
import re
import sys
import urllib.parse

import _tff_compat_made_up


def file_for(url):
    """The made-up file in the place of what a URL names; None where it is none of those known.

    What is an archive need not be there itself: its members are beside it, as after unpacking.
    """
    name = urllib.parse.urlparse(str(url)).path.rsplit("/", 1)[-1]
    return _tff_compat_made_up.make(name, os.environ["TFF_COMPAT_SYNTHETIC_DATA"])


def _readable_file_for(url):
    path = file_for(url)
    return path if path is not None and os.path.isfile(path) else None


def _keras(module):
    """What `tf.keras.utils.get_file` fetches, also for the data sets of Keras."""
    original = module.get_file

    @functools.wraps(original)
    def get_file(fname=None, origin=None, *args, **kwargs):
        path = file_for(origin)
        return original(fname, origin, *args, **kwargs) if path is None else path

    module.get_file = get_file


def _tff(module):
    """What the data sets of TFF 0.19 and later fetch."""
    original = module.get_compressed_file

    @functools.wraps(original)
    def get_compressed_file(origin, cache_dir=None):
        path = file_for(origin)
        return original(origin, cache_dir) if path is None else path

    module.get_compressed_file = get_compressed_file


def _urllib(module):
    """What `urlopen` and `urlretrieve` fetch."""
    original = module.OpenerDirector.open

    @functools.wraps(original)
    def open(self, fullurl, *args, **kwargs):
        path = _readable_file_for(getattr(fullurl, "full_url", fullurl))
        if path is not None:
            fullurl = "file://" + urllib.parse.quote(path)
        return original(self, fullurl, *args, **kwargs)

    module.OpenerDirector.open = open


def _requests(module):
    """What `requests` fetches."""
    original = module.HTTPAdapter.send

    @functools.wraps(original)
    def send(self, request, *args, **kwargs):
        path = _readable_file_for(request.url)
        if path is None:
            return original(self, request, *args, **kwargs)
        response = module.Response()
        response.status_code, response.reason = 200, "OK"
        response.url, response.request, response.connection = request.url, request, self
        with open(path, "rb") as file:
            response.raw = io.BytesIO(file.read())
        return response

    module.HTTPAdapter.send = send


_REPLACED = (
    # TensorFlow 1 and 2 have Keras in several places.
    (r"(.*\.)?keras(\.src)?\.utils\.(data|file)_utils", _keras),
    (r"tensorflow_federated\.python\.simulation\.datasets\.download", _tff),
    (r"urllib\.request", _urllib),
    (r"requests\.adapters", _requests),
)


def _replacement(name):
    return next((replace for form, replace in _REPLACED if re.fullmatch(form, name)), None)


class _Finder:
    """Has modules that download changed as soon as they are loaded, before anybody uses them."""

    def __init__(self):
        self._asked = set()

    def find_spec(self, fullname, path=None, target=None):
        replace = _replacement(fullname)
        if replace is None or fullname in self._asked:
            return None
        self._asked.add(fullname)
        try:
            for finder in sys.meta_path:
                find = getattr(finder, "find_spec", None)
                spec = None if finder is self or find is None else find(fullname, path, target)
                if spec is not None and spec.loader is not None:
                    spec.loader = _Loader(spec.loader, replace)
                    return spec
        finally:
            self._asked.discard(fullname)
        return None


class _Loader:
    """Does what another loader does, and then changes the module."""

    def __init__(self, loader, replace):
        self._loader, self._replace = loader, replace

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._replace(module)


def start():
    """Replaces downloads from now on; modules that are loaded already are changed at once."""
    for name in list(sys.modules):
        replace = _replacement(name)
        if replace is not None:
            replace(sys.modules[name])
    sys.meta_path.insert(0, _Finder())
