"""Designs of blocks: as data, as formulas, and as the real modules built from them."""
