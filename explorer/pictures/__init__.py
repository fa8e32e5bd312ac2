"""A person's pictures: one checked gate in, plain records out. No torch here."""
