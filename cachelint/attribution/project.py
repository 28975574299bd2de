"""A report that knows the source: logs and a project, read together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cachelint.analysis import analyze
from cachelint.attribution.measuring import measure
from cachelint.attribution.misses import explained
from cachelint.checking import shown_path
from cachelint.config import load_settings
from cachelint.project import common_folder, project_root
from cachelint.report.building import analyse, summarise
from cachelint.report.losses import losses_of, traffic_of

if TYPE_CHECKING:
    from cachelint.report.building import Options
    from cachelint.report.figures import Report


def explained_report(
    logs: Sequence[str], options: Options, folders: Sequence[Path], progress: Callable[[str], None] = lambda _: None
) -> Report:
    """The report on `logs`, with the findings in `folders` that explain its misses: suppressed ones as well.

    Raises what `build_report` raises, and `ConfigurationError` for settings of the project that cannot be used.
    """
    with analyse(logs, options, progress) as analysed:
        progress("adding up")
        report = summarise(analysed, options)
        traffic, losses = traffic_of(analysed.engine), losses_of(analysed.engine)
    progress("reading the source")
    start = common_folder(folders)
    root = project_root(start)
    analysis = analyze(root, folders, load_settings(start))
    sites = [request.site for request in analysis.requests]
    return explained(report, measure(analysis.findings, sites, traffic, losses), shown_path(root))
