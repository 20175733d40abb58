"""What protocols show on the chart and on the day sheet."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string

from willowbark.foundation.authorisation import Actor, allows
from willowbark.kernel.errors import NotFound
from willowbark.patients.selectors import opened_record
from willowbark.protocols.core.wording import moments_text
from willowbark.protocols.selectors.concerns import concerns_in
from willowbark.protocols.selectors.drafts import left_open
from willowbark.protocols.selectors.library import in_force
from willowbark.protocols.selectors.signed import READ, current_of


def current(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """The protocol in force, and the way to the composer."""
    if patient_id is None:
        raise NotFound("patient")
    record = opened_record(actor, patient_id, READ, action="protocols.read")
    protocol = current_of(record)
    context = {
        "protocol": protocol,
        "concerns": concerns_in(record, protocol.id) if protocol else (),
        "lines": [(each.product_name, moments_text(each.moments, each.unit_name)) for each in protocol.lines]
        if protocol
        else [],
        "patient_id": patient_id,
        "may_compose": allows(actor, "protocols.compose"),
    }
    return render_to_string("protocols/panels/current.html", context, request)


def drafts(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """The drafts that this person opened and has not signed."""
    found = left_open(actor)
    titles = {key: master.title for key, master in in_force().masters.items()} if found else {}
    rows = [(each, ", ".join(titles.get(key, key) for key in each.master_keys)) for each in found]
    return render_to_string("protocols/panels/drafts.html", {"drafts": rows}, request)
