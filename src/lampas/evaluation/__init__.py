"""Evaluation of predictions: metrics with intervals, comparisons, calibration and baselines."""
