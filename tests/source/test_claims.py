"""What a program does fits the releases that had it, took it and meant the same by it."""

from __future__ import annotations

import ast

import pytest
from packaging.version import Version
from tff_compat import catalog
from tff_compat.source import claims, pins, stated
from tff_compat.source.reading import Part, Place
from tff_compat.source.usage import collect

_CATALOG = catalog.load()
_NEWEST = str(catalog.PRIMARY)
_HEAD = "import tensorflow_federated as tff\n"
# A release that lacks a function refuses none of its calls.
_OLD = f"0.1.0–0.12.0, 0.53.0–{_NEWEST}"


def _part(code: str) -> Part:
    return Part(ast.parse(_HEAD + code), text=_HEAD + code)


def _of_code(code: str) -> tuple[list[claims.Claim], list[str]]:
    return claims.of_code(collect([_part(code)], _CATALOG), _CATALOG)


def _fits(claim: claims.Claim) -> str:
    return _CATALOG.runs(r for r in _CATALOG.releases if claim.misfit(r) is None)


def _shown(code: str) -> dict[str, str]:
    return {claim.text: _fits(claim) for claim in _of_code(code)[0]}


class TestNames:
    @pytest.mark.parametrize(
        ("code", "text", "releases"),
        [
            ("tff.federated_average", "tff.federated_average", "0.1.0–0.2.0"),
            ("tff.learning.Model", "tff.learning.Model", "0.1.0–0.52.0"),
            ("tff.learning.Model.report_local_outputs()",
             "tff.learning.Model.report_local_outputs", "0.1.0–0.20.0"),
            ("tff.CLIENTS.uri.x", "tff.CLIENTS.uri.x", f"0.1.0–{_NEWEST}"),
            ("tff.python.core.x", "tff.python.core", None),
        ],
    )  # fmt: skip
    def test_the_releases_that_had_them(self, code, text, releases):
        shown = _shown(code)
        if releases is not None:
            assert shown[f"uses {text}"] == releases

    def test_an_attribute_of_the_package_until_0_19(self):
        shown = _shown(
            "tff.python.learning.Model\nimport tensorflow_federated.python.learning as l\nl.Model"
        )
        assert shown["uses tff.python.learning.Model"] == "0.1.0–0.19.0"
        assert shown["uses tensorflow_federated.python.learning.Model"] > "0.1.0–0.19.0"

    def test_modules_that_are_not_public(self):
        shown = _shown("from tensorflow_federated.python.core.api import computations")
        (releases,) = set(shown.values())
        assert releases.startswith("0.1.0")

    def test_names_where_only_the_other_half_is_recorded(self):
        # Inner modules are attributes of the package.
        shown = _shown("tff.common_libs.anonymous_tuple.AnonymousTuple")
        (releases,) = set(shown.values())
        assert releases.startswith("0.1.0–")

    def test_unknown_names(self):
        found, unknown = _of_code("x = 1\ntff.learning.nothing\ntff.learning.nothing")
        assert found == []
        assert unknown == ["line 3 uses tff.learning.nothing: no release had it"]

    def test_why_not(self):
        (claim,) = _of_code("tff.federated_average")[0]
        assert claim.misfit(Version("0.3.0")) == "0.2.0 was the last release that had it"
        (claim,) = _of_code("tff.tensorflow.computation")[0]
        assert claim.misfit(Version("0.1.0")) == "0.1.0 does not have it"
        assert (str(claim.place), claim.recorded) == ("line 2", "tff.tensorflow.computation")

    def test_one_claim_for_a_name(self):
        found = _of_code("tff.federated_sum\ntff.federated_sum\ntff.federated_mean")[0]
        assert [str(claim.place) for claim in found] == ["line 2", "line 4"]


