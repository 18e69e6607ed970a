"""Inspect a model: gradients, layer outputs, heat maps, attributions, and learning rates."""
