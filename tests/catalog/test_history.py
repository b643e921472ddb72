"""What the catalog answers about releases, symbols and signatures."""

from __future__ import annotations

import subprocess
import sys
from inspect import _ParameterKind
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat.catalog import (
    PRIMARY,
    Catalog,
    Parameter,
    Signature,
    UnknownReleaseError,
    history,
    load,
)

V = Version


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


def test_load_is_kept():
    assert load() is load()


def test_releases_are_the_published_ones_ascending(catalog):
    assert len(catalog.releases) == 86
    assert list(catalog.releases) == sorted(catalog.releases)
    assert (catalog.releases[0], catalog.releases[-1]) == (V("0.1.0"), PRIMARY)
    unpublished = {V("0.8.0"), V("0.25.0"), V("0.35.0"), V("0.62.0")}
    assert not unpublished & set(catalog.releases)


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("0.9", "0.9.0"),
        ("0.9.0", "0.9.0"),
        ("0.13", "0.13.1"),
        ("0.13.0", "0.13.0"),
        ("0.10", "0.10.1"),
        ("0.1", "0.1.0"),
        ("0", str(PRIMARY)),
        (" 0.87 ", "0.87.0"),
        ("v0.16.1", "0.16.1"),
        (V("0.10.1"), "0.10.1"),
        (V("0.13"), "0.13.1"),
    ],
)
def test_resolve(catalog, text, release):
    assert str(catalog.resolve(text)) == release


@pytest.mark.parametrize("text", ["0.8", "0.8.0", "0.87.1", "1.0", "0.13.2", "", "new", "0.9.dev1"])
def test_resolve_refuses_what_was_not_published(catalog, text):
    with pytest.raises(UnknownReleaseError) as caught:
        catalog.resolve(text)
    assert isinstance(caught.value, ValueError)
    assert caught.value.near
    assert str(caught.value.near[0]) in str(caught.value)


def test_unknown_release_names_the_near_ones(catalog):
    with pytest.raises(UnknownReleaseError, match=r"0\.6\.0, 0\.7\.0, 0\.9\.0, 0\.10\.0"):
        catalog.resolve("0.8")


@pytest.mark.parametrize("text", ["0.8", "0.8.0", "0.25.0", "0.35", "0.62.0", "0.88.0", "0.89"])
def test_tags_without_a_package_are_named_so(catalog, text):
    with pytest.raises(UnknownReleaseError, match="a tag of TFF's repository that was never"):
        catalog.resolve(text)
    with pytest.raises(UnknownReleaseError, match="is not a published release"):
        catalog.resolve("0.13.9")


def test_every_release_resolves_to_itself(catalog):
    for release in catalog.releases:
        assert catalog.resolve(str(release)) == release
        assert catalog.resolve(release) == release


def test_totals(catalog):
    """Counted independently, from the same wheels, by the API history this is checked against."""
    symbols = [catalog.symbol(path) for path in catalog.paths()]
    classes = {
        symbol.path
        for symbol in symbols
        if any(symbol.kind_in(release) == "class" for release in symbol.releases)
    }
    top = [symbol for symbol in symbols if symbol.path.rpartition(".")[0] not in classes]
    newest = catalog.releases[-1]
    assert sum(symbol.kind == "module" for symbol in top) == 60
    assert sum(symbol.kind != "module" for symbol in top) == 765
    assert sum(symbol.kind != "module" for symbol in top if symbol.exists_in(newest)) == 464


def test_symbol_history(catalog):
    symbol = catalog.symbol("tff.learning.from_keras_model")
    assert symbol.kind == "function"
    assert (symbol.first, symbol.last) == (V("0.1.0"), V("0.52.0"))
    assert symbol.exists_in(V("0.9.0"))
    assert not symbol.exists_in(V("0.53.0"))
    assert not symbol.exists_in(V("0.8.0"))
    assert symbol.releases[:2] == (V("0.1.0"), V("0.2.0"))
    texts = [(str(releases[0]), str(signature)) for releases, signature in symbol.signatures]
    assert texts == [
        ("0.1.0", "(keras_model, dummy_batch, loss, metrics=None, optimizer=None)"),
        (
            "0.6.0",
            "(keras_model, dummy_batch, loss, loss_weights=None, metrics=None, optimizer=None)",
        ),
        (
            "0.13.0",
            "(keras_model, loss, input_spec=None, loss_weights=None, metrics=None,"
            " dummy_batch=None)",
        ),
        ("0.14.0", "(keras_model, loss, input_spec, loss_weights=None, metrics=None)"),
    ]


