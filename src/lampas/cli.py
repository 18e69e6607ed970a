"""The ``lampas`` command."""

from __future__ import annotations

import math
import os
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from .core.errors import ArgumentError, LampasError

app = typer.Typer(
    help="Lampas: deep learning, short to write, free to shape, compiled whole.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
cases = typer.Typer(no_args_is_help=True, invoke_without_command=True)
app.add_typer(cases, name="run")

Epochs = Annotated[int, typer.Option(min=1, help="How often to go through the data.")]
BatchSize = Annotated[int, typer.Option("--batch", min=1, help="Examples a step.")]
Seed = Annotated[int, typer.Option(help="Decides everything random.")]
Device = Annotated[str, typer.Option(help="cpu, gpu or tpu; by default the fastest there is.")]
Out = Annotated[
    Path | None, typer.Option(help="Folder for the report and the model. [default: runs/NAME]")
]
Open = Annotated[bool, typer.Option("--open", help="Show the report in the browser.")]
Pictures = Annotated[
    str,
    typer.Option(
        help="auto (the published set, or drawn pictures without a network), synthetic (drawn), "
        "or a folder with a sub-folder for each class."
    ),
]
Size = Annotated[int, typer.Option(min=16, help="Pixels a side.")]
Limit = Annotated[
    int | None, typer.Option(min=0, help="Pictures of a class at most; 0 for all there are.")
]
Units = Annotated[int, typer.Option(min=1, help="Units of the hidden layer.")]


@cases.callback()
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
    from .cases.repeat import differences, read_config
    from .cases.repeat import repeat as run_again

    config = read_config(record)
    with suppress(ArgumentError):  # without such a device it runs on what is there, and says so
        use(str(config["device"].get("platform", "")))
    for line in differences(config):
        print(f"warning: {line}", file=sys.stderr)
    result, comparison = run_again(record, config, out)
    for name, value in result._asdict().items():
        if name != "report":
            print(f"{name} {value}")
    print(comparison)
    tell(result.report, show)


@cases.command()
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
    from .cases import mnist as case

    use(device)
    result = case.run(data, epochs, batch, seed, out, model=model, augment=augment)
    print(f"held-out accuracy {result.accuracy:.4f}")
    tell(result.report, show)


@cases.command()
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
    from .cases import flowers as case

    use(device)
    result = case.run(data, epochs, batch, size, limit, seed, out)
    print(f"test accuracy {result.accuracy:.4f}, plain {result.plain:.4f}")
    tell(result.report, show)


@cases.command()
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
    from .cases import malaria as case

    use(device)
    result = case.run(data, epochs, batch, size, limit, seed, out)
    print(f"test accuracy {result.accuracy:.4f}, plain {result.plain:.4f}")
    print(f"sensitivity {result.sensitivity:.4f}, specificity {result.specificity:.4f}")
    tell(result.report, show)


@cases.command()
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
    from .cases import stamps as case

    use(device)
    result = case.run(data, size, epochs, batch, seed, out)
    print(
        f"held-out accuracy: pretrained {result.pretrained:.4f}, "
        f"random kernels {result.untrained:.4f}, small network {result.scratch:.4f}"
    )
    tell(result.report, show)


@cases.command()
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
    from .cases import chirp as case

    use(device)
    result = case.run(data, epochs, batch, length, horizon, target, time, seed, out)
    print(f"next value: {result.best} {result.error:.4g}, persistence {result.persistence:.4g}")
    print(f"far ahead: correlation {result.correlation:.3f}")
    tell(result.report, show)


@cases.command()
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
    from .cases import text as case

    use(device)
    result = case.run(data, epochs, batch, model, seed, out)
    print(f"test accuracy: {result.model} {result.accuracy:.4f}, TF-IDF {result.baseline:.4f}")
    tell(result.report, show)


@cases.command()
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
    from .cases import sound as case

    use(device)
    result = case.run(data, seconds, epochs, batch, folds, seed, out)
    print(f"accuracy {result.accuracy:.4f} ± {result.spread:.4f} over the folds")
    print(f"logistic regression {result.regression:.4f}, commonest class {result.commonest:.4f}")
    tell(result.report, show)


@cases.command()
def xor(
    epochs: Epochs = 500,
    batch: BatchSize = 4,
    seed: Seed = 0,
    device: Device = "",
    out: Out = None,
    show: Open = False,
) -> None:
    """Learn exclusive or, which one neuron can not."""
    from .cases import xor as case

    use(device)
    result = case.run(epochs, batch, seed, out)
    print(f"{result.right} of 4 right")
    tell(result.report, show)


@cases.command()
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
    from .cases import function as case

    use(device)
    result = case.run(f, low, high, units, epochs, batch, seed, out)
    print(f"largest error {result.error:.4f}")
    tell(result.report, show)


@cases.command()
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
    from .cases import boundary as case

    use(device)
    result = case.run(data, units, epochs, batch, seed, out)
    print(f"network {result.network:.1%} right, perceptron {result.perceptron:.1%}")
    tell(result.report, show)


@app.command()
def explain(
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV file with a few rows of numbers. [default: exclusive or]"),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Column to learn. [default: the last one]")
    ] = None,
    hidden: Annotated[int, typer.Option(min=1, max=20, help="Units of the hidden layer.")] = 3,
    activation: Annotated[str, typer.Option(help="Of the hidden layer.")] = "tanh",
    rate: Annotated[float, typer.Option(help="Learning rate.")] = 0.5,
    epochs: Epochs = 1000,
    seed: Seed = 0,
) -> None:
    """Show the six stages of learning with all their numbers, on a tiny network."""
    from .cases import tiny
    from .explain import explain as explain_step

    few = tiny.exclusive_or() if file is None else tiny.read_few(file, target)
    model = tiny.network(few, hidden, activation, rate)
    print(f"{', '.join(few.columns)} -> {few.target}")
    if few.scaled:
        print(f"scaled to mean 0 and standard deviation 1: {', '.join(few.scaled)}")
    print(explain_step(model, few.x, few.y, steps=epochs, seed=seed))
    print(f"\nAfter {epochs:,} steps")
    print("\n".join(tiny.learnt(few, model, epochs, seed)))


