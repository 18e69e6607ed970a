"""Recurrent layers, which run a cell with a state over the steps of a sequence."""
