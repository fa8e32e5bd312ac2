"""The zoo: cards of all models (no torch), and in `explorer.zoo.build` the models themselves."""
