"""A run without a release says which one it takes, why, and how sure that is."""

from __future__ import annotations


def test_weak_evidence_is_told_with_the_next_candidates(run):
    run.write("program.py", "import tensorflow_federated as tff\nx = lambda: tff.federated_sum\n")
    ended = run("program.py")
    assert ended.status == 0, ended.err
    assert "As of TensorFlow Federated 0.87.0: everything that it uses is in 0.87.0" in ended.err
    assert (
        "The evidence is weak: all that it uses is in every release. The next candidates: "
        "--as-of 0.86.0 or 0.69.0\n"
    ) in ended.err


def test_strong_evidence_is_not_doubted(run):
    run.write(
        "program.py",
        "import tensorflow_federated as tff\nx = lambda: tff.tensorflow.computation\n",
    )
    ended = run("program.py")
    assert "As of TensorFlow Federated 0.87.0" in ended.err
    assert "weak" not in ended.err


def test_a_package_from_the_working_directory(run):
    (run.folder / "pkg").mkdir()
    run.write("requirements.txt", "tensorflow-federated==0.87.0\n")
    run.write("pkg/main.py", "print(1)\n")
    ended = run("pkg/main.py")
    assert ended.out == "1\n"
    assert "0.87.0: ../requirements.txt, line 1 pins tensorflow-federated==0.87.0." in ended.err
