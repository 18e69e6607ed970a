"""Pure functions on arrays; the fast kernels, with their own gradients, live here only."""
