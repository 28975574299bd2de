"""`cachelint lsp`: the language server, on standard input and output."""

from __future__ import annotations

import sys

import click

from cachelint.errors import MissingExtraError


@click.command()
@click.option("--stdio", is_flag=True, help="Accepted because many editors pass it; there is no other way to connect.")
def command(stdio: bool) -> int:
    """Start the language server: an editor starts this, and speaks LSP with it over standard input and output.

    It shows findings while you type, with their path, and offers fixes and suppressions. Settings come from
    pyproject.toml or cachelint.toml of the project. The documentation's page on editors says how to set them up.
    """
    try:
        from cachelint.lsp.server import make_server
        from cachelint.lsp.wire import own_standard_output
    except ImportError:
        raise MissingExtraError("lsp", "lsp") from None
    if sys.stdin.isatty():
        click.echo("note: this speaks with an editor, not with people; end it with Ctrl-C", err=True)
    server = make_server()
    server.start_io(stdout=own_standard_output())
    return 0 if server.was_shut_down else 1
