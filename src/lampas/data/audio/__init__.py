"""Decode, index and load labelled audio files."""
