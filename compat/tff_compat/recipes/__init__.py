"""What makes each TFF release installable today, and the environments built from it."""

from __future__ import annotations

from tff_compat.recipes.data import Recipe, RecipeError, recipe, recipes
from tff_compat.recipes.environment import build

__all__ = ["Recipe", "RecipeError", "build", "recipe", "recipes"]
