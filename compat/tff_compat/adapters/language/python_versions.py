"""What TFF told programs about the version of Python."""

from __future__ import annotations

from tff_compat.adapters.registry import adapter


@adapter("tff.Python2DeprecationWarning", releases=">=0.11,<0.12", replacement="DeprecationWarning")
class Python2DeprecationWarning(Warning):
    """The warning of TFF 0.11 under Python 2; under Python 3 nothing raises it.

    Args:
      *args: The message.
    """

    def __init__(self, *args):
        super().__init__(*args)
