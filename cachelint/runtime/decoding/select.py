"""Chooses the decoder for a response."""

from __future__ import annotations

from cachelint.runtime.decoding.aws_event_stream import AwsEventStream
from cachelint.runtime.decoding.interface import Decoder
from cachelint.runtime.decoding.json_lines import JsonLines
from cachelint.runtime.decoding.server_sent_events import ServerSentEvents
from cachelint.runtime.decoding.whole import Whole
from cachelint.runtime.endpoint import Endpoint


def decoder_for(endpoint: Endpoint, content_type: str) -> Decoder:
    """The decoder for a body of this type, in answer to a request of this kind."""
    if "event-stream" in content_type:
        return ServerSentEvents()
    if "amazon.eventstream" in content_type:
        return AwsEventStream()
    return JsonLines() if endpoint == "batch_results" else Whole()