class TestCalls:
    @pytest.mark.parametrize(
        ("code", "releases"),
        [
            ("tff.learning.from_keras_model(m, loss=l, optimizer=o, dummy_batch=b)", _OLD),
            ("tff.learning.from_keras_model(m, l, s)", f"0.1.0–{_NEWEST}"),
            ("tff.learning.from_keras_model(m)", f"0.53.0–{_NEWEST}"),
            ("tff.learning.from_keras_model(*m)", f"0.1.0–{_NEWEST}"),
            ("tff.learning.from_keras_model(m, **k)", f"0.1.0–{_NEWEST}"),
            ("tff.learning.from_keras_model(m, **k, optimizer=o)", _OLD),
            ("functools.partial(tff.learning.from_keras_model, optimizer=o)", _OLD),
            ("partial(tff.learning.from_keras_model)", f"0.1.0–{_NEWEST}"),
        ],
    )  # fmt: skip
    def test_the_releases_that_took_them(self, code, releases):
        (claim,) = [c for c in _of_code(code)[0] if c.text.startswith("calls")]
        assert _fits(claim) == releases
        assert claim.recorded == "tff.learning.from_keras_model"

    def test_how_it_is_shown(self):
        code = "tff.learning.from_keras_model(m, b, optimizer=o, metrics=l)"
        claim = next(c for c in _of_code(code)[0] if c.text.startswith("calls"))
        assert (
            claim.text == "calls tff.learning.from_keras_model(2 by position, metrics, optimizer)"
        )
        assert claim.misfit(Version("0.14.0")) == "that of 0.14.0 has no parameter 'optimizer'"
        claim = next(c for c in _of_code("tff.to_type()")[0] if c.text.startswith("calls"))
        assert claim.text == "calls tff.to_type()"

    def test_different_calls_of_one_function(self):
        found = _of_code("tff.to_type(a)\ntff.to_type(b)\ntff.to_type(spec=c)")[0]
        assert sum(c.text.startswith("calls") for c in found) == 2

    def test_a_method_of_a_base_gets_itself(self):
        assert all("calls" not in text or fits == f"0.1.0–{_NEWEST}" for text, fits in
                   _shown("tff.learning.Model.report_local_outputs(self)").items())  # fmt: skip

    def test_what_a_name_leads_to_is_not_called(self):
        assert not any("calls" in text for text in _shown("tff.CLIENTS.uri.split(1, 2, 3)"))


def _same(code: str, one: str, two: str) -> bool:
    claim = next(c for c in _of_code(code)[0] if c.text.startswith("calls"))
    both = claim.same(Version(one), Version(two)), claim.same(Version(two), Version(one))
    assert both[0] is both[1]
    return both[0]


class TestMeaning:
    @pytest.mark.parametrize(
        ("code", "one", "two", "same"),
        [
            # The second parameter was the server's optimizer until 0.11.0.
            ("tff.learning.build_federated_averaging_process(m, o)", "0.11.0", "0.12.0", False),
            ("tff.learning.build_federated_averaging_process(m)", "0.11.0", "0.12.0", True),
            ("tff.learning.build_federated_averaging_process(m, server_optimizer_fn=o)",
             "0.11.0", "0.12.0", True),
            ("tff.learning.from_keras_model(m, b, l)", "0.5.0", "0.6.0", True),
            ("tff.learning.from_keras_model(m, b, l, w)", "0.5.0", "0.6.0", False),
            ("tff.learning.from_keras_model(m, b)", "0.12.0", "0.13.0", False),
            # A parameter that is only called differently.
            ("tff.learning.build_federated_sgd_process(m)", "0.12.0", "0.19.0", True),
            # Another plain value is the default.
            ("tff.simulation.baselines.cifar100.create_image_classification_task(s)",
             "0.20.0", "0.21.0", True),
            ("tff.simulation.baselines.cifar100.create_image_classification_task(s, e, m, 1, 2, c)",
             "0.20.0", "0.21.0", False),
            # What one does not have means nothing there.
            ("tff.learning.from_keras_model(m)", "0.52.0", "0.53.0", True),
        ],
    )  # fmt: skip
    def test_of_calls(self, code, one, two, same):
        assert _same(code, one, two) is same

    @pytest.mark.parametrize(
        ("one", "two", "positional", "keywords", "same"),
        [
            ("(a, b)", "(a, b)", 2, [], True),
            ("(a, b)", "(b, a)", 2, [], False),
            ("(a, b)", "(a, c)", 2, [], True),
            ("(a, b)", "(a, c, b)", 2, [], False),
            ("(a, b, c)", "(a, c)", 2, [], False),
            ("(a, b)", "(a, c, b)", 1, ["b"], True),
            ("(a, b=1)", "(a, b=2)", 1, [], False),
            ("(a, b=1)", "(a, b=1)", 1, [], True),
            ("(a, b=1)", "(a, b=True)", 1, [], True),
            ("(a, b=1)", "(a, b=2)", 1, ["b"], True),
            ("(a, b=1)", "(a, b=2)", 2, [], True),
            ("(a, b='x')", "(a, b='y')", 1, [], False),
            ("(a, b=1)", "(a, b=None)", 1, [], True),
            ("(a, b=1)", "(a, b=f())", 1, [], True),
            ("(a, b=1)", "(a, b)", 1, [], True),
            ("(a, b=1)", "(a)", 1, [], True),
            ("(a, b=(1,))", "(a, b=(2,))", 1, [], True),
            ("(*args)", "(*args, x=None)", 2, [], True),
            ("(*args, x=1)", "(*args, x=2)", 2, [], False),
            ("(a, *, b=1)", "(a, *, b=2)", 1, [], False),
            ("(a, /)", "(b, /)", 1, [], True),
            ("(a, /, b)", "(b, /, a)", 1, [], False),
        ],
    )  # fmt: skip
    def test_of_signatures(self, one, two, positional, keywords, same):
        signatures = catalog.Signature(one), catalog.Signature(two)
        for pair in (signatures, signatures[::-1]):
            assert claims._same_call(*pair, positional, keywords) is same


