"""The report of ``lampas train``: what was found, how good it is, and what to do next."""

from __future__ import annotations

from ..cases.folder import add_summary
from ..report import Report
from .headline import HEADLINE
from .kind import Kind
from .measured import in_words
from .report_next import add_commands, add_next
from .report_quality import add_quality
from .report_training import add_found, add_split, add_training
from .trained import NETWORK, Trained
from .verdict import verdict

KEYS = {"accuracy": "accuracy of the network", "RMSE": "error of the network (RMSE)"}


def tell(trained: Trained) -> Report:
    """The whole report of a run, from what it found to how to go on."""
    kind, found, settings, parts = trained.kind, trained.found, trained.settings, trained.parts
    report = Report(trained.title, _subtitle(trained))
    _add_head(report, trained)
    add_found(report, trained)
    kind.add_data(report, found, settings, parts)
    add_split(report, trained)
    add_training(report, trained)
    add_quality(report, trained)
    report.section("Where it errs")
    kind.add_mistakes(report, found, settings, parts.test, trained.said)
    if type(kind).add_insight is not Kind.add_insight:
        report.section("What it goes by")
        kind.add_insight(report, found, settings, trained.model, parts)
    add_next(report, trained)
    add_summary(report, trained.model)
    add_commands(report, trained)
    return report


def _subtitle(trained: Trained) -> str:
    learnt, _, asked = map(trained.kind.examples, trained.parts)
    doing = {
        "classify": f"tell {len(trained.found.classes)} classes apart",
        "regress": f"estimate {trained.found.target}",
        "forecast": f"forecast {trained.found.target}",
    }[trained.found.task]
    return (
        f"A network has learnt from {learnt:,} examples to {doing}, and was judged by {asked:,} "
        "that were kept back."
    )


def _add_head(report: Report, trained: Trained) -> None:
    """The key figures and the verdict."""
    headline, best = HEADLINE[trained.found.task], trained.strongest
    own, other = (
        in_words(headline, trained.measured[name][headline]) for name in (NETWORK, best.name)
    )
    report.facts(
        {
            KEYS[headline]: own[0],
            "95 % interval": own[1],
            best.name: other[0],
            "examples kept back": trained.kind.examples(trained.parts.test),
        }
    )
    report.text(verdict(trained))
