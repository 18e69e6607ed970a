"""A person's own data: train, predict, evaluate, serve."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from ...core.errors import ArgumentError
from .options import Device, Open, Out, Seed, plain_warnings, tell, use

app = typer.Typer()
Run = Annotated[Path, typer.Argument(help="Folder that lampas train has made.")]
KINDS = "number, category, boolean, date, text or leave-out"


@app.command()
def train(
    path: Annotated[
        Path, typer.Argument(help="A table, or a folder of pictures, texts or sounds.")
    ],
    target: Annotated[str | None, typer.Option(help="Column to learn.")] = None,
    task: Annotated[
        Literal["classify", "regress", "forecast"] | None, typer.Option(help="What to do.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="table, images, texts, series or sounds.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Another network: an unknown name lists those there are.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="At most; it stops when it gets no better.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Of training at most, to the end of the epoch.")
    ] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Examples a step.")] = None,
    rate: Annotated[
        float | None, typer.Option(help="Of learning. [default: by a range test]")
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="Column whose equal values stay in one part.")
    ] = None,
    time: Annotated[str | None, typer.Option(help="Column with the time.")] = None,
    text: Annotated[str | None, typer.Option(help="Column with the texts.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--as", help=f"COLUMN=KIND where the guess is wrong: {KINDS}."),
    ] = None,
    size: Annotated[int | None, typer.Option(min=8, help="Pixels a side of pictures.")] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="That sounds are cut or filled up to.")
    ] = None,
    length: Annotated[
        int | None, typer.Option(min=1, help="Steps of a series that are looked at.")
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(min=1, help="Steps of a series that are forecast.")
    ] = None,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Train on your own data: looks at it, learns, compares, writes a report and a model."""
    from ..automl.pipeline import run

    use(device)
    kinds = dict(map(_column, columns or []))
    try:
        with plain_warnings():
            result = run(
                path, target, task, kind, model, epochs, minutes, batch, rate, group, time, text,
                kinds, size, seconds, length, horizon, seed, out,
            )  # fmt: skip
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here", file=sys.stderr)
        raise typer.Exit(130) from None
    print(
        f"test {result.measure} {result.score:.4g}, {result.yardstick} {result.yardstick_score:.4g}"
    )
    tell(result.report, show)


def _column(given: str) -> tuple[str, str]:
    name, equals, kind = given.rpartition("=")
    if not equals:
        raise ArgumentError(f"--as {given}: write COLUMN=KIND, the kind being {KINDS}.")
    return name, kind


@app.command()
def predict(
    run: Run,
    files: Annotated[list[Path], typer.Argument(help="What to predict: files, or folders.")],
    out: Annotated[Path | None, typer.Option(help="CSV file. [default: standard output]")] = None,
    device: Device = "",
) -> None:
    """Ask a trained run about new files or rows."""
    from ..automl.predictor import predict as ask

    use(device)
    with plain_warnings():
        done = ask(run, files, out)
    if out is not None:
        print(f"{done:,} predicted, {out}")


@app.command()
def evaluate(
    run: Run,
    path: Annotated[Path, typer.Argument(help="Data with known answers.")],
    device: Device = "",
) -> None:
    """Measure a trained run on other data with known answers."""
    from ..automl.predictor import evaluate as measure

    use(device)
    with plain_warnings():
        found = measure(run, path)
    print(f"{found.examples:,} examples, 95 % intervals in brackets")
    if found.met:
        print("most of them were learnt from; for those that were not see the report of the run")
    for name, one in found.measures.items():
        print(f"{name} {one.value:.4g} [{one.low:.4g}, {one.high:.4g}]")


@app.command()
def serve(
    run: Run,
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    host: Annotated[
        str, typer.Option(help="Address to listen at; other than this machine's needs a token.")
    ] = "127.0.0.1",
    token: Annotated[
        str | None, typer.Option(help="That requests must bear.", envvar="LAMPAS_TOKEN")
    ] = None,
    device: Device = "",
    show: Open = False,
) -> None:
    """Answer over HTTP: a page to drop files on, JSON, an OpenAPI description."""
    from ..serving import serve as answer

    use(device)
    answer(run, host=host, port=port, token=token, show=show)
