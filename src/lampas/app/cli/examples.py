"""``lampas run``: the use cases."""

from __future__ import annotations

import math
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from ...core.errors import ArgumentError
from .options import (
    BatchSize,
    Device,
    Epochs,
    Limit,
    Open,
    Out,
    Pictures,
    Seed,
    Size,
    Units,
    tell,
    use,
)

app = typer.Typer(no_args_is_help=True, invoke_without_command=True)


@app.callback()
def again(
    context: typer.Context,
    record: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Repeat a run: the config.json of its folder. Takes --out and --open."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(hidden=True)] = None,
    show: Annotated[bool, typer.Option("--open", hidden=True)] = False,
) -> None:
    """Run a use case on real data: train, measure, write a report."""
    if record is not None and context.invoked_subcommand is None:
        repeat(record, out, show)
    elif record is not None or out is not None or show:
        name = context.invoked_subcommand
        raise ArgumentError(
            "--from stands alone: lampas run --from FOLDER/config.json"
            if record is not None
            else f"options stand behind the case: lampas run {name or 'CASE'} --out FOLDER --open"
        )


def repeat(record: Path, out: Path | None, show: bool) -> None:
    """Repeat a recorded run; say what is other than it was, and whether the result is."""
    from ..runs.repeat import differences, read_config
    from ..runs.repeat import repeat as run_again
    from .registry import RUNS

    config = read_config(record, RUNS)
    with suppress(ArgumentError):  # without such a device it runs on what is there, and says so
        use(str(config["device"].get("platform", "")))
    for line in differences(config):
        print(f"warning: {line}", file=sys.stderr)
    result, comparison = run_again(record, config, out, RUNS)
    for name, value in result._asdict().items():
        if name != "report":
            print(f"{name} {value}")
    print(comparison)
    tell(result.report, show)


@app.command()
def mnist(
    data: Annotated[
        str, typer.Option(help="mnist_5k, mnist (70,000), fashion_mnist or digits.")
    ] = "mnist_5k",
    epochs: Epochs = 15,
    batch: BatchSize = 64,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
    model: Annotated[str, typer.Option(help="cnn, lenet, mlp or alexnet-small.")] = "cnn",
    augment: Annotated[bool, typer.Option("--augment", help="Learn from variants, too.")] = False,
) -> None:
    """Read handwritten digits with a network."""
    from ..examples import mnist as case

    use(device)
    result = case.run(data, epochs, batch, seed, out, model=model, augment=augment)
    print(f"held-out accuracy {result.accuracy:.4f}")
    tell(result.report, show)


