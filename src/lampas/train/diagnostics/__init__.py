"""How a network fares in the middle of a fit: what is measured, by what program, what it says."""
