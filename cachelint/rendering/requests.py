"""What the analyzer sees: every request with its blocks and breakpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from cachelint.rendering.terminal import Terminal
from cachelint.rendering.wording import counted

if TYPE_CHECKING:
    from cachelint.analysis import BlockView, RequestView


def requests_text(requests: tuple[RequestView, ...], path: Callable[[str], str], terminal: Terminal) -> str:
    """A paragraph per request: where it is sent, then a line per block in render order."""
    paragraphs = ["\n".join(_paragraph(request, path, terminal)) for request in requests]
    return terminal.printable("\n\n".join((*paragraphs, f"Found {counted(len(requests), 'request')}.")) + "\n")


def request_objects(requests: tuple[RequestView, ...], path: Callable[[str], str]) -> list[dict[str, Any]]:
    """An object per request, ready for `json.dumps`."""
    return [
        {
            "filename": path(request.site.location.filename),
            "row": request.site.location.row,
            "method": request.site.method,
            "model": request.site.model,
            "automatic": request.automatic,
            "blocks": [_block_object(block) for block in request.blocks],
            "notes": list(request.notes),
        }
        for request in requests
    ]


def _paragraph(request: RequestView, path: Callable[[str], str], terminal: Terminal) -> Iterator[str]:
    site = request.site
    place = terminal.paint(f"{path(site.location.filename)}:{site.location.row}", bold=True)
    yield f"{place}: {site.method}  [{', '.join(_properties(request))}]"
    position_width = max((len(block.position) for block in request.blocks), default=0)
    for block in request.blocks:
        yield f"  {block.position:{position_width}}  {_block(block, terminal)}".rstrip()
    for note in request.notes:
        yield f"  note: {note}"


def _properties(request: RequestView) -> Iterator[str]:
    yield request.site.model or "model not known"
    if request.automatic:
        yield f"automatic caching, {request.automatic}"
    elif not any(block.marker for block in request.blocks):
        yield "no breakpoint"


def _block(block: BlockView, terminal: Terminal) -> str:
    parts = [
        terminal.paint(f"breakpoint {block.marker}", "green") if block.marker else "",
        f"at least {counted(block.minimum_tokens, 'token')}" if block.minimum_tokens else "",
        terminal.paint(f"varies: {', '.join(block.varies)}", "red") if block.varies else "",
        "" if block.known else "partly known" if block.minimum_tokens else "not known",
        block.excerpt,
    ]
    return "  ".join(part for part in parts if part)


def _block_object(block: BlockView) -> dict[str, Any]:
    return {
        "position": block.position,
        "marker": block.marker,
        "varies": list(block.varies),
        "minimum_tokens": block.minimum_tokens,
        "known": block.known,
        "excerpt": block.excerpt,
    }
