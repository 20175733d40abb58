from __future__ import annotations

import socket
import subprocess
import sys
import time

from willowbark.foundation.processes.ports import free_port
from willowbark.foundation.processes.up import child_environment

SERVE = """
from willowbark.foundation.processes import web
if __name__ == "__main__":
    web.HEAD_PATIENCE_S = 1
    web.serve("wsgiref.simple_server:demo_app", host="localhost", port={port}, workers=1, threads=2)
"""


def connected(port: int, server: subprocess.Popen[bytes]) -> socket.socket:
    while server.poll() is None:
        try:
            return socket.create_connection(("localhost", port), timeout=60)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server ended")


def test_who_never_finishes_a_request_is_sent_away_and_others_are_served_meanwhile(tmp_path):
    port = free_port("localhost", 8790, search=True)
    script = tmp_path / "serve.py"
    script.write_text(SERVE.format(port=port))
    server = subprocess.Popen([sys.executable, script], env={**child_environment()})
    try:
        slow = [connected(port, server) for _ in range(5)]
        for each in slow:
            each.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        with connected(port, server) as other:
            other.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert other.recv(100).startswith(b"HTTP/1.1 200")
        for each in slow:
            with each:
                # Waits until the server has had enough; a timeout of the socket's own would be an error.
                assert not each.recv(100).startswith(b"HTTP/1.1 200")
    finally:
        server.terminate()
        server.wait(60)