class TestClasses:
    def test_what_a_class_has_to_define(self):
        code = "class M(tff.learning.Model):\n" + "".join(
            f"    def {name}(self): pass\n"
            for name in _CATALOG.abstract_members("tff.learning.Model", Version("0.13.1"))
        )
        claim = next(c for c in _of_code(code)[0] if c.text.startswith("subclasses"))
        assert claim.misfit(Version("0.13.1")) is None
        assert "requires" in (claim.misfit(Version("0.52.0")) or "")
        assert (claim.recorded, str(claim.place)) == ("tff.learning.Model", "line 2")


def test_hints_are_claims_that_the_catalog_does_not_record():
    code = "tff.TensorType(tf.int32)"
    tree = Part(ast.parse(f"import tensorflow as tf\n{_HEAD}{code}"))
    found = claims.of_code(collect([tree], _CATALOG), _CATALOG)[0]
    (claim,) = [c for c in found if c.text.startswith("has")]
    assert (claim.recorded, claim.weak, _fits(claim)) == ("", False, "0.1.0–0.68.0")
    assert claim.misfit(Version("0.69.0")) == (
        "0.68.0 was the last release whose TensorType took a TensorFlow dtype"
    )


def test_claims_stand_in_the_order_of_their_places():
    parts = [Part(ast.parse(_HEAD + "tff.a\ntff.federated_sum\n"), file="b.py"),
             Part(ast.parse(_HEAD + "\n\n\ntff.federated_mean"))]  # fmt: skip
    usage = collect(parts[:1], _CATALOG)
    usage.uses += collect(parts[1:], _CATALOG).uses
    found = claims.of_code(usage, _CATALOG)[0]
    assert [str(claim.place) for claim in found] == ["line 5", "b.py, line 3"]


class TestForwarded:
    def _of(self, code: str) -> list[tuple[str, str, str]]:
        part = _part(code)
        found = claims.of_forwarded([part], collect([part], _CATALOG), _CATALOG)
        return [(str(claim.place), claim.text, _fits(claim)) for claim in found]

    def test_arguments_of_own_functions(self):
        code = (
            "def others(m): ...\n"
            "def other(**kwargs): ...\n"
            "def make(m, *, flag=1, **kwargs):\n"
            "    return tff.learning.from_keras_model(m, **kwargs)\n"
            "make(m)\n"
            "make(m, flag=2)\n"
            "make(m, optimizer=o, flag=2)\n"
            "other(m, optimizer=o)\n"
        )
        text = "calls tff.learning.from_keras_model(1 by position, optimizer)"
        assert self._of(code) == [("line 8", text, _OLD)]

    @pytest.mark.parametrize(
        "code",
        [
            "def make(**k):\n    return f(**k)\nmake(optimizer=o)",
            "def make(**k):\n    return tff.learning.from_keras_model(**other)\nmake(optimizer=o)",
            "def make(k):\n    return tff.learning.from_keras_model(**k)\nmake(optimizer=o)",
            "def make(**k):\n    pass\ntff.learning.from_keras_model(**k)\nmake(optimizer=o)",
            "def make(optimizer, **k):\n    tff.learning.from_keras_model(**k)\nmake(optimizer=o)",
            "def make(**k):\n    tff.learning.nothing(**k)\nmake(optimizer=o)",
            "def make(**k):\n    tff.learning.from_keras_model(k)\nmake(optimizer=o)",
            "def make(**k):\n    tff.learning.from_keras_model(**k)\nx.make(optimizer=o)",
        ],
    )
    def test_others(self, code):
        assert self._of(code) == []


