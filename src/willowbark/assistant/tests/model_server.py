"""A stand-in for a language model on one's own machine: OpenAI-compatible, on loopback, in a thread."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class ModelServer:
    """Answers each request with `status` and `answer`; `asked` are the bodies that came."""

    port: int = 0
    status: int = 200
    answer: str = ""
    error: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    held: threading.Event | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def body(self) -> bytes:
        if self.status != 200:
            return json.dumps({"error": self.error}).encode()
        message = {"role": "assistant", "content": self.answer}
        said = {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "small",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150},
        }
        return json.dumps(said).encode()


@contextmanager
def model_server(answer: Any = None, **said: Any) -> Iterator[ModelServer]:
    """The stand-in, answering with these plain values as JSON, or with this text as it is."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    model = ModelServer(answer=text, **said)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            model.asked.append(json.loads(self.rfile.read(length)))
            if model.held is not None:
                model.held.wait(30)
            body = model.body()
            self.send_response(model.status)
            for name, value in (model.headers | {"Content-Type": "application/json"}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    model.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        if model.held is not None:
            model.held.set()
        server.shutdown()
        server.server_close()
        thread.join()
