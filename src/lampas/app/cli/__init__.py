"""Entry point of the ``lampas`` command; it works, with a message, where typer is missing."""

from __future__ import annotations

import sys

from ...core.errors import LampasError


def main() -> None:
    """Run the command; an error that Lampas raises becomes one message without traceback."""
    try:
        import typer  # noqa: F401
    except ImportError:
        print("The lampas command needs more packages: pip install 'lampas[app]'", file=sys.stderr)
        sys.exit(1)
    try:
        from .commands import app
        from .terminal import use_plain_characters

        use_plain_characters()
        app()
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except LampasError as error:
        from rich.console import Console
        from rich.markup import escape

        text = f"[bold red]error[/] {escape(str(error))}"
        Console(stderr=True).print(text, highlight=False, soft_wrap=True)
        sys.exit(1)
