"""What a check says, as the JSON of the command and of the API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from willowbark.knowledge.core.checker import Checked
from willowbark.knowledge.core.release import Release


def document_of(release: Release, checked: Checked) -> dict[str, Any]:
    """The findings, what each entry was read as, and what was not checked."""
    person = checked.person
    return {
        "release": release.id,
        "findings": [
            {
                **{name: value for name, value in asdict(one).items() if name != "reviewed_on"},
                "reviewed_on": one.reviewed_on.isoformat(),
            }
            for one in checked.findings
        ],
        "recognised": {
            "drugs": [
                {
                    "text": one.text,
                    "drugs": list(one.drug_keys),
                    "classes": list(one.class_keys),
                    "via": one.via,
                    "read_as": one.matched_text,
                }
                for one in person.drugs
            ],
            "supplements": [
                {
                    "text": one.text,
                    "read_as": one.read_as,
                    "ingredients": [
                        {
                            "ingredient": each.ingredient_key,
                            "form": each.form_key,
                            "amount_a_day": None if each.amount_a_day is None else str(each.amount_a_day),
                            "unit": each.unit,
                            "note": each.note,
                        }
                        for each in one.contents
                    ],
                }
                for one in person.supplements
            ],
            "conditions": [{"text": one.text, "keys": sorted(one.keys)} for one in person.conditions],
            "allergies": [{"text": one.text, "keys": sorted(one.keys)} for one in person.allergies],
            "lab_tests": [{"text": one.text, "keys": sorted(one.keys)} for one in person.lab_tests],
        },
        "not_checked": [
            {"kind": one.kind, "text": one.text, "reason": one.reason} for one in person.unrecognised
        ],
    }
