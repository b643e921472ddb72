"""Measures what compatibility costs, as ratios of times taken side by side in one run.

    python tools/benchmark.py round [--clients 10 100] [--rounds 30]
    python tools/benchmark.py import [--repeats 5]
    python tools/benchmark.py attribute
    python tools/benchmark.py release 0.13.1 [--environment PATH]
    python tools/benchmark.py check [--repeats 3]
    python tools/benchmark.py trace [--repeats 3] [--programs 0.17.0/user_model ...]

`round`: a training round through a legacy view against the same round written for the installed
release. `import`: `tff_compat.activate` and the import against the plain import. `attribute`: a
name of a view against the same name of the package, once it has been used. `release`: a whole
legacy program on the installed release against the same program on its real old release.
`check`: `tff-compat check` on a large tree in which few files use TFF, in lines a second, and on
files that all do, against `ruff check` on the same files; both with the goal. `trace`: programs as
of their release with `--trace` against the same without, in turn.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_INPUTS, _CLASSES, _EXAMPLES, _BATCH = 784, 10, 100, 20

# What `check` and `--trace` may cost.
_LINES_A_SECOND, _TIMES_RUFF, _TRACED = 200_000, 20, 1.5
# Training with Keras, with a user's own model, and the core language.
_TRACED_PROGRAMS = ("0.13.1/losses_in_a_list", "0.17.0/user_model", "0.13.1/federated_core")


def _client_data(number: int) -> list[object]:
    import collections

    import numpy as np
    import tensorflow as tf

    def dataset(client: int) -> object:
        pixels = np.arange(_EXAMPLES * _INPUTS, dtype=np.float32).reshape(_EXAMPLES, _INPUTS)
        x = np.sin(pixels * (client + 1)).astype(np.float32)
        y = (np.arange(_EXAMPLES).reshape(-1, 1) * (client + 1) % _CLASSES).astype(np.int32)
        columns = collections.OrderedDict([("x", x), ("y", y)])
        return tf.data.Dataset.from_tensor_slices(columns).batch(_BATCH)

    return [dataset(client) for client in range(number)]


def _keras_model() -> object:
    import tensorflow as tf

    return tf.keras.Sequential(
        [
            tf.keras.layers.InputLayer(input_shape=(_INPUTS,)),
            tf.keras.layers.Dense(_CLASSES, kernel_initializer="zeros"),
            tf.keras.layers.Softmax(),
        ]
    )


def _legacy_rounds(data: list[object]) -> Callable[[], object]:
    """Rounds of a process as written in 2020, through the view of 0.13.1."""
    import tensorflow as tf
    import tff_compat

    tff = tff_compat.as_of("0.13.1")

    def model_fn() -> object:
        return tff.learning.from_keras_model(
            _keras_model(),
            loss=tf.keras.losses.SparseCategoricalCrossentropy(),
            input_spec=data[0].element_spec,  # type: ignore[attr-defined]
            metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
        )

    process = tff.learning.build_federated_averaging_process(
        model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.legacy.SGD(0.02)
    )
    state = [process.initialize()]

    def one() -> object:
        state[0], metrics = process.next(state[0], data)
        return metrics

    return one


def _modern_rounds(data: list[object]) -> Callable[[], object]:
    """The same rounds written for the installed release."""
    import tensorflow as tf
    import tensorflow_federated as tff

    def model_fn() -> object:
        return tff.learning.models.from_keras_model(
            _keras_model(),
            loss=tf.keras.losses.SparseCategoricalCrossentropy(),
            input_spec=data[0].element_spec,  # type: ignore[attr-defined]
            metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
        )

    process = tff.learning.algorithms.build_weighted_fed_avg(
        model_fn, client_optimizer_fn=tff.learning.optimizers.build_sgdm(0.02)
    )
    state = [process.initialize()]

    def one() -> object:
        output = process.next(state[0], data)
        state[0] = output.state
        return output.metrics

    return one


def measure_rounds(clients: Sequence[int], rounds: int) -> None:
    """Prints the ratio of a legacy round to a modern one, rounds taken in turn."""
    for number in clients:
        data = _client_data(number)
        contenders = {"legacy": _legacy_rounds(data), "modern": _modern_rounds(data)}
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for index in range(rounds + 2):
            for name, one in contenders.items():
                start = time.perf_counter()
                one()
                if index >= 2:  # The first rounds trace and start the runtime.
                    seconds[name].append(time.perf_counter() - start)
        middle = {name: statistics.median(taken) for name, taken in seconds.items()}
        pairs = zip(seconds["legacy"], seconds["modern"])
        ratio = statistics.median(legacy / modern for legacy, modern in pairs)
        print(
            f"round, {number} clients: legacy {middle['legacy']:.4f} s, modern "
            f"{middle['modern']:.4f} s, ratio {ratio:.3f} (median of {rounds} pairs)"
        )


def measure_import(repeats: int) -> None:
    """Prints the ratio of activation and import to the plain import, each in a fresh process."""
    programs = {
        "activated": "import tff_compat; tff_compat.activate('0.13.1'); import "
        "tensorflow_federated",
        "plain": "import tensorflow_federated",
    }
    commands = {name: [sys.executable, "-c", source] for name, source in programs.items()}
    best = _best(commands, repeats)
    print(
        f"import: activated {best['activated']:.2f} s, plain {best['plain']:.2f} s, ratio "
        f"{best['activated'] / best['plain']:.3f} (best of {repeats})"
    )


def measure_attributes() -> None:
    """Prints what the second and later accesses to attributes of a view cost, and their ratio."""
    import tensorflow_federated as tff
    import tff_compat

    view = tff_compat.as_of("0.18.0")
    attributes = {
        "native": (lambda: view.federated_mean, lambda: tff.federated_mean),
        "adapted": (lambda: view.federated_map, lambda: tff.federated_map),
        "moved": (lambda: view.learning.ModelWeights, lambda: tff.learning.models.ModelWeights),
    }
    for name, (legacy, modern) in attributes.items():
        legacy()
        ours, plain = (
            min(timeit.repeat(each, number=10_000)) / 10_000 for each in (legacy, modern)
        )
        print(
            f"{name} attribute: {ours * 1e6:.2f} µs, of the package {plain * 1e6:.2f} µs, ratio "
            f"{ours / plain:.1f}"
        )


def measure_release(release: str, environment: Path | None) -> None:
    """Prints the ratio of a legacy program's time on the installed release to that on its own."""
    from tff_compat.recipes import build, recipe

    with tempfile.TemporaryDirectory() as scratch:
        path = environment or Path(scratch, "environment")
        old = build(recipe(release), path, progress=lambda line: print(line, file=sys.stderr))
        for program in sorted((_ROOT / "tests" / "programs" / release).glob("*.py")):
            compat = [sys.executable, "-m", "tff_compat", "run", "--as-of", release]
            here = _timed([*compat, "--no-summary", str(program)])
            there = _timed([str(old), str(program)])
            print(
                f"{release}/{program.stem}: here {here:.1f} s, on the real release {there:.1f} s, "
                f"ratio {here / there:.3f}"
            )


