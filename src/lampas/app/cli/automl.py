"""The commands for your own data: train, predict, evaluate, serve."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from ...core.errors import ArgumentError
from .options import Device, Open, Out, Seed, plain_warnings, select_device, show_report

app = typer.Typer()
Run = Annotated[Path, typer.Argument(help="Folder of a run of lampas train.")]
KINDS = "number, category, boolean, date, text or leave-out"


@app.command()
def train(
    path: Annotated[
        Path, typer.Argument(help="A table, or a folder of images, texts or recordings.")
    ],
    target: Annotated[str | None, typer.Option(help="Column to predict.")] = None,
    task: Annotated[
        Literal["classify", "regress", "forecast"] | None,
        typer.Option(help="Type of prediction; by default inferred from the target."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="Kind of data: table, images, text, series or audio.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Network to train, e.g. cnn, lenet or mlp for images.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of epochs; training stops early.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0, help="Maximum training time in minutes; the current epoch is finished."
        ),
    ] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Examples per step.")] = None,
    rate: Annotated[
        float | None, typer.Option(help="Learning rate; by default chosen by a range test.")
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            help="Column whose groups are never divided between training, validation and test data."
        ),
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="Column with the time; the latest rows become the test data.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Column with the texts.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--as", help=f"COLUMN=TYPE, if a type was inferred wrongly: {KINDS}."),
    ] = None,
    size: Annotated[
        int | None, typer.Option(min=8, help="Height and width of images in pixels.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=0.1, help="Clip length in seconds; longer clips are cut, shorter ones padded."
        ),
    ] = None,
    length: Annotated[
        int | None, typer.Option(min=1, help="Steps of a series that the network reads.")
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(min=1, help="Steps of a series to forecast.")
    ] = None,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Train on your own data, compare with baselines, and write a report and a model."""
    from ..automl import pipeline

    select_device(device)
    types = dict(map(_column_type, columns or []))
    try:
        with plain_warnings():
            result = pipeline.train(
                path, target, task, kind, model, epochs, minutes, batch, rate, group, time, text,
                types, size, seconds, length, horizon, seed, out,
            )  # fmt: skip
    except KeyboardInterrupt:
        print("\nstopped; run the same command again to continue", file=sys.stderr)
        raise typer.Exit(130) from None
    print(f"test {result.metric} {result.score:.4g}, {result.baseline} {result.baseline_score:.4g}")
    show_report(result.report, show)


def _column_type(argument: str) -> tuple[str, str]:
    name, equals, kind = argument.rpartition("=")
    if not equals:
        raise ArgumentError(f"--as {argument}: write COLUMN=TYPE, where TYPE is {KINDS}.")
    return name, kind


@app.command()
def predict(
    run: Run,
    files: Annotated[list[Path], typer.Argument(help="Files or folders to predict.")],
    out: Annotated[Path | None, typer.Option(help="CSV file; by default standard output.")] = None,
    device: Device = "",
) -> None:
    """Predict new files or rows with a trained model."""
    from ..automl.predictor import predict as predict_files

    select_device(device)
    with plain_warnings():
        count = predict_files(run, files, out)
    if out is not None:
        print(f"{count:,} predictions written to {out}")


@app.command()
def evaluate(
    run: Run,
    path: Annotated[
        Path, typer.Argument(help="Labelled data, in the format of the training data.")
    ],
    device: Device = "",
) -> None:
    """Evaluate a trained model on other labelled data."""
    from ..automl.predictor import evaluate as evaluate_run

    select_device(device)
    with plain_warnings():
        result = evaluate_run(run, path)
    print(f"{result.num_examples:,} examples, 95 % intervals in brackets")
    if result.is_training_data:
        print("most of these examples were training data; the report has the results on test data")
    for name, interval in result.metrics.items():
        print(f"{name} {interval.value:.4g} [{interval.low:.4g}, {interval.high:.4g}]")


@app.command()
def serve(
    run: Run,
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but the local one needs a token.")
    ] = "127.0.0.1",
    token: Annotated[
        str | None, typer.Option(help="Token that every request must send.", envvar="LAMPAS_TOKEN")
    ] = None,
    device: Device = "",
    show: Open = False,
) -> None:
    """Serve a trained model over HTTP: a web page, JSON, and an OpenAPI description."""
    from ..serving import serve as serve_run

    select_device(device)
    serve_run(run, host=host, port=port, token=token, show=show)
