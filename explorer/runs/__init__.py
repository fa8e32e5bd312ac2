"""Runs of training as they are kept: rows in a store, and a folder of artefacts each."""
