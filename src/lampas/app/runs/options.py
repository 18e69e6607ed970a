"""Types of the arguments of recorded runs; the command line checks their ranges."""

from __future__ import annotations

from typing import Annotated

from typer import Option

Positive = Annotated[int, Option(min=1)]
OptionalPositive = Annotated[int | None, Option(min=1)]
OptionalCount = Annotated[int | None, Option(min=0)]
ImageSize = Annotated[int, Option(min=16)]
