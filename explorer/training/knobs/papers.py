"""Where papers stand. No torch here."""

ARXIV = "https://arxiv.org/abs/"