def test_symbol_with_gaps(catalog):
    symbol = catalog.symbol("tff.program.FetchedValue")
    assert symbol.exists_in(V("0.38.0"))
    assert not symbol.exists_in(V("0.50.0"))
    assert symbol.exists_in(V("0.58.0"))


def test_unknown_symbol(catalog):
    assert catalog.symbol("tff.learning.nothing") is None
    assert catalog.symbol("numpy") is None


def test_kind_can_change(catalog):
    symbol = catalog.symbol("tff.federated_computation")
    assert symbol.kind_in(V("0.16.1")) == "function"
    assert symbol.kind_in(V("0.17.0")) == "constant"
    # An object that can be called has the signature of its `__call__`.
    assert str(symbol.signature(V("0.87.0"))) == "(*args, **kwargs)"


@pytest.mark.parametrize(
    ("path", "release", "signature"),
    [
        ("tff.FederatedType", "0.1", "(member, placement, all_equal=False)"),
        ("tff.federated_map", "0.18", "(mapping_fn, value)"),
        ("tff.federated_map", "0.19", "(fn, arg)"),
        # attrs, with and without defaults; a named tuple; a NamedTuple class.
        ("tff.learning.BatchOutput", "0.7", "(loss, predictions)"),
        ("tff.learning.BatchOutput", "0.52", "(loss=None, predictions=None, num_examples=None)"),
        ("tff.learning.models.ModelWeights", "0.87", "(trainable, non_trainable)"),
        # Methods come without self, static methods as they are.
        ("tff.learning.Model.forward_pass", "0.9", "(batch_input, training=True)"),
        ("tff.learning.models.FunctionalModel.finalize_metrics", "0.87", "(state)"),
    ],
)
def test_signature(catalog, path, release, signature):
    assert str(catalog.symbol(path).signature(catalog.resolve(release))) == signature


def test_every_signature_can_be_read(catalog):
    for path in catalog.paths():
        for _, signature in catalog.symbol(path).signatures:
            if signature is not None:
                assert isinstance(signature.parameters, tuple)


def test_properties_have_no_signature(catalog):
    symbol = catalog.symbol("tff.learning.Model.input_spec")
    assert symbol.kind == "property"
    assert symbol.signature(V("0.9.0")) is None


def test_members(catalog):
    assert "from_compiled_keras_model" in catalog.members("tff.learning", V("0.12.0"))
    assert "from_compiled_keras_model" not in catalog.members("tff.learning", V("0.13.0"))
    assert "learning" in catalog.members("tff", V("0.1.0"))
    assert "train_on_batch" in catalog.members("tff.learning.TrainableModel", V("0.9.0"))
    assert catalog.members("tff.learning.nothing", V("0.9.0")) == ()
    names = catalog.members("tff", V("0.87.0"))
    assert list(names) == sorted(names)
    assert not [name for name in names if name.startswith("_")]


def test_inherited_members(catalog):
    assert "forward_pass" in catalog.members("tff.learning.TrainableModel", V("0.9.0"))


def test_abstract_members(catalog):
    old = catalog.abstract_members("tff.learning.Model", V("0.19.0"))
    new = catalog.abstract_members("tff.learning.Model", V("0.21.0"))
    assert "report_local_outputs" in old and "report_local_outputs" not in new
    assert "metric_finalizers" in new and "metric_finalizers" not in old


def test_members_of_a_path_exist(catalog):
    for path in ("tff", "tff.learning", "tff.simulation.datasets", "tff.framework"):
        for release in catalog.releases:
            for name in catalog.members(path, release):
                assert catalog.symbol(f"{path}.{name}").exists_in(release)


def test_parents_exist_wherever_their_members_do(catalog):
    for path in catalog.paths():
        parent = path.rpartition(".")[0]
        if parent:
            missing = set(catalog.symbol(path).releases) - set(catalog.symbol(parent).releases)
            assert not missing, path


def test_internal_modules(catalog):
    path = "tensorflow_federated.python.learning.model_utils"
    assert catalog.symbol(path).kind == "module"
    function = catalog.symbol(f"{path}.from_keras_model")
    assert function.first == V("0.1.0")
    assert "from_keras_model" in catalog.members(path, V("0.5.0"))
    # A package offers what it imports, as its users see it.
    package = "tensorflow_federated.python.learning"
    assert "from_keras_model" in catalog.members(package, V("0.9.0"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tff.learning.from_kears_model", "tff.learning.from_keras_model"),
        ("tff.learning.ClientData", "tff.simulation.ClientData"),
        ("tff.federated_meen", "tff.federated_mean"),
    ],
)
def test_near(catalog, path, expected):
    assert expected in catalog.near(path)