@app.command()
def devices(
    measure: Annotated[
        bool, typer.Option("--measure", help="Time the same work on each of them.")
    ] = False,
) -> None:
    """List what can be computed on; with --measure also how fast."""
    from .cases import devices as case

    there = case.all_devices()
    if not measure:
        print("\n".join(map(case.name_of, there)))
        return
    from rich.console import Console

    Console().print(case.measured_table([case.measure(device) for device in there]))
    print(f"float32; a step of fit has {case.BATCH} pictures of 28 x 28; × as fast as the CPU")


@app.command()
def runs(
    folder: Annotated[Path, typer.Argument(help="With the folders of runs.")] = Path("runs"),
) -> None:
    """List past runs with their results."""
    from rich.console import Console

    from .cases.runs_list import past_runs, runs_table

    Console().print(runs_table(past_runs(folder)))


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="Folder of a run.")],
    second: Annotated[Path, typer.Argument(help="Folder of another.")],
) -> None:
    """Show two runs side by side: results, arguments, data, versions."""
    from rich.console import Console

    from .cases.runs_list import compare as side_by_side
    from .cases.runs_list import comparison_table

    lines = side_by_side(first, second)
    Console().print(comparison_table(first, second, lines))
    differs = sum(line.differs for line in lines)
    print(f"≠ {differs} of {len(lines)} differ" if differs else "nothing differs")


@app.command()
def info() -> None:
    """Show versions, devices and the cache."""
    from importlib.metadata import version

    import jax

    from . import __version__
    from .core.cache import cache_folder

    print(f"lampas   {__version__}")
    for package in ("jax", "jaxlib", "optax", "numpy"):
        print(f"{package:8} {version(package)}")
    print(f"python   {sys.version.split()[0]}")
    for device in jax.devices():
        print(f"device   {device.device_kind} ({device.platform}:{device.id})")
    folder = cache_folder()
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"cache    {folder} ({size / 1e6:,.1f} MB)")


def tell(report: Path, show: bool) -> None:
    """Print where the report is; open it if wanted and there is a screen."""
    print(f"report {report}")
    screen = sys.platform in ("darwin", "win32") or {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
    if show and screen:
        webbrowser.open(report.absolute().as_uri())


def use(device: str) -> None:
    """Compute on the first device of this kind from now on.

    Raises:
        ArgumentError: when this machine has none; names those it has.
    """
    if not device:
        return
    import jax

    try:
        jax.config.update("jax_default_device", jax.devices(device)[0])
    except RuntimeError as error:
        there = sorted({d.platform for d in jax.devices()})
        raise ArgumentError(
            f"there is no device {device!r} here, only {', '.join(there)}."
        ) from error


def main() -> None:
    """Run the command; an error that Lampas raises on purpose is one message, not a traceback."""
    try:
        app()
    except LampasError as error:
        from rich.console import Console
        from rich.markup import escape

        text = f"[bold red]error[/] {escape(str(error))}"
        Console(stderr=True).print(text, highlight=False, soft_wrap=True)
        sys.exit(1)
