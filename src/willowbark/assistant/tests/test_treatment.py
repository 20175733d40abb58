"""The protocol in force and what was handed out, from signature to the next brief."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from willowbark.assistant.core.lines import Section
from willowbark.assistant.pages.links import url_of
from willowbark.assistant.selectors.brief import brief_for
from willowbark.catalog.testing import make_products, new_product
from willowbark.dispensary.services.dispensing import dispense
from willowbark.dispensary.tests.signed import sign
from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.inventory.testing import put_on_shelf
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import signed_in
from willowbark.record.testing import import_entries

from .known import ZONE


@pytest.fixture
def patient(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    seen = clock.now() - timedelta(days=30)
    import_entries(practice, patient, "encounter", [{"effective_at": seen}])
    return patient


@pytest.fixture
def products(practice):
    made = make_products(
        practice.owner, new_product("zinc", name="Zinc 15"), new_product("iron", name="Iron 20")
    )
    for product in made:
        put_on_shelf(practice.owner, practice.north, product.id, 5)
    return made


def sections(actor, patient):
    with acting_as(actor):
        brief = brief_for(actor, patient, ZONE).brief
    return {part.section: part.lines for part in brief.parts}


def said(lines) -> list[str]:
    return [f"{line.lead} | {line.detail}" for line in lines]


def test_a_signed_protocol_is_news_and_the_programme_and_lacks_what_nobody_handed_out(
    practice, patient, products
):
    protocol, _ = sign(practice.practitioner, patient, practice.north, [(each, 1) for each in products])
    found = sections(practice.coach, patient)

    assert said(found[Section.CHANGED]) == ["Protocol 1 signed | by Pia Practitioner, for 90 days"]
    programme = said(found[Section.PROGRAMME])
    assert programme[0] == "Protocol 1 | begins in 1 day, signed by Pia Practitioner"
    assert any("Zinc 15" in line and "Iron 20" in line for line in programme[1:])
    assert said(found[Section.UNKNOWN])[1:] == [
        "Zinc 15 | signed, not dispensed",
        "Iron 20 | signed, not dispensed",
    ]
    (signed,) = found[Section.CHANGED]
    assert (signed.source.kind, signed.source.id) == ("protocol", protocol)


def test_what_was_handed_out_is_news_and_no_longer_lacking(practice, patient, products):
    protocol, (zinc, _) = sign(
        practice.practitioner, patient, practice.north, [(each, 1) for each in products]
    )
    with acting_as(practice.dispensary):
        handed = dispense(
            actor=practice.dispensary,
            patient_id=patient,
            protocol_id=protocol,
            site_id=practice.north,
            lines={zinc: 1},
            request_key=uuid7(),
        )
    found = sections(practice.practitioner, patient)

    assert said(found[Section.CHANGED])[-1] == "Dispensed | Zinc 15"
    assert said(found[Section.UNKNOWN])[1:] == ["Iron 20 | signed, not dispensed"]
    where = url_of(found[Section.CHANGED][-1].source, practice.practitioner, patient)
    assert where == reverse("dispensary:handed_out", args=[patient, handed])
    lacking = found[Section.UNKNOWN][-1].source
    assert url_of(lacking, practice.practitioner, patient) == reverse(
        "dispensary:dispense", args=[patient, protocol]
    )


def test_who_does_not_dispense_is_led_to_the_protocol_instead(practice, patient, products):
    protocol, _ = sign(practice.practitioner, patient, practice.north, [(products[0], 1)])
    (*_, lacking) = sections(practice.coach, patient)[Section.UNKNOWN]

    assert (lacking.source.kind, lacking.source.id) == ("protocol", protocol)


def test_every_line_about_a_protocol_opens_for_who_reads_it(practice, patient, products):
    protocol, (zinc, _) = sign(
        practice.practitioner, patient, practice.north, [(each, 1) for each in products]
    )
    with acting_as(practice.dispensary):
        dispense(
            actor=practice.dispensary,
            patient_id=patient,
            protocol_id=protocol,
            site_id=practice.north,
            lines={zinc: 1},
            request_key=uuid7(),
        )
    for actor in (practice.practitioner, practice.coach):
        client = signed_in(actor)
        page = client.get(reverse("assistant:brief", args=[patient])).content.decode()
        urls = re.findall(r'class="brief__lead" href="([^"]+)"', page)
        assert reverse("protocols:protocol", args=[patient, protocol]) in urls
        for url in urls:
            if "/protocols/" not in url:
                assert client.get(html.unescape(url)).status_code == 200, url
