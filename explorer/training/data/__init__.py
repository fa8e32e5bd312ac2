"""What networks learn from: data sets, how they come here and are split. No torch here."""
