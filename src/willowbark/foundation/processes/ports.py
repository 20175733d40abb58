"""Where to listen."""

from __future__ import annotations

import errno
import http.client
import socket

LAST_PORT = 65_535
TRIES = 50


class PortTaken(Exception):
    """Something else listens where the pages should be served."""

    code = "port_taken"


def is_free(host: str, port: int) -> bool:
    """
    Whether nothing listens at the port, on any address that `host` stands for.

    A browser tries every address of `localhost`, so another server on one of them would answer for us.

    Raises:
        PortTaken: the port cannot be had for another reason, such as missing rights.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for family, kind, protocol, _, address in found:
        try:
            with socket.socket(family, kind, protocol) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT} and len(found) > 1:
                # A machine without IPv6 may still list its address.
                continue
            raise PortTaken(f"port {port} of {host} cannot be used: {error.strerror}") from error
    return True


def free_port(host: str, port: int, *, search: bool) -> int:
    """
    `port` when it is free; with `search`, else the next one that is.

    Raises:
        PortTaken: it is not free, or none of the next fifty is.
    """
    try:
        candidates = range(port, min(port + (TRIES if search else 1), LAST_PORT + 1))
        for candidate in candidates:
            if is_free(host, candidate):
                return candidate
    except socket.gaierror as error:
        raise PortTaken(f"{host!r} is no address of this machine") from error
    if search:
        raise PortTaken(f"ports {port} to {candidates[-1]} of {host} are all taken")
    raise PortTaken(f"something else listens on port {port} of {host}; name another with --port")


def listening_address(host: str) -> str:
    """The one IP address to listen on: 'localhost' is its IPv4 address, which every browser tries."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    ordered = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)
    return str(ordered[0][4][0])


def is_well(host: str, port: int, path: str) -> bool:
    """Whether a page there answers 200 within a second."""
    connection = http.client.HTTPConnection(listening_address(host), port, timeout=1)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{port}"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
