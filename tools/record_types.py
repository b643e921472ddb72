"""Records what type expressions give on the real releases.

    python tools/record_types.py 0.13.1 [RELEASE...] [--environment PATH]

evaluates the expressions of `tests/type_expressions.py` in the environment of each release and
writes `tests/references/types/<release>.json`: for each expression the string and the
representation of its value, or the name of the exception that it raised.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from packaging.version import Version
from record_references import Environment

_ROOT = Path(__file__).resolve().parent.parent
_RECORDED = _ROOT / "tests" / "references" / "types"
_COMPOSITES = 120
_FIRST_WITH_NUMPY = Version("0.64")

# For the Python and the releases of each era.
_EVALUATION = """
import collections, json, sys
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
try:
  import attr
except ImportError:
  attr = None
if not hasattr(tff, 'TensorType'):
  from tensorflow_federated import python as tff
if hasattr(tf, 'compat') and hasattr(tf.compat, 'v1'):
  tf.compat.v1.enable_v2_behavior()
names = {'attr': attr, 'collections': collections, 'np': np, 'tf': tf, 'tff': tff}
with open(sys.argv[1]) as file:
  codes = json.load(file)
results = {}
for code in codes:
  if attr is None and 'attr.' in code:
    continue
  try:
    value = eval(code, dict(names))
    results[code] = {'str': str(value), 'repr': repr(value)}
  except Exception as error:
    results[code] = {'error': type(error).__name__}
with open(sys.argv[2], 'w') as file:
  json.dump(results, file)
"""


def _expressions() -> ModuleType:
    place = _ROOT / "tests" / "type_expressions.py"
    spec = importlib.util.spec_from_file_location(place.stem, place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[place.stem] = module  # Dataclasses look their module up there.
    spec.loader.exec_module(module)
    return module


def _evaluated(python: Path, codes: Sequence[str]) -> dict[str, dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="tff-types-") as scratch:
        given, written = Path(scratch, "codes.json"), Path(scratch, "results.json")
        given.write_text(json.dumps(list(codes)), encoding="utf-8")
        with Path(scratch, "log").open("w") as log:
            subprocess.run(
                [os.fspath(python), "-c", _EVALUATION, os.fspath(given), os.fspath(written)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
            )
        if not written.exists():
            raise RuntimeError(Path(scratch, "log").read_text(encoding="utf-8")[-3000:])
        results: dict[str, dict[str, str]] = json.loads(written.read_text(encoding="utf-8"))
        return results


def record(release: Version, environment: Environment) -> Path:
    """Writes what the expressions give on a release, and returns where."""
    known = _expressions()
    struct = "NamedTupleType" if release < Version("0.16") else "StructType"
    leaves = known.tensors()
    questions = known.questions()
    if release >= _FIRST_WITH_NUMPY:
        questions += known.questions(of_numpy=True)
    codes = [f"tff.to_type({each.code})" for each in leaves] + questions
    results = _evaluated(environment.python, codes)
    # What the release took, so that few of the nested ones are errors.
    taken = [each for each in leaves if "str" in results[f"tff.to_type({each.code})"]]
    styles = [f"tff.to_type({each.code})" for each in known.composites(_COMPOSITES, taken, struct)]
    results.update(_evaluated(environment.python, styles))
    path = _RECORDED / f"{release}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(
        f"  {json.dumps(code)}: {json.dumps(results[code])}" for code in sorted(results)
    )
    versions = json.dumps(environment.versions, indent=1, sort_keys=True)[:-2]
    path.write_text(f'{versions},\n "values": {{\n{lines}\n }}\n}}\n', encoding="utf-8")
    return path


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("releases", type=Version, nargs="+", help="the real releases, as 0.13.1")
    parser.add_argument("--environment", type=Path, metavar="PATH", help="where to build it")
    options = parser.parse_args(arguments)
    for release in options.releases:
        path = options.environment or _ROOT / ".tox" / "releases" / f"tff{release}"
        print(record(release, Environment.of(release, path)).relative_to(_ROOT), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
