"""Tell somebody what changed in their sign-in: on their day sheet, and by mail where that is set up."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.models import User
from willowbark.foundation.presentation.dates import day_text
from willowbark.practice.core import notices
from willowbark.practice.models import Notice, Staff
from willowbark.practice.selectors import organisation

MAIL = "practice.mail_notice"


def tell(user_id: UUID, what: str, detail: str = "") -> None:
    """Leave somebody a notice, in the caller's transaction; the worker mails it where mail is set up."""
    notice = Notice.objects.create(user_id=user_id, what=what, detail=detail[:200], at=clock.now())
    if settings.WILLOWBARK.mail_host:
        app.configure_task(MAIL).defer(notice_id=str(notice.pk))


@transaction.atomic
def know_of_notices(*, actor: Actor) -> None:
    """Say that one knows of all that one was told."""
    Notice.objects.filter(user_id=actor.user_id, seen_at=None).update(seen_at=clock.now())


def mail_notice(actor: Actor, notice_id: UUID) -> None:
    """
    Mail a notice to its person, once; nothing is locked while the mail server is talked to.

    Raises:
        OSError, smtplib.SMTPException: the mail server was not there or refused; to be tried again.
    """
    with acting_as(actor):
        notice = Notice.objects.filter(pk=notice_id, mailed_at=None).first()
        if notice is None:
            return
        user, practice = User.objects.get(pk=notice.user_id), organisation()
        staff = Staff.objects.filter(user_id=notice.user_id).first()
    at = timezone.localtime(notice.at)
    subject, words = notices.mail(
        practice=practice.name if practice else "Willowbark",
        what=notice.what,
        detail=notice.detail,
        when=f"{day_text(at.date())} at {at:%H:%M}",
        name=staff.name if staff else user.email,
    )
    send_mail(" ".join(subject.split()), words, settings.DEFAULT_FROM_EMAIL, [user.email])
    with acting_as(actor):
        Notice.objects.filter(pk=notice_id).update(mailed_at=clock.now())
