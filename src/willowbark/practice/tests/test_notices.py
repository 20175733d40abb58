"""Whoever's sign-in changed is told: on their day sheet, and by mail where mail is set up."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.db import connection

from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import User
from willowbark.practice.models import Notice
from willowbark.practice.selectors import notices
from willowbark.practice.services.factors import (
    code_was_right,
    make_recovery_codes,
    recovery_codes_once,
    remove_factor,
    reset_factors,
)
from willowbark.practice.tasks import mail_notice as mail_job
from willowbark.practice.testing import add_app_for, signed_in, staff_of

KNOWN = "/account/notices/known"


@pytest.fixture
def desk(practice):
    """Who is told; the owner looks after the practice."""
    return practice.by_role["front_desk"]


@contextmanager
def mail_set_up(host="mail.practice.test"):
    before = settings.WILLOWBARK
    settings.WILLOWBARK = before.model_copy(update={"mail_host": host})
    try:
        yield
    finally:
        settings.WILLOWBARK = before


def told(actor, **only):
    with acting_as(actor) as acting:
        return [one.text for one in notices(acting, **only)]


def jobs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'practice.mail_notice'")
        return [json.loads(args) for (args,) in cursor.fetchall()]


def day_of(actor):
    return re.sub(r"\s+", " ", signed_in(actor).get("/").content.decode())


def test_every_change_of_ones_factors_is_told(practice, desk):
    add_app_for(desk, "Phone")
    with acting_as(desk) as actor:
        [code, *_] = recovery_codes_once(actor)
        assert code_was_right(desk.user_id, code) == "recovery code"
        make_recovery_codes(actor=actor)
        remove_factor(actor=actor, factor_id=Authenticator.objects.get(type="totp").pk)
    add_app_for(desk, "Tablet")
    with acting_as(practice.owner) as owner:
        reset_factors(actor=owner, staff_id=staff_of(desk))

    # An app is added as of an hour ago.
    assert told(desk) == [
        "Your second factors were reset by who looks after the practice.",
        "A second factor was removed: Phone.",
        "New recovery codes were made; those before open nothing any more.",
        "A recovery code was used to sign in: 9 are left.",
        "A second factor was added: authenticator app Tablet.",
        "A second factor was added: authenticator app Phone.",
    ]
    assert told(practice.owner) == []


def test_it_stands_on_the_day_sheet_until_one_knows_of_it(practice, desk):
    assert "Your sign-in was changed" not in day_of(desk)
    add_app_for(desk, "<b>Phone</b>")
    with acting_as(practice.owner) as owner:
        reset_factors(actor=owner, staff_id=staff_of(desk))
    page = day_of(desk)
    assert "A second factor was added: authenticator app &lt;b&gt;Phone&lt;/b&gt;." in page
    assert "Your sign-in was changed" not in day_of(practice.owner)

    assert signed_in(desk).post(KNOWN).status_code == 302
    assert "Your sign-in was changed" not in day_of(desk)
    assert len(told(desk)) == 2
    assert told(desk, only_new=True) == []


def test_nobody_says_for_another_that_they_know(practice, desk):
    add_app_for(desk)
    signed_in(practice.owner).post(KNOWN)
    with acting_as(practice.by_role["dispensary"]):
        assert not Notice.objects.exists()
        assert Notice.objects.update(seen_at=None) == 0
    assert len(told(desk, only_new=True)) == 1


def test_without_mail_no_mail_is_asked_for(practice, desk):
    add_app_for(desk)
    assert jobs() == []


def test_with_mail_it_is_mailed_once_and_says_nothing_of_anybody_else(practice, desk):
    with mail_set_up():
        add_app_for(desk, "Phone")
    [args] = jobs()
    mail_job(notice_id=args["notice_id"])
    mail_job(notice_id=args["notice_id"])

    [sent] = mail.outbox
    with acting_as(desk):
        assert sent.to == [User.objects.get(pk=desk.user_id).email]
    assert "A second factor was added: authenticator app Phone." in sent.body
    assert "change your password" in sent.body


def test_a_mail_server_that_is_away_is_tried_again(practice, desk, monkeypatch):
    with mail_set_up():
        add_app_for(desk)
    [args] = jobs()
    monkeypatch.setattr("willowbark.practice.services.notices.send_mail", away)
    with pytest.raises(ConnectionRefusedError):
        mail_job(notice_id=args["notice_id"])
    monkeypatch.undo()
    mail_job(notice_id=args["notice_id"])
    assert len(mail.outbox) == 1


def away(*_, **__):
    raise ConnectionRefusedError
