"""One server on a data folder; a port that is taken is said."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import closing

import pytest

from willowbark.foundation.processes import AlreadyServed, PortTaken, free_port, serving


def test_a_second_server_on_a_data_folder_is_told_who_holds_it(tmp_path):
    with serving(tmp_path, command="willow up") as served:
        served("http://localhost:8123")
        with pytest.raises(AlreadyServed, match=r"'willow up' \(process \d+, .*at http://localhost:8123"):
            serving(tmp_path, command="willow demo").__enter__()
    with serving(tmp_path, command="willow demo"):
        pass


def test_a_hold_ends_with_a_killed_process(tmp_path):
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from willowbark.foundation.processes import serving\n"
        "with serving(Path(sys.argv[1]), command='willow up'):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(600)\n"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, env=environment
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyServed, match="is starting"):
            serving(tmp_path, command="willow up").__enter__()
        holder.kill()
    with serving(tmp_path, command="willow up"):
        pass


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_port_somebody_has_is_refused_or_passed_over(family):
    if family == socket.AF_INET6 and not _has_ipv6_localhost():
        pytest.skip("localhost has no IPv6 address here")
    with closing(socket.socket(family)) as other:
        # Even one that would share the port with us: a browser could reach either.
        if hasattr(socket, "SO_REUSEPORT"):
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            free_port("localhost", port, search=False)
        assert free_port("localhost", port, search=True) > port
    assert free_port("localhost", port, search=False) == port


def _has_ipv6_localhost() -> bool:
    try:
        found = socket.getaddrinfo("localhost", None, family=socket.AF_INET6)
    except socket.gaierror:
        return False
    return bool(found)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(PortTaken):
        free_port("192.0.2.1", 8000, search=True)
