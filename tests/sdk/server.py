"""A server of ours in miniature, on a socket of this process: streams, polls and events, well or badly."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any

from equipoise.evaluation.document import Changes, encode, encode_changes
from equipoise.evaluation.ruleset import Ruleset

KEY = "sdk-of-production"
END = b""


class FakeServer:
    """What it serves, what it was sent, and how it fails.

    refusing    path → status, and what Retry-After says; those in `once` go after one answer
    bodies      of events, each with its payload id
    asked       every path, in order
    """

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset, self.document = ruleset, b""
        self.refusing: dict[str, tuple[int, str]] = {}
        self.streams: list[Queue[bytes]] = []
        self.bodies: list[tuple[str, list[Any]]] = []
        self.asked: list[str] = []
        self.tags: list[str] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                fake.get(self)

            def do_POST(self) -> None:
                fake.post(self)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def events(self) -> list[Any]:
        return [event for _, body in self.bodies for event in body]

    def serve(self, ruleset: Ruleset) -> None:
        """From now on; to whoever listens as a whole."""
        self.ruleset = ruleset
        self.say(b"event: put\ndata: " + encode(ruleset) + b"\n\n")

    def change(self, changes: Changes) -> None:
        self.ruleset = changes.applied(self.ruleset)
        self.say(b"event: patch\ndata: " + encode_changes(changes) + b"\n\n")

    def say(self, piece: bytes) -> None:
        for stream in self.streams:
            stream.put(piece)

    def hang_up(self) -> None:
        self.say(END)
        self.streams = []

    def close(self) -> None:
        self.hang_up()
        self._server.shutdown()
        self._server.server_close()

    def get(self, request: BaseHTTPRequestHandler) -> None:
        if self._refused(request):
            return
        if request.path.endswith("/stream"):
            self._stream(request)
            return
        body = self.document or encode(self.ruleset)
        tag, known = f'"{hash(body)}"', request.headers.get("If-None-Match", "")
        self.tags.append(known)
        self._answer(request, 304 if tag == known else 200, b"" if tag == known else body, ETag=tag)

    def post(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if not self._refused(request):
            lines = gzip.decompress(body).splitlines()
            self.bodies.append((request.headers["Idempotency-Key"], [json.loads(line) for line in lines]))
            self._answer(request, 202, b"")

    def _stream(self, request: BaseHTTPRequestHandler) -> None:
        heard: Queue[bytes] = Queue()
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.send_header("Connection", "close")
        request.end_headers()
        request.close_connection = True
        request.wfile.write(b"event: put\ndata: " + (self.document or encode(self.ruleset)) + b"\n\n")
        self.streams.append(heard)
        while piece := heard.get():
            request.wfile.write(piece)

    def _refused(self, request: BaseHTTPRequestHandler) -> bool:
        name = request.path.rsplit("/", 1)[1]
        self.asked.append(name)
        if request.headers["Authorization"] != f"Bearer {KEY}":
            self._answer(request, 401, b"{}")
            return True
        if name not in self.refusing:
            return False
        status, later = self.refusing[name]
        self._answer(request, status, b"{}", **({"Retry-After": later} if later else {}))
        return True

    def _answer(self, request: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


@contextmanager
def fake_server(ruleset: Ruleset) -> Iterator[FakeServer]:
    server = FakeServer(ruleset)
    try:
        yield server
    finally:
        server.close()
