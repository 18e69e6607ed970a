"""Lampas: deep learning, short to write, free to shape, compiled whole."""
__version__ = "0.1.0"
