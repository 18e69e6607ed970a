"""What there is in a table, and what to make of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ...core.errors import ArgumentError, unknown_name
from ...data.listing import count, few
from ...data.tables import Survey, read_frame, rows, survey
from ...data.tables.targets import TableTask
from ..amounts import amounts
from ..kind import Found, Reason, Settings, Wishes

if TYPE_CHECKING:
    from pandas import DataFrame

NETWORKS = ("mlp", "linear")
WIDTH, EPOCHS, PATIENCE = 128, 200, 20
MOST_CHOICES = 30
USUAL_TARGETS = ("target", "label", "class", "y", "outcome")


def look(wishes: Wishes) -> Found:
    """See `Kind.look`."""
    task = _check(wishes)
    frame = read_frame(wishes.path)
    target = wishes.target or _usual(list(frame.columns), wishes)
    seen = survey(frame, target, task, wishes.columns, wishes.group, wishes.time)
    settings = _settings(seen, wishes, target, len(frame))
    settings["choices"] = _choices(frame, seen)
    return Found(
        seen.task,
        target,
        seen.classes,
        tuple(_reasons(seen, settings, target, len(frame))),
        seen.warnings,
        settings,
    )


def _choices(frame: DataFrame, seen: Survey) -> dict[str, list[str]]:
    """The values of the columns that have few, to choose from."""
    few = {
        name: kind
        for name, kind in seen.kinds.items()
        if kind == "category" and seen.columns[name].distinct <= MOST_CHOICES
    }
    if not few:
        return {}
    x = rows(frame, few, seen.forms)
    return {name: sorted(x[name].dropna().unique()) for name in few}


def _check(wishes: Wishes) -> TableTask | None:
    """The task that is asked for. Raises ArgumentError for what is not for tables."""
    if wishes.task == "forecast":
        raise ArgumentError("a table is not forecast; --kind series takes it for a series in time.")
    if wishes.model is not None and wishes.model not in NETWORKS:
        raise unknown_name("model", wishes.model, NETWORKS)
    given = {
        name: getattr(wishes, name) for name in ("size", "seconds", "length", "horizon", "text")
    }
    if odd := [name for name, value in given.items() if value is not None]:
        raise ArgumentError(f"--{odd[0]} is not for tables.")
    return wishes.task


def _usual(names: list[str], wishes: Wishes) -> str:
    found = [name for name in names if name.lower() in USUAL_TARGETS]
    if len(found) == 1:
        return found[0]
    raise ArgumentError(
        f"which column is to be learnt? Say it with --target NAME; {wishes.path} has "
        f"{few(map(repr, names), 20)}."
    )


def _settings(seen: Survey, wishes: Wishes, target: str, rows: int) -> Settings:
    return {
        "model": wishes.model or NETWORKS[0],
        **amounts(rows)._asdict(),
        "epochs": EPOCHS,
        "patience": PATIENCE,
        "width": WIDTH,
        "target": target,
        "columns": dict(seen.kinds),
        "forms": dict(seen.forms),
        "group": wishes.group,
        "time": wishes.time,
        "seen": [
            [one.name, one.kind, one.why, one.missing, one.distinct, one.note]
            for one in seen.columns.values()
        ],
    }


def _reasons(seen: Survey, settings: Settings, target: str, rows: int) -> list[Reason]:
    kinds = Counter(seen.kinds.values())
    left = {one.name: one.why for one in seen.columns.values() if one.kind == "leave-out"}
    found = [
        Reason(f"{count(rows, 'row')}", f"to learn {target!r}"),
        Reason(seen.task, seen.why),
        Reason(
            few((count(number, kind, _MANY[kind]) for kind, number in kinds.items()), 6),
            few(map(str, seen.kinds), 12),
        ),
    ]
    if left:
        text = few((f"{name}, for {why}" for name, why in left.items()), 6)
        found.append(Reason(f"{count(len(left), 'column')} left out", text))
    found.append(Reason(f"network {settings['model']}", _network(settings)))
    few_or_many = "few" if settings["dropout"] > 0.1 else "many"
    found.append(
        Reason(
            f"dropout {settings['dropout']}, l2 {settings['l2']}",
            f"{rows:,} rows are {few_or_many}",
        )
    )
    if settings["group"] or settings["time"]:
        by = "group" if settings["group"] else "time"
        found.append(Reason(f"parted by {settings[by]!r}", "as asked for"))
    return found


_MANY: dict[Any, str] = {
    "number": "numbers",
    "category": "categories",
    "boolean": "yes or no",
    "date": "dates",
    "text": "texts",
}


def _network(settings: Settings) -> str:
    if settings["model"] == "linear":
        return "no hidden layer, as asked for"
    return f"two hidden layers of {settings['width']} units are the usual means for rows"
