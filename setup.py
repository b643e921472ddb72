"""Gives the package its long description: README, with links that work anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import setuptools

HERE = Path(__file__).parent
REPOSITORY = "https://github.com/tff-compat/tff-compat"


def long_description() -> str:
    """README with absolute links: to pages of the repository, and to pictures as they are."""
    text = (HERE / "README.md").read_text("utf-8")
    text = re.sub(r"(!\[[^]]*\]\()(?![a-z]+:|#)", rf"\1{REPOSITORY}/raw/main/", text)
    return re.sub(r"((?<!!)\[[^]]*\]\()(?![a-z]+:|#)", rf"\1{REPOSITORY}/blob/main/", text)


setuptools.setup(
    long_description=long_description(),
    long_description_content_type="text/markdown",
    url=REPOSITORY,
    project_urls={
        "Documentation": "https://tff-compat.github.io/tff-compat/",
        "Changelog": f"{REPOSITORY}/blob/main/CHANGELOG.md",
        "Source": REPOSITORY,
        "Issues": f"{REPOSITORY}/issues",
    },
)
