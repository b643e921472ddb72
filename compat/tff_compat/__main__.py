"""Makes `python -m tff_compat` the same as `tff-compat`."""

from __future__ import annotations

import sys

from tff_compat.cli import main

sys.exit(main())
