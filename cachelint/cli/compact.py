"""`cachelint compact`: rewrites usage logs as one smaller file."""

from __future__ import annotations

from pathlib import Path

import click

from cachelint.cli.output import file_option


@click.command()
@click.argument("logs", nargs=-1, required=True, metavar="LOG...")
@file_option(required=True, help="The Parquet file to write, such as usage.parquet.")
@click.option("--memory-limit", metavar="SIZE", help="What the engine may use, such as 2GB; the rest goes to disk.")
def command(logs: tuple[str, ...], output_file: Path, memory_limit: str | None) -> None:
    """Rewrite logs as one Parquet file that `cachelint report` reads: each response once, about a tenth of the size."""
    from cachelint.report.compacting import compact_logs
    from cachelint.report.progress import show_progress

    with show_progress("cachelint compact") as progress:
        responses, duplicates = compact_logs(logs, output_file, memory_limit, progress)
    click.echo(f"{output_file}: {responses:,} responses ({duplicates:,} duplicates left out)", err=True)
