"""Somebody's own labelled pictures: taken in, split, corrected and kept. No torch here."""
