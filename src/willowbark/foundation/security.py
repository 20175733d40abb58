"""Headers that keep a page to itself."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "manifest-src 'self'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        (
            *(
                f"{name}=()"
                for name in ("camera", "microphone", "geolocation", "payment", "usb", "serial", "hid")
            ),
            *(f"publickey-credentials-{name}=(self)" for name in ("get", "create")),
        )
    ),
}
# Behind TLS: a browser that was here once comes over TLS alone, for a year.
STRICT_TRANSPORT = f"max-age={365 * 24 * 3600}"


class SecurityHeaders:
    """Middleware: the headers on every answer; pages of ours are never stored by a cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        # Raises DisallowedHost, which Django answers with 400: a page is served under its own names only.
        request.get_host()
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.WILLOWBARK.https:
            response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
