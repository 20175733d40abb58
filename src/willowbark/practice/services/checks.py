"""What every text of the practice must be, said so that a person can mend it."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from willowbark.foundation.authorisation import ActorKind
from willowbark.kernel.errors import Invalid, NotFound
from willowbark.practice.models import Site, Staff


def check_text(**texts: str) -> None:
    """
    Let texts of 1 to 100 characters pass.

    Raises:
        Invalid: naming the field that is empty, too long or holds a NUL character.
    """
    for field, text in texts.items():
        if not text.strip():
            raise Invalid(f"The {field.replace('_', ' ')} is empty.", field=field)
    check_length(100, **texts)


def check_length(longest: int, **texts: str) -> None:
    """
    Let texts of at most `longest` characters pass.

    Raises:
        Invalid: naming the field that is too long or holds a NUL character.
    """
    for field, text in texts.items():
        name = field.replace("_", " ")
        if "\0" in text or len(text) > longest:
            raise Invalid(f"The {name} is longer than {longest} characters or holds a NUL.", field=field)


def check_email(email: str) -> None:
    """
    Let an e-mail address pass.

    Raises:
        Invalid: it is none, or too long.
    """
    check_length(254, email=email)
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise Invalid(f"{email!r} is not an e-mail address.", field="email") from error


def check_time_zone(name: str) -> None:
    """
    Let the name of a time zone pass.

    Raises:
        Invalid: the time zone database has none of this name.
    """
    check_length(60, time_zone=name)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(f"{name!r} is not a time zone such as Europe/Vienna.", field="time_zone") from error


def site_of_staff(staff_id: UUID, site_id: UUID | None) -> Site | None:
    """
    The site, None for none named, once it is sure that both are there. The system itself is no staff.

    Raises:
        NotFound: no such person or site.
    """
    if not Staff.objects.filter(pk=staff_id).exclude(user__kind=ActorKind.SYSTEM).exists():
        raise NotFound("staff")
    site = Site.objects.filter(pk=site_id).first() if site_id else None
    if site_id and site is None:
        raise NotFound("site")
    return site
