"""``train.py`` for tables: rows to numbers, numbers to one scale, dense layers."""

from __future__ import annotations

from .script import layers_import, names_of, quoted, sequential
from .task import Found, Script, Settings


def script(found: Found, settings: Settings) -> Script:
    """The code for these settings."""
    hidden = [
        f'Dense({settings["width"]}, "relu", kernel_regularizer=lp.L2({settings["l2"]}))',
        f"Dropout({settings['dropout']})",
    ]
    layers = [
        "TableEncoding(reader.steps, reader.sizes)",
        *(hidden * 2 if settings["model"] == "mlp" else []),
        *_last(found, settings),
    ]
    network = "reader = TableReader(train.columns)\nreader.adapt(train.x)\n"
    if found.task == "regress":
        network += "middle, spread = train.y.mean(), train.y.var()\n"
    return Script(
        imports=layers_import([*names_of(layers), "TableReader"]),
        data=_data(found, settings),
        network=network + sequential(["reader", *layers]),
        x="part.x",
        y="part.y" if found.task == "classify" else "part.y[:, None]",
        loss=_LOSSES[found.task],
        metrics=("accuracy",) if found.task == "classify" else ("mae",),
    )


_LOSSES = {
    "classify": '"sparse_categorical_crossentropy"',
    # In standard deviations, so that the target's units do not matter.
    "regress": "lambda y, said: ((y - said) / train.y.std()) ** 2",
}


def _last(found: Found, settings: Settings) -> list[str]:
    if found.task == "classify":
        return [
            f'Dense({len(found.classes)}, "softmax", kernel_regularizer=lp.L2({settings["l2"]}))'
        ]
    return [
        f"Dense(1, kernel_regularizer=lp.L2({settings['l2']}))",
        "Normalization(None, middle, spread, invert=True)",
    ]


def _data(found: Found, settings: Settings) -> str:
    columns = "".join(
        f"        {quoted(name)}: {quoted(kind)},\n" for name, kind in settings["columns"].items()
    )
    more = {"group": settings["group"], "time": settings["time"]}
    options = "".join(f"    {name}={quoted(value)},\n" for name, value in more.items() if value)
    if settings["forms"]:
        forms = ", ".join(f"{quoted(n)}: {quoted(f)}" for n, f in settings["forms"].items())
        options += f"    forms={{{forms}}},\n"
    return (
        "rows = lp.data.table(\n"
        f"    {quoted(settings['path'])},\n"
        f"    {quoted(settings['target'])},\n"
        f"    task={quoted(found.task)},\n"
        f"    columns={{\n{columns}    }},\n"
        f"{options})\n"
        "return rows.split(validation=0.15, test=0.15, seed=SEED)"
    )
