"""The simulated Messages API on a loopback port, for any client in any process.

    with ApiServer() as server:
        client = anthropic.Anthropic(base_url=server.url, api_key="any")

or, until interrupted:

    $ python -m cachelint.testing.server --port 8787
    $ ANTHROPIC_BASE_URL=http://127.0.0.1:8787 ANTHROPIC_API_KEY=any python app.py

What it answers first can be scripted (`--replies`, see `replies.py`); after that it repeats what the user said.
Another process can let time pass: `POST /_time` with `{"advance": 600}`, if the server's clock can be moved.
"""

from __future__ import annotations

import argparse
import gzip
import json
import secrets
import sys
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from cachelint.errors import InputError
from cachelint.testing.answers import Responder, Script
from cachelint.testing.api import Call, HttpResponse, MessagesApi
from cachelint.testing.clock import Clock, ManualClock, SystemClock
from cachelint.testing.replies import read_replies


class ApiServer:
    """Serves a `MessagesApi` on 127.0.0.1 in threads of its own, from `start` (or entering it) to `stop`."""

    def __init__(
        self,
        answers: Responder | None = None,
        *,
        clock: Clock | None = None,
        workspaces: Mapping[str, str] | None = None,
        port: int = 0,
        compress: bool = False,
    ) -> None:
        """`port` 0 takes any free one. `compress`: gzip what a client accepts gzipped, as the API does."""
        self.api = MessagesApi(
            clock=clock or SystemClock(),
            answers=answers or Script(),
            workspaces=workspaces or {},
            seed=secrets.token_hex(8),
        )
        self._server = _Server(("127.0.0.1", port), self.api, compress)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """What to give a client as its base URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def calls(self) -> Sequence[Call]:
        """Every request for an answer so far."""
        return tuple(self.api.calls)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> ApiServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], api: MessagesApi, compress: bool) -> None:
        super().__init__(address, _Handler)
        self.api = api
        self.compress = compress

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away; anything else is a defect, and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/_time":
            self._send(_move_time(self.server.api.clock, content))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = self.server.api.handle(self.command, self.path, headers, content)
        time.sleep(response.delay)
        response.begin()
        self._send(response)

    def _send(self, response: HttpResponse) -> None:
        zipped = self.server.compress and "gzip" in self.headers.get("accept-encoding", "")
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if zipped:
            self.send_header("content-encoding", "gzip")
        if isinstance(response.body, bytes):
            self._send_whole(gzip.compress(response.body, mtime=0) if zipped else response.body)
        else:
            self._send_pieces(_zipped(response.body) if zipped else response.body)

    def _send_whole(self, body: bytes) -> None:
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_pieces(self, pieces: Iterator[bytes]) -> None:
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Keep standard error for the program that is tested."""


def _zipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of one gzip stream, flushed so that each can be read when it arrives."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    for piece in pieces:
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def _move_time(clock: Clock, content: bytes) -> HttpResponse:
    if not isinstance(clock, ManualClock):
        return _plain(409, {"error": "this server runs on the computer's clock"})
    clock.advance(float(json.loads(content)["advance"]))
    return _plain(200, {"now": clock.now()})


def _plain(status: int, body: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps(body).encode())


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m cachelint.testing.server", description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=8787, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--compress", action="store_true", help="gzip the responses, as the API does")
    parser.add_argument("--replies", type=Path, metavar="FILE", help="what to answer first, as JSON lines")
    parser.add_argument("--manual-clock", action="store_true", help="time stands still until POST /_time moves it")
    options = parser.parse_args(arguments)
    clock = ManualClock() if options.manual_clock else None
    try:
        replies = read_replies(options.replies.read_text("utf-8").splitlines()) if options.replies else []
    except (OSError, InputError) as error:
        parser.error(str(error))
    with ApiServer(Script(replies), port=options.port, compress=options.compress, clock=clock) as server:
        print(f"Messages API (simulated) at {server.url}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)


if __name__ == "__main__":
    main()
