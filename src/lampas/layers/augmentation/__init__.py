"""Layers that augment images during training, and layers that crop and resize them."""
