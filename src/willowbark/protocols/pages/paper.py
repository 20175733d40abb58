"""A signed protocol on paper, for the patient."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.utils import timezone

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.paper import pdf_of
from willowbark.foundation.presentation.dates import day_text, known_date_text, local_moment, time_text
from willowbark.foundation.qr import qr_of
from willowbark.kernel.errors import Conflict
from willowbark.patients.selectors import open_record
from willowbark.practice.selectors import organisation
from willowbark.protocols.core.content import digest_of
from willowbark.protocols.core.proof import proof_of
from willowbark.protocols.pages.signed import schedule_of
from willowbark.protocols.selectors.signed import READ, SignedProtocolView, content_of, protocol


class NotIntact(Conflict):
    """What is kept of a signed protocol is not what was signed."""

    code = "protocol_not_intact"


def paper_of(actor: Actor, patient_id: UUID, protocol_id: UUID, *, large: bool) -> tuple[str, bytes]:
    """
    A PDF of a signed protocol, with the name of its file. What it says is read from the signed bytes.

    The same protocol in the same state is the same bytes. `large` is large print: 18 points, not 10.5.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such protocol of a patient within reach.
        NotIntact: the signed bytes do not match their digest.
    """
    patient = open_record(
        actor, patient_id, READ, action="protocols.paper_read", subject=str(protocol_id)
    ).patient
    found = protocol(actor, patient_id, protocol_id)
    signed = json.loads(_intact(actor, found))
    zone = timezone.get_current_timezone()
    practice = organisation()
    born = patient.birth_date
    proof = proof_of(found.content_sha256, found.number, found.signed_at)
    code = qr_of(proof)
    content = {
        "large": large,
        "practice": practice.name if practice else "",
        "patient": f"{patient.given} {patient.family}".strip(),
        "born": known_date_text(born, patient.birth_date_precision, zone) if born else "",
        "number": str(found.number),
        "signed": f"Signed by {signed['signed_by']['name']} on {_moment_text(found.signed_at)}.",
        "period": f"{found.days} days, from {day_text(found.starts_on)}"
        f" to {day_text(found.starts_on + timedelta(days=found.days - 1))}.",
        "ended": "" if found.ended_at is None else f"{found.end_reason} {_moment_text(found.ended_at)}",
        "day": [
            [moment.name, [[dose.text, dose.name] for dose in moment.doses]]
            for moment in schedule_of(
                (
                    each["name"],
                    each["unit_name"],
                    [(dose["moment"], dose["units"]) for dose in each["moments"]],
                )
                for each in signed["lines"]
            )
        ],
        "why": [[each["name"], each["brand"], list(_why(each))] for each in signed["lines"]],
        "cautions": signed["cautions"],
        "stop": [[each["text"], each["why"]] for each in signed["stop"]],
        "advice": [each["text"] for each in signed["advice"]],
        "watch": [[f"After {each['after_days']} days:", each["text"]] for each in signed["watch"]],
        "sha256": found.content_sha256,
        "proof": proof,
        "qr": {"path": code.path, "size": code.size},
    }
    source = files("willowbark.protocols").joinpath("data/paper.typ").read_bytes()
    name = f"protocol-{found.number}{'-large-print' if large else ''}.pdf"
    return name, pdf_of(source, content, made_at=found.signed_at)


def signed_bytes_of(actor: Actor, patient_id: UUID, protocol_id: UUID) -> tuple[str, bytes]:
    """
    The bytes that were signed, with the name of their file.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such protocol of a patient within reach.
    """
    found = protocol(actor, patient_id, protocol_id)
    return f"protocol-{found.number}.json", content_of(actor, found.patient_id, found.id)


def _intact(actor: Actor, found: SignedProtocolView) -> bytes:
    signed = content_of(actor, found.patient_id, found.id)
    if digest_of(signed) != found.content_sha256:
        raise NotIntact("The content does not match its hash. Tell whoever runs the practice's server.")
    return signed


def _why(line: Mapping[str, Any]) -> Iterator[str]:
    """What a product gives a day and for which protocols, each ingredient once."""
    wanted: dict[str, list[str]] = {}
    for each in line["serves"]:
        wanted.setdefault(f"{each['ingredient']} {each['amount']} a day", []).append(each["protocol"])
    for given, protocols in wanted.items():
        yield f"{given}, for {' and '.join(dict.fromkeys(protocols))}."
    if not wanted:
        yield "Chosen for you by whoever signed."


def _moment_text(at: datetime) -> str:
    zone = timezone.get_current_timezone()
    return f"{day_text(local_moment(at, zone).date())}, {time_text(at, zone)}"
