"""Decode, index and load labelled image files."""