def measure_check(repeats: int) -> None:
    """Times `tff-compat check` on Python's own library and on the programs of the tests."""
    programs = _ROOT / "tests" / "programs"
    check = [sys.executable, "-m", "tff_compat", "check", "--output-format", "concise"]
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--isolated", "--exit-zero"]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        shutil.copytree(Path(os.__file__).parent, tree, ignore=shutil.ignore_patterns("site-*"))
        shutil.copytree(programs / "0.13.1", tree / "programs")
        lines = sum(path.read_bytes().count(b"\n") for path in tree.rglob("*.py"))
        seconds = min(_timed([*check, str(tree)], (0, 1)) for _ in range(repeats))
        print(
            f"{lines} lines, few of TFF: {seconds:.2f} s, {lines / seconds:,.0f} lines a second "
            f"(goal: at least {_LINES_A_SECOND:,})"
        )
    given = [*check, "--as-of", "0.13", str(programs)]
    pairs = [
        (_timed(given, (0, 1)), _timed([*ruff, str(programs)])) for _ in range(max(repeats, 3))
    ]
    ours, theirs = (min(taken) for taken in zip(*pairs))
    print(
        f"programs: {ours:.2f} s, ruff {theirs:.2f} s, ratio {ours / theirs:.1f} "
        f"(goal: at most {_TIMES_RUFF})"
    )


def measure_trace(repeats: int, programs: Sequence[str]) -> None:
    """Prints the ratio of a traced run of each program to a plain one, runs taken in turn."""
    for program in programs:
        release = program.partition("/")[0]
        path = str(_ROOT / "tests" / "programs" / f"{program}.py")
        run = [sys.executable, "-m", "tff_compat", "run", "--as-of", release, "--no-summary"]
        with tempfile.TemporaryDirectory() as folder:
            trace = ["--trace", str(Path(folder, "trace.json"))]
            best = _best({"traced": [*run, *trace, path], "plain": [*run, path]}, repeats)
        print(
            f"trace, {program}: traced {best['traced']:.2f} s, plain {best['plain']:.2f} s, ratio "
            f"{best['traced'] / best['plain']:.3f} (best of {repeats} pairs; goal: at most "
            f"{_TRACED})"
        )


def _best(commands: Mapping[str, Sequence[str]], repeats: int) -> dict[str, float]:
    """The least seconds of each command, which run in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for index in range(repeats + 1):
        for name, command in commands.items():
            taken = _timed(command)
            if index:  # The first round fills the caches of the file system.
                seconds[name].append(taken)
    return {name: min(taken) for name, taken in seconds.items()}


def _timed(command: Sequence[str], statuses: Sequence[int] = (0,)) -> float:
    start = time.perf_counter()
    # Output goes to a file: processes that the runtime leaves behind would hold a pipe open.
    with tempfile.TemporaryFile() as output:
        status = subprocess.run(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        ).returncode
        if status not in statuses:
            output.seek(0)
            sys.exit(f"{command} ended with {status}:\n{output.read().decode()[-2000:]}")
    return time.perf_counter() - start


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    rounds = commands.add_parser("round")
    rounds.add_argument("--clients", type=int, nargs="+", default=[10, 100])
    rounds.add_argument("--rounds", type=int, default=30)
    imports = commands.add_parser("import")
    imports.add_argument("--repeats", type=int, default=5)
    commands.add_parser("attribute")
    release = commands.add_parser("release")
    release.add_argument("release")
    release.add_argument("--environment", type=Path)
    checks = commands.add_parser("check")
    checks.add_argument("--repeats", type=int, default=3)
    traces = commands.add_parser("trace")
    traces.add_argument("--repeats", type=int, default=3)
    traces.add_argument("--programs", nargs="+", default=_TRACED_PROGRAMS)
    options = parser.parse_args(arguments)
    if options.command == "round":
        measure_rounds(options.clients, options.rounds)
    elif options.command == "import":
        measure_import(options.repeats)
    elif options.command == "attribute":
        measure_attributes()
    elif options.command == "check":
        measure_check(options.repeats)
    elif options.command == "trace":
        measure_trace(options.repeats, options.programs)
    else:
        measure_release(options.release, options.environment)


if __name__ == "__main__":
    main(sys.argv[1:])
