"""Decoders: bytes of a response body in, as they arrive, JSON objects that matter out.

DECODERS             decoder                  used for
text/event-stream    server_sent_events.py    streamed responses
vnd.amazon.eventst.  aws_event_stream.py      streamed responses of Amazon Bedrock
JSON lines           json_lines.py            results of a batch
anything else        whole.py                 one JSON object, complete at the end
"""

from cachelint.runtime.decoding.interface import Decoder
from cachelint.runtime.decoding.select import decoder_for

__all__ = ["Decoder", "decoder_for"]
