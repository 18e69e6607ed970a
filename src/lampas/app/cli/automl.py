"""The commands for your own data: train, predict, evaluate, serve."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Argument, Option

from ...core.errors import ArgumentError
from ..runs.options import OptionalPositive
from .options import (
    Device,
    Open,
    Out,
    Seed,
    docstring_help,
    plain_warnings,
    select_device,
    show_report,
)

app = typer.Typer()
Run = Annotated[Path, Argument(help="Folder of a run of lampas train.")]
KINDS = "number, category, boolean, date, text or leave-out"


@app.command()
@docstring_help
def train(
    path: Path,
    target: str | None = None,
    task: Literal["classify", "regress", "forecast"] | None = None,
    kind: str | None = None,
    model: str | None = None,
    epochs: OptionalPositive = None,
    minutes: Annotated[float | None, Option(min=0)] = None,
    batch: OptionalPositive = None,
    rate: float | None = None,
    group: str | None = None,
    time: str | None = None,
    text: str | None = None,
    sheet: str | None = None,
    columns: Annotated[list[str] | None, Option("--as")] = None,
    size: Annotated[int | None, Option(min=8)] = None,
    seconds: Annotated[float | None, Option(min=0.1)] = None,
    length: OptionalPositive = None,
    horizon: OptionalPositive = None,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Train on your own data, compare with baselines, and write a report and a model.

    Args:
        path: a table, or a folder of images, texts or recordings.
        target: column to predict.
        task: type of prediction; by default inferred from the target.
        kind: kind of data: table, images, text, series or audio.
        model: network to train, e.g. cnn, lenet or mlp for images.
        epochs: maximum number of epochs; training stops early.
        minutes: maximum training time in minutes, that of a second training on all data included;
            the current epoch is finished.
        batch: examples per step.
        rate: learning rate; by default chosen by a range test.
        group: column whose groups are never divided between training, validation and test data.
        time: column with the time; the latest rows become the test data.
        text: column with the texts, where they are to be classified without the other columns.
        sheet: name or number of the sheet of an Excel file; by default the first with rows.
        columns: COLUMN=TYPE, if a type was inferred wrongly: number, category, boolean, date, text
            or leave-out.
        size: height and width of images in pixels.
        seconds: clip length in seconds; longer clips are cut, shorter ones padded.
        length: steps of a series that the network reads.
        horizon: steps of a series to forecast.
    """
    from ..automl import pipeline

    select_device(device)
    types = dict(map(_column_type, columns or []))
    try:
        with plain_warnings():
            result = pipeline.train(
                path, target, task, kind, model, epochs, minutes, batch, rate, group, time, text,
                sheet, types, size, seconds, length, horizon, seed, out,
            )  # fmt: skip
    except KeyboardInterrupt:
        print("\nstopped; run the same command again to continue", file=sys.stderr)
        raise typer.Exit(130) from None
    print(f"test {result.metric} {result.score:.4g}, {result.baseline} {result.baseline_score:.4g}")
    print(result.saved_model)
    show_report(result.report, show)


def _column_type(argument: str) -> tuple[str, str]:
    name, equals, kind = argument.rpartition("=")
    if not equals:
        raise ArgumentError(f"--as {argument}: write COLUMN=TYPE, where TYPE is {KINDS}.")
    return name, kind


@app.command()
@docstring_help
def predict(
    run: Run,
    files: list[Path],
    out: Path | None = None,
    sheet: str | None = None,
    device: Device = "",
) -> None:
    """Predict new files or rows with a trained model.

    Args:
        files: files or folders to predict.
        out: CSV file; by default standard output.
        sheet: name or number of the sheet of an Excel file; by default the name in training.
    """
    from ..automl.predictor import predict as predict_files

    select_device(device)
    with plain_warnings():
        count = predict_files(run, files, out, sheet)
    if out is not None:
        print(f"{count:,} predictions written to {out}")


@app.command()
@docstring_help
def evaluate(run: Run, path: Path, sheet: str | None = None, device: Device = "") -> None:
    """Evaluate a trained model on other labelled data.

    Args:
        path: labelled data, in the format of the training data.
        sheet: name or number of the sheet of an Excel file; by default the name in training.
    """
    from ..automl.predictor import evaluate as evaluate_run

    select_device(device)
    with plain_warnings():
        result = evaluate_run(run, path, sheet)
    print(f"{result.num_examples:,} examples, 95 % intervals in brackets")
    if result.is_training_data:
        print(
            "the model was trained on these examples, or on most of them; the report has the "
            "results on test data"
        )
    for name, interval in result.metrics.items():
        print(f"{name} {interval.value:.4g} [{interval.low:.4g}, {interval.high:.4g}]")


@app.command()
@docstring_help
def serve(
    run: Run,
    port: Annotated[int, Option(min=0, max=65535)] = 8000,
    host: str = "127.0.0.1",
    token: Annotated[str | None, Option(envvar="LAMPAS_TOKEN")] = None,
    device: Device = "",
    show: Open = False,
) -> None:
    """Serve a trained model over HTTP: a web page, JSON, and an OpenAPI description.

    Args:
        host: address to listen on; any but the local one needs a token.
        token: token that every request must send.
    """
    from ..serving import serve as serve_run

    select_device(device)
    serve_run(run, host=host, port=port, token=token, show=show)
