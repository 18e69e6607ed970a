"""Recorded runs: their folder, configuration, result, repetition and comparison."""
