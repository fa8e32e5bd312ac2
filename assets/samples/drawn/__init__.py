"""Scenes of the ten classes of CIFAR-10, drawn by our own hand and given away under CC0 1.0."""
