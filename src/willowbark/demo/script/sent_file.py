"""A file from where somebody came from: a person and three results, one of them of an impossible date."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from willowbark.patients.core.details import PatientDetails

from .catalogue.measures import MEASURES
from .events import HandInFile, Occasion
from .histories import PatientHistory
from .ids import IdMaker
from .practice import OWNER, local

SOURCE = "Northfield Health"
NAME = "northfield-results.json"
DAYS_AGO = 9
# How many days before it was handed in the results are of.
RESULTS_DAYS = 75
RESULTS = (("tsh", "2.31"), ("ferritin", "58"), ("vitamin_d", "41"))
PATIENT = "nf-4471"
BORN = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


def sent_file(seed: str, today: date, histories: Sequence[PatientHistory]) -> Iterator[Occasion]:
    """The owner hands it in, when somebody came over from another practice before."""
    at = local(today - timedelta(days=DAYS_AGO), time(11, 20))
    about = next((one for one in histories if _came_over(one, at)), None)
    if about is None:
        return
    maker = IdMaker(f"{seed}/sent")
    handed_in = HandInFile(
        id=maker.next(at),
        at=at,
        site=about.site,
        source=SOURCE,
        name=NAME,
        content=_bundle(about.details, at - timedelta(days=RESULTS_DAYS)),
        brings=(("patient", 1), ("observation", len(RESULTS) - 1)),
    )
    yield Occasion(id=maker.next(at), at=at, by=OWNER, patient_id=None, events=(handed_in,))


def _came_over(history: PatientHistory, at: datetime) -> bool:
    details = history.details
    is_sent = details.source_kind == "import" and not history.again_of
    is_named = details.given and details.birth_date
    return bool(is_sent and is_named) and not details.deceased_at and history.occasions[0].at < at


def _bundle(details: PatientDetails, at: datetime) -> str:
    taken = [f"{at:%Y-%m-%d}"] * (len(RESULTS) - 1) + [f"{at:%Y}-02-30"]
    resources = [
        _patient(details),
        *(_result(key, value, day) for (key, value), day in zip(RESULTS, taken, strict=True)),
    ]
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=2)


def _patient(details: PatientDetails) -> dict[str, Any]:
    born_on = format(details.birth_date, BORN[details.birth_date_precision])
    return {
        "resourceType": "Patient",
        "id": PATIENT,
        "name": [{"family": details.family, "given": details.given.split()}],
        "gender": details.sex,
        "birthDate": born_on,
        "telecom": [{"system": one.system, "value": one.value} for one in details.contacts],
    }


def _result(key: str, value: str, day: str) -> dict[str, Any]:
    measure = MEASURES[key]
    return {
        "resourceType": "Observation",
        "id": f"{PATIENT}-{key.replace('_', '-')}",
        "status": "final",
        "code": {
            "coding": [{"system": "http://loinc.org", "code": measure.code, "display": measure.text}],
            "text": measure.text,
        },
        "subject": {"reference": f"Patient/{PATIENT}"},
        "effectiveDateTime": day,
        "valueQuantity": {
            "value": float(value),
            "unit": measure.unit_text,
            "system": "http://unitsofmeasure.org",
            "code": measure.unit,
        },
    }
