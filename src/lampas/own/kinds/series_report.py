"""What the report shows of a series and its forecasts."""

from __future__ import annotations

import numpy as np

from ...data.series import Windows
from ...report import Report, figures
from ..kind import Parts, Said, Settings
from .series_figures import changes, parted
from .series_yardsticks import by_step, naive, spread

NETWORK = "the network"


def add_series(report: Report, settings: Settings, parts: Parts) -> None:
    """The series with its parts, and how its changes go together with earlier ones."""
    train: Windows = parts.train
    report.figure(
        parted(train, parts, settings["target"]),
        "The series. The parts follow each other in time: nothing is learnt from what comes later.",
    )
    end = int(train.starts[-1]) + train.length + train.horizon
    report.figure(
        changes(np.asarray(train.targets[:end], np.float64), settings["season"]),
        "How much a change from step to step is like the one so many steps earlier "
        "(autocorrelation, training part)."
        + f" It comes back after {settings['season']} steps."
        * bool(settings["season"]),
    )


def add_forecasts(report: Report, settings: Settings, test: Windows, said: Said) -> None:
    """The best, the middle and the worst forecast, and how errors grow with the distance."""
    truth = np.asarray(test.y, np.float64)
    errors = np.sqrt(np.square(np.asarray(said) - truth).mean(1))
    for title, row in spread(errors):
        known = test.targets[test.starts[row] : test.starts[row] + test.length]
        report.figure(
            figures.forecast(known, truth[row], {NETWORK: said[row]}, settings["target"]),
            f"The {title} forecast of {len(truth):,}, by its error.",
        )
    methods = {NETWORK: said} | naive(test, settings["season"])
    report.figure(
        figures.horizon({name: by_step(truth, one) for name, one in methods.items()}),
        f"Errors by the number of steps ahead, in units of {settings['target']}.",
    )
