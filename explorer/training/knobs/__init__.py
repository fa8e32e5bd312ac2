"""The knobs of a recipe, a module for each group. No torch here."""
