"""Networks that learn: data sets, recipes, the training loop and what it tells. No torch here."""
