"""What views offer for classes some of whose members are refused."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.tff, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def refused(monkeypatch):
    from packaging.specifiers import SpecifierSet
    from tff_compat import views
    from tff_compat.adapters import registry

    registry.load_all()
    entry = registry.Refusal(
        "tff.structure.Struct.unnamed",
        SpecifierSet(">=0.21,<0.63"),
        "There are no unnamed elements.",
        "tff.structure.Struct",
    )
    monkeypatch.setitem(registry._entries, entry.path, [entry])
    views.view.cache_clear()
    views._class_with_refusals.cache_clear()
    yield entry
    views.view.cache_clear()
    views._class_with_refusals.cache_clear()


def test_a_refused_member_says_so(refused):
    import tensorflow_federated as tff
    import tff_compat

    view = tff_compat.as_of("0.40")
    made = view.structure.Struct([("a", 1)])
    with pytest.raises(tff_compat.LegacyAPIError, match="There are no unnamed elements"):
        _ = made.unnamed
    with pytest.raises(tff_compat.LegacyAPIError, match="as of TFF 0.40.0"):
        _ = view.structure.Struct.unnamed
    assert made.a == 1
    assert isinstance(made, tff.structure.Struct)
    assert isinstance(tff.structure.Struct([("a", 1)]), view.structure.Struct)
    assert not isinstance(3, view.structure.Struct)
    assert not isinstance(3, tff.program.FederatedDataSource)


def test_a_class_without_refused_members_is_tffs_own(refused):
    import tensorflow_federated as tff
    import tff_compat

    assert tff_compat.as_of("0.70").structure.Struct is tff.structure.Struct
