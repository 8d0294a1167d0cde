"""A local site of feed files with ETags, in a process of its own, which sees how often one host is asked at once."""

import hashlib
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path


class _Site(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.bodies = {path.name: path.read_bytes() for path in folder.iterdir()}
        self.tags = {name: f'"{hashlib.sha256(body).hexdigest()[:16]}"' for name, body in self.bodies.items()}
        self.lock = threading.Lock()
        self.now: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()


class _Answer(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"
    server: _Site

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0]
        name = self.path.rpartition("/")[2].partition("?")[0]
        if name == "seen":
            self._say(200, json.dumps(self._seen()).encode(), "")
            return
        with self.server.lock:
            self.server.now[host] += 1
            self.server.seen["asked"] += 1
            self.server.seen["most at once"] = max(self.server.seen["most at once"], self.server.now[host])
        tag = self.server.tags.get(name, "")
        is_known = self.headers.get("If-None-Match") == tag
        status = 404 if not tag else 304 if is_known else 200
        body = self.server.bodies[name] if status == 200 else b""
        with self.server.lock:  # before the answer leaves: who has read it may ask again at once
            self.server.now[host] -= 1
        self._say(status, body, tag)

    def _seen(self) -> dict[str, int]:
        with self.server.lock:
            return dict(self.server.seen)

    def _say(self, status: int, body: bytes, tag: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if tag:
            self.send_header("ETag", tag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: it would be the benchmark's work."""


def serve(folder: Path, told: Connection) -> None:
    """Serves the files of a folder on a free port, which it tells."""
    site = _Site(folder)
    told.send(site.server_address[1])
    site.serve_forever()
