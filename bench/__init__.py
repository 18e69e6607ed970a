"""Benchmarks: the same training work in Lampas and in other frameworks (``python -m bench``)."""