def test_near_as_of_a_release(catalog):
    near = catalog.near("tff.learning.from_kears_model", V("0.87.0"))
    assert near[0] == "tff.learning.models.from_keras_model"
    assert catalog.near("zzz") == ()


def test_parameters():
    parameters = Signature("(a, /, b, c=1, *args, d, e='x', **kwargs)").parameters
    kind = _ParameterKind
    assert parameters == (
        Parameter("a", kind.POSITIONAL_ONLY),
        Parameter("b", kind.POSITIONAL_OR_KEYWORD),
        Parameter("c", kind.POSITIONAL_OR_KEYWORD, "1"),
        Parameter("args", kind.VAR_POSITIONAL),
        Parameter("d", kind.KEYWORD_ONLY),
        Parameter("e", kind.KEYWORD_ONLY, "'x'"),
        Parameter("kwargs", kind.VAR_KEYWORD),
    )
    assert [p.name for p in parameters if p.required] == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("signature", "positional", "keywords", "misfit"),
    [
        ("(a, b=1)", 1, (), None),
        ("(a, b=1)", 0, ("a", "b"), None),
        ("(a, b=1)", 3, (), "takes 2 positional arguments, 3 given"),
        ("(a)", 2, (), "takes 1 positional argument, 2 given"),
        ("()", 1, (), "takes no positional arguments, 1 given"),
        ("(a, b=1)", 1, ("c",), "has no parameter 'c'"),
        ("(a, b=1)", 1, ("a",), "gets 'a' both by position and by keyword"),
        ("(a, b=1)", 0, ("b",), "needs 'a'"),
        ("(a, *, b)", 1, (), "needs 'b'"),
        ("(a, *, b)", 2, (), "takes 1 positional argument, 2 given"),
        ("(*args, **kwargs)", 4, ("x", "y"), None),
        ("(a, /)", 0, ("a",), "has no parameter 'a'"),
    ],
)
def test_misfit(signature, positional, keywords, misfit):
    assert Signature(signature).misfit(positional, keywords) == misfit


def test_a_partly_known_call_may_supply_the_rest():
    assert Signature("(a, b)").misfit(0, (), partial=True) is None
    assert Signature("(a, b)").misfit(0, ("c",), partial=True) == "has no parameter 'c'"


def test_no_tensorflow_is_imported():
    code = (
        "import sys, tff_compat.catalog as c; c.load().symbol('tff.learning');"
        "sys.exit(any(n.startswith('tensorflow') for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_internal_symbols_know_what_they_were_in_public():
    known = load()
    path = "tensorflow_federated.python.learning.keras_utils.from_keras_model"
    assert known.symbol(path).public(Version("0.9.0")) == "tff.learning.from_keras_model"
    module = "tensorflow_federated.python.learning.keras_utils"
    assert "from_keras_model" in known.members(module, Version("0.9.0"))
    assert known.symbol(module).is_loaded(Version("0.9.0"))
    assert known.symbol(module).public(Version("0.9.0")) is None
    assert known.loaded_with("tff.learning.keras_utils", Version("0.9.0")) == module
    assert known.loaded_with("tff.learning.keras_utils", Version("0.87.0")) is None
    assert known.loaded_with("tff.learning.from_keras_model", Version("0.9.0")) is None


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("tff.learning", "tensorflow_federated.python.learning"),
        ("tff.framework", "tensorflow_federated.python.core.framework"),
        ("tff.nothing", None),
    ],
)
def test_public_modules_know_where_they_were_kept(path, home):
    assert load().home(path, Version("0.9.0")) == home


def test_runs_are_ranges_over_published_releases():
    known = load()
    assert known.runs(known.releases) == f"0.1.0–{PRIMARY}"
    # There was no 0.8.
    assert known.runs([Version("0.7.0"), Version("0.9.0"), Version("0.11.0")]) == (
        "0.7.0–0.9.0, 0.11.0"
    )


def test_the_data_is_small():
    folder = Path(history.__file__).parent
    assert sum(path.stat().st_size for path in folder.glob("*.json*")) < 900_000


@pytest.mark.parametrize(
    ("name", "releases"),
    [
        ("report_local_outputs", "0.1.0–0.20.0"),
        ("is_tensor", "0.15.0–0.61.0"),
        # A module has, or had, this name too.
        ("federated_sum", ""),
        ("no_such_name", ""),
    ],
)
def test_releases_of_members(name, releases):
    known = load()
    assert known.runs(known.releases_of_members(name)) == releases
