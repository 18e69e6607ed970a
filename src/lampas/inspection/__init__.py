"""Tools that look into a model: its gradients, the outputs of its layers, what it responds to."""
