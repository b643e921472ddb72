"""What makes each TFF release installable today, and the environments built from it."""

from __future__ import annotations

from tff_compat.recipes.data import Mend, Recipe, RecipeError, recipe, recipes
from tff_compat.recipes.environment import (
    Files,
    build,
    cached_path,
    cached_paths,
    overrides,
    remove,
    size,
    status,
    write_files,
)

__all__ = [
    "Files",
    "Mend",
    "Recipe",
    "RecipeError",
    "build",
    "cached_path",
    "cached_paths",
    "overrides",
    "recipe",
    "recipes",
    "remove",
    "size",
    "status",
    "write_files",
]
