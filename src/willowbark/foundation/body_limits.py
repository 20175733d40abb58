"""
How much a request may bring, decided by its headers before anything of it is read.

Django reads a form to find its token before anybody asks who sent it, and writes its files to disk
meanwhile. So files are taken at the addresses named in `WILLOWBARK_UPLOAD_PATHS` alone, from people who
have signed in, and nothing else may be large.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.db import OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from willowbark.foundation import sessions
from willowbark.foundation.errors import Refused, database_away, refuse
from willowbark.foundation.web import ask_to_sign_in

NUL_REFUSED = "A NUL character cannot be kept."


class BodyLimits:
    """Middleware: refuses bodies by their announced length, files where none belong, and NUL in addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        try:
            length = _check_head(request)
        except Refused as refused:
            return refuse(request, refused)
        takes_files = request.method == "POST" and request.path in settings.WILLOWBARK_UPLOAD_PATHS
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if takes_files:
            limit = max(limit, settings.WILLOWBARK.upload_limit_bytes)
            try:
                if not sessions.of_somebody(request):
                    return ask_to_sign_in(request)
            except OperationalError:
                return database_away(request)
        else:
            request.upload_handlers = [NoFiles(request)]
        if length > limit:
            text = f"That is more than the {_megabytes(limit)} taken in one request. Nothing was changed."
            return refuse(request, Refused(413, "too_large", text))
        return self.get_response(request)


class NoFiles(FileUploadHandler):
    """Stops reading a form at its first file."""

    def new_file(self, *_: object, **__: object) -> NoReturn:
        """
        Refuse.

        Raises:
            Refused: always.
        """
        raise Refused(415, "no_files_here", "No files are taken at this address. Nothing was changed.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:
        """Never reached: `new_file` refuses before there is content."""
        raise AssertionError("a file that was refused has content")

    def file_complete(self, file_size: int) -> None:
        """Nothing was kept."""


def _check_head(request: HttpRequest) -> int:
    """
    The length of the body, 0 without one.

    Raises:
        Refused: no telling how long, or a NUL character in the address.
    """
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        raise Refused(400, "nul_character", NUL_REFUSED)
    # Of a body without a length nothing would be read, which looks like an empty form.
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        raise Refused(411, "length_required", "Say with Content-Length how much is sent.")
    said = request.META.get("CONTENT_LENGTH") or "0"
    if not (said.isascii() and said.isdigit() and len(said) <= 15):
        raise Refused(400, "bad_length", "Content-Length is a number of bytes.")
    return int(said)


def _megabytes(size: int) -> str:
    return f"{size // 1_048_576:,} MB" if size >= 1_048_576 else f"{size:,} bytes"
