"""The section of a report that says how a network fared while it learnt."""

from __future__ import annotations

from ...plots.health import health
from ...train.callbacks.health_monitor import Monitor
from . import Report


def add_health(report: Report, monitor: Monitor) -> None:
    """The measured curves by depth, and what they hint at; nothing if nothing was measured."""
    if not monitor.samples:
        return
    report.section("Health")
    report.figure(
        health(**monitor.curves()),
        f"Measured {len(monitor.samples)} times in between, on the batch that came next. Outputs "
        "as root mean square; gradients and updates as norms over that of the weight; dotted, the "
        "usual size of an update, a thousandth of the weight. Lines that fan out with depth tell "
        "of gradients that vanish or explode.",
    )
    for hint in monitor.hints() or ["Nothing stands out."]:
        report.text(hint)
