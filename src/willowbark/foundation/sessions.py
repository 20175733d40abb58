"""Sessions that end by themselves: so many hours after signing in, and sooner when nobody uses them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from willowbark.foundation import clock

# The key under which a session says whose it is, and the one that says since when.
USER = "willowbark_user"
BEGAN = "willowbark_began"

# A page that asks by itself, because something changed, says so: nobody need be sitting there.
BACKGROUND_HEADER = "X-Willow-Background"
BACKGROUND_PATHS = frozenset({"/live", "/effort"})

WRITE_EVERY = timedelta(minutes=1)
# How long a session lasts that is nobody's yet: somebody stands at the door.
AT_THE_DOOR = timedelta(minutes=10)


class SessionStore(DatabaseSessions):
    """
    Django's sessions in the database, with their end kept in `expire_date` alone.

    The end moves by one statement that touches nothing else: two requests at once never overwrite
    each other's session for it, and what has ended is not brought back.
    """

    expires_at: datetime | None = None

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing, under a new key, when it has ended."""
        now = clock.now()
        row = Session.objects.filter(session_key=self.session_key, expire_date__gt=now).first()
        if row is None:
            self._session_key = None
            return {}
        self.expires_at = row.expire_date
        return dict(self.decode(row.session_data))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row to write."""
        row = super().create_model_instance(data)
        row.expire_date = self.expires_at = _end_of(data)
        return row

    def used(self) -> None:
        """
        Put the end off, for somebody is at work; written once a minute at most.

        Raises:
            UpdateError: the session ended a moment ago.
        """
        end = _end_of(dict(self.items()))
        if self.expires_at is not None and abs(end - self.expires_at) < WRITE_EVERY:
            return
        if not Session.objects.filter(session_key=self.session_key).update(expire_date=end):
            raise UpdateError("the session has ended")
        self.expires_at = end


def of_somebody(request: HttpRequest) -> bool:
    """Whether the request carries the session of somebody who signed in. One statement."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return bool(key) and USER in SessionStore(key)


def keep_alive(request: HttpRequest) -> bool:
    """Put off the end of a session that somebody uses; False when it has ended meanwhile."""
    by_itself = request.path in BACKGROUND_PATHS or BACKGROUND_HEADER in request.headers
    if by_itself or not isinstance(request.session, SessionStore):
        return True
    try:
        request.session.used()
    except UpdateError:
        return False
    return True


def _end_of(data: dict[str, Any]) -> datetime:
    now = clock.now()
    if USER not in data:
        return now + AT_THE_DOOR
    idle = now + timedelta(minutes=settings.WILLOWBARK.session_idle_minutes)
    began = data.get(BEGAN)
    if began is None:
        return idle
    return min(
        idle, datetime.fromtimestamp(began, now.tzinfo) + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    )
