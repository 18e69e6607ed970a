"""The report's section about activations, gradients and updates during training."""

from __future__ import annotations

from ...plots.health import health
from ...train.callbacks.health_monitor import HealthMonitor
from . import Report


def add_health(report: Report, monitor: HealthMonitor) -> None:
    """Add the measured curves and the monitor's hints; nothing if there are no measurements.

    Args:
        report: the report.
        monitor: the monitor of the finished training.
    """
    if not monitor.samples:
        return
    report.section("Training health")
    report.figure(
        health(**monitor.curves()),
        f"Measured {len(monitor.samples)} times during training, on the next batch. Outputs: root "
        "mean square. Gradients and updates: norm divided by the norm of the weights; dotted: the "
        "typical ratio of updates, 0.001. Lines that fan out with depth indicate vanishing or "
        "exploding gradients.",
    )
    for hint in monitor.hints() or ["No problem was detected."]:
        report.text(hint)
