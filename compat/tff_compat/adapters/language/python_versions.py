"""What TFF told programs about the version of Python."""

from __future__ import annotations

from tff_compat.adapters.registry import adapter


@adapter("tff.Python2DeprecationWarning", releases=">=0.11,<0.12", replacement="DeprecationWarning")
class Python2DeprecationWarning(Warning):
    """TFF 0.11 warned with it under Python 2, and never under Python 3."""

    def __init__(self, *args):
        super().__init__(*args)