@app.command()
def flowers(
    data: Pictures = "auto",
    epochs: Epochs = 30,
    batch: BatchSize = 32,
    size: Size = 64,
    limit: Limit = None,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Tell flowers apart, plain and with augmentation and dropout."""
    from ..examples import flowers as case

    use(device)
    result = case.run(data, epochs, batch, size, limit, seed, out)
    print(f"test accuracy {result.accuracy:.4f}, plain {result.plain:.4f}")
    tell(result.report, show)


@app.command()
def malaria(
    data: Pictures = "auto",
    epochs: Epochs = 30,
    batch: BatchSize = 32,
    size: Size = 64,
    limit: Limit = None,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Find infected blood cells, plain and with augmentation and dropout."""
    from ..examples import malaria as case

    use(device)
    result = case.run(data, epochs, batch, size, limit, seed, out)
    print(f"test accuracy {result.accuracy:.4f}, plain {result.plain:.4f}")
    print(f"sensitivity {result.sensitivity:.4f}, specificity {result.specificity:.4f}")
    tell(result.report, show)


@app.command()
def stamps(
    data: Annotated[
        str, typer.Option(help="stamps, or a folder with a sub-folder for each class.")
    ] = "stamps",
    epochs: Epochs = 60,
    batch: BatchSize = 16,
    size: Annotated[int, typer.Option(min=32, help="Pixels a side.")] = 96,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Begin with what VGG-16 has learnt from photographs, against learning from nothing."""
    from ..examples import stamps as case

    use(device)
    result = case.run(data, size, epochs, batch, seed, out)
    print(
        f"held-out accuracy: pretrained {result.pretrained:.4f}, "
        f"random kernels {result.untrained:.4f}, small network {result.scratch:.4f}"
    )
    tell(result.report, show)


@app.command()
def chirp(
    data: Annotated[
        str, typer.Option(help="chirp, sunspots, temperature, or the path of a CSV file.")
    ] = "chirp",
    target: Annotated[
        str | None, typer.Option(help="Column of the file to forecast, if it has several.")
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="Column of the file with the time, which must rise.")
    ] = None,
    length: Annotated[
        int | None, typer.Option(min=1, help="Steps looked at; by default what suits the series.")
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(min=1, help="Steps forecast at once; likewise.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="How often to go through the data; likewise.")
    ] = None,
    batch: BatchSize = 64,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Forecast a series with SimpleRNN, GRU and LSTM, one value ahead and a hundred."""
    from ..examples import chirp as case

    use(device)
    result = case.run(data, epochs, batch, length, horizon, target, time, seed, out)
    print(f"next value: {result.best} {result.error:.4g}, persistence {result.persistence:.4g}")
    print(f"far ahead: correlation {result.correlation:.3f}")
    tell(result.report, show)


@app.command()
def text(
    data: Annotated[
        str, typer.Option(help="reviews, news, tweets, or a CSV file or folder.")
    ] = "reviews",
    epochs: Epochs = 60,
    batch: BatchSize = 64,
    model: Annotated[str, typer.Option(help="auto, bag, conv, gru or lstm.")] = "auto",
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Judge texts by a network, against word counts and logistic regression."""
    from ..examples import text as case

    use(device)
    result = case.run(data, epochs, batch, model, seed, out)
    print(f"test accuracy: {result.model} {result.accuracy:.4f}, TF-IDF {result.baseline:.4f}")
    tell(result.report, show)


@app.command()
def sound(
    data: Annotated[
        str, typer.Option(help="samples, or a folder with a sub-folder for each class.")
    ] = "samples",
    seconds: Annotated[
        float, typer.Option(min=0.1, help="What sounds are cut or filled up to.")
    ] = 2.0,
    epochs: Epochs = 80,
    batch: BatchSize = 16,
    folds: Annotated[int, typer.Option(min=2, help="Parts that are kept back in turn.")] = 5,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Tell kinds of sounds apart, from waves to classes."""
    from ..examples import sound as case

    use(device)
    result = case.run(data, seconds, epochs, batch, folds, seed, out)
    print(f"accuracy {result.accuracy:.4f} ± {result.spread:.4f} over the folds")
    print(f"logistic regression {result.regression:.4f}, commonest class {result.commonest:.4f}")
    tell(result.report, show)


@app.command()
def xor(
    epochs: Epochs = 500,
    batch: BatchSize = 4,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Learn exclusive or, which one neuron can not."""
    from ..examples import xor as case

    use(device)
    result = case.run(epochs, batch, seed, out)
    print(f"{result.right} of 4 right")
    tell(result.report, show)


@app.command()
def function(
    f: Annotated[str, typer.Option("--f", help='In x, as "sin(3*x)*exp(-x**2)".')] = "sin(x)",
    low: Annotated[float, typer.Option(help="Where the interval begins.")] = -math.pi,
    high: Annotated[float, typer.Option(help="Where the interval ends.")] = math.pi,
    units: Units = 64,
    epochs: Epochs = 1000,
    batch: BatchSize = 32,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Fit a function of one variable with one hidden layer."""
    from ..examples import function_fit as case

    use(device)
    result = case.run(f, low, high, units, epochs, batch, seed, out)
    print(f"largest error {result.error:.4f}")
    tell(result.report, show)


@app.command()
def boundary(
    data: Annotated[str, typer.Option(help="moons, circles or spirals.")] = "moons",
    units: Units = 64,
    epochs: Epochs = 500,
    batch: BatchSize = 32,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Part two classes in the plane: a perceptron's line, a network's curve."""
    from ..examples import boundary as case

    use(device)
    result = case.run(data, units, epochs, batch, seed, out)
    print(f"network {result.network:.1%} right, perceptron {result.perceptron:.1%}")
    tell(result.report, show)
