"""Diagnostics of training: measurements of the layers, hints, and the cause of a divergence."""