class TestMembers:
    @pytest.mark.parametrize(
        ("code", "releases"),
        [
            ("model.report_local_outputs()", "0.1.0–0.20.0"),
            ("x = f().federated_output_computation", "0.1.0–0.20.0"),
            ("t.is_tensor()", "0.15.0–0.61.0"),
            ("w.trainable.items()", "0.1.0–0.11.0"),
            ("a.w.non_trainable.keys()", "0.1.0–0.11.0"),
            ("w.trainable.values", "0.1.0–0.11.0"),
        ],
    )
    def test_signs(self, code, releases):
        (claim,) = claims.of_members([_part(code)], _CATALOG)
        assert (_fits(claim), claim.weak, claim.recorded) == (releases, True, "")
        assert claim.text.startswith("reads ")
        assert str(claim.place) == "line 2"

    @pytest.mark.parametrize(
        "code",
        [
            "model.train_on_batch(b)",
            "model.predict_on_batch(b)",
            "model.keras_weights",
            "model.no_such_member_at_all",
            "import tensorflow as tf\ntf.is_tensor(x)",
            "from a import b\nb.is_tensor(x)",
            "import a.b\na.is_tensor(x)",
            "def report_local_outputs(): pass\nx.report_local_outputs",
            "class M:\n    report_local_outputs = 1\nx.report_local_outputs",
            "x.report_local_outputs = 1\nx.report_local_outputs",
            "T = namedtuple('T', ['report_local_outputs'])\nx.report_local_outputs",
            "f(report_local_outputs=1)\nx.report_local_outputs",
            "def f(report_local_outputs): x.report_local_outputs",
            "class is_tensor: pass\nx.is_tensor",
            "w.trainable",
            "w.trainable.x",
            "w.trained.items()",
            "w.items()",
        ],
    )
    def test_no_signs(self, code):
        assert claims.of_members([_part(code)], _CATALOG) == []

    def test_the_first_place(self):
        parts = [_part("x.is_tensor()"), _part("\nx.is_tensor()")]
        (claim,) = claims.of_members(parts, _CATALOG)
        assert (str(claim.place), claim.text) == ("line 2", "reads .is_tensor")
        assert claim.misfit(Version("0.63.0")) == ("no class of 0.63.0 has such a member")


class TestOtherEvidence:
    def test_tests_of_the_version(self):
        test = stated.VersionTest(Place(0, 3), "x", lambda release: release > Version("0.85.0"))
        (claim,) = claims.of_prose([test], [])
        assert (_fits(claim), claim.weak, claim.text) == (f"0.86.0–{_NEWEST}", False, "tests x")
        assert claim.misfit(Version("0.1.0")) == "it stops 0.1.0"

    @pytest.mark.parametrize(
        ("version", "later", "releases"),
        [
            ("0.16.1", False, "0.16.1"),
            ("0.16", False, "0.16.0–0.16.1"),
            ("0.16", True, f"0.16.0–{_NEWEST}"),
            ("0.16.1", True, f"0.16.1–{_NEWEST}"),
        ],
    )
    def test_mentions(self, version, later, releases):
        mention = stated.Mention("line 1", f"TFF {version}", Version(version), later)
        (claim,) = claims.of_prose([], [mention])
        assert (_fits(claim), claim.weak, claim.text) == (releases, True, f"names TFF {version}")
        assert claim.misfit(Version("0.1.0")) == "0.1.0 is another"

    @pytest.mark.parametrize("weak", [True, False])
    def test_bounds(self, weak):
        releases = frozenset([Version("0.12.0"), Version("0.13.0")])
        claim = claims.of_bound(pins.Bound("tensorflow==2.1", "here", releases, weak))
        assert (_fits(claim), claim.weak) == ("0.12.0–0.13.0", weak)
        assert (claim.place, claim.text) == ("here", "requires tensorflow==2.1")
        assert claim.misfit(Version("0.1.0")) == "0.1.0 does not go with that"

    @pytest.mark.parametrize(
        ("day", "last"),
        [("2020-05-17", "0.13.1"), ("2020-05-18", "0.14.0"), ("2030-01-01", _NEWEST)],
    )
    def test_days(self, day, last):
        claim, nightly = claims.of_date(day)
        assert (_fits(claim), claim.weak) == (f"0.1.0–{last}", True)
        assert claim.text == nightly.text == f"has its last change on {day}"
        newer = {"0.13.1": "0.14.0", "0.14.0": "0.15.0"}.get(last, last)
        assert (_fits(nightly), nightly.weak) == (f"0.1.0–{newer}", True)
        if last == "0.13.1":
            assert claim.misfit(Version("0.14.0")) == "0.14.0 came on 2020-05-18"
