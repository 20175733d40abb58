"""Where each table lives: with a patient, with a site, everywhere (reference), or in one place (local)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from django.apps import AppConfig, apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.checks import CheckMessage, Error
from django.db import models

from willowbark.foundation.compartment import CompartmentFK, PatientModel

Placement = Literal["patient", "site", "reference", "local"]
PLACEMENTS: tuple[Placement, ...] = ("patient", "site", "reference", "local")

# Tables of libraries, which cannot say it themselves.
THIRD_PARTY: dict[str, Placement] = {
    "account": "local",
    "mfa": "local",
    "auth": "reference",
    "contenttypes": "reference",
    "sessions": "local",
    "procrastinate": "local",
}

_MAY_POINT_AT: dict[Placement, tuple[Placement, ...]] = {
    "patient": ("patient", "reference"),
    "site": ("site", "reference"),
    "reference": ("reference",),
    "local": ("local", "reference"),
}


def placement_of(model: type[models.Model]) -> Placement | None:
    """Where the model's table lives; None when nobody has said."""
    if model._meta.auto_created:
        ends = {placement_of(end) for end in _ends(model)}
        return "reference" if ends == {"reference"} else None
    return getattr(model, "placement", None) or THIRD_PARTY.get(model._meta.app_label)


def _ends(through: type[models.Model]) -> Iterator[type[models.Model]]:
    return (field.related_model for field in through._meta.fields if isinstance(field, models.ForeignKey))


def patient_models() -> list[type[PatientModel]]:
    """Every table of the patient compartment except the patient itself, in a stable order."""
    found = [model for model in apps.get_models() if issubclass(model, PatientModel)]
    return sorted(found, key=lambda model: model._meta.label)


def check_placement(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Django system check: every table says where it lives, and its keys obey that."""
    chosen = {config.label for config in app_configs} if app_configs else None
    return [
        Error(message, obj=model, id="willowbark.placement")
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and (chosen is None or model._meta.app_label in chosen)
        for message in problems_of(model)
    ]


def problems_of(model: type[models.Model]) -> Iterator[str]:
    """What breaks the placement rules in one model, in words."""
    placement = placement_of(model)
    if placement not in PLACEMENTS:
        known = ", ".join(PLACEMENTS)
        yield f"declare `placement`: one of {known} (many-to-many joins reference tables only)"
        return
    if model._meta.app_label in THIRD_PARTY:
        return
    if (
        not isinstance(model._meta.pk, models.UUIDField | models.OneToOneField)
        and not model._meta.auto_created
    ):
        yield "the key is not a UUID"
    yield from _key_problems(model, placement)
    if placement == "patient":
        yield from _compartment_problems(model)
    if placement == "site":
        yield from _distribution_problems(model, "site")


def _key_problems(model: type[models.Model], placement: Placement) -> Iterator[str]:
    for field in model._meta.fields:
        if not isinstance(field, models.ForeignKey):
            continue
        target = placement_of(field.related_model)
        if target not in _MAY_POINT_AT[placement]:
            yield f"{field.name}: a {placement} table keeps a UUID, not a key, to a {target} table"
        inside = placement == target == "patient"
        if inside and field.name != "patient" and not isinstance(field, CompartmentFK):
            yield f"{field.name}: a key inside the patient compartment is a CompartmentFK"


def _compartment_problems(model: type[models.Model]) -> Iterator[str]:
    if model._meta.label == "patients.Patient" or getattr(model, "written_by_trigger", False):
        return
    if not issubclass(model, PatientModel):
        yield "a patient table inherits PatientModel"
        return
    if not hasattr(model, "guard"):
        yield "declare `guard`: who may read and write these rows"
    yield from _distribution_problems(model, "patient")


def _distribution_problems(model: type[models.Model], column: str) -> Iterator[str]:
    field = next((each for each in model._meta.fields if each.name == column), None)
    if field is None:
        yield f"declare `{column}`: a {column} table has it in every key"
        return
    if field.null:
        yield f"{column} may be null"
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and column not in constraint.fields:
            yield f"{constraint.name} lacks {column}"
        if isinstance(constraint, ExclusionConstraint) and not _excludes_within(constraint, column):
            yield f"{constraint.name} excludes without {column} WITH ="
    for together in model._meta.unique_together:
        if column not in together:
            yield f"{tuple(together)} unique together lacks {column}"
    yield from (
        f"{each.name}: unique alone, without {column}"
        for each in model._meta.fields
        if each.unique and not each.primary_key
    )


def _excludes_within(constraint: ExclusionConstraint, column: str) -> bool:
    return any(what == column and operator == "=" for what, operator in constraint.expressions)
