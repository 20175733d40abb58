"""
The patient compartment: rows that belong to one patient, and keys that cannot leave them.

In the database the primary key of such a row is `(patient_id, id)` and every key inside the
compartment carries the patient along, so that one patient's result cannot hang on another's visit.
Django knows `id` alone as the key; what follows makes it always ask for the patient too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, models
from django.db.models.expressions import Col
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor
from django.db.models.sql.where import AND, WhereNode

from willowbark.foundation.ids import uuid7

if TYPE_CHECKING:
    _ForeignKey = models.ForeignKey[models.Model | None, Any]
    _Descriptor = ForwardManyToOneDescriptor[Any]
else:
    _ForeignKey = models.ForeignKey
    _Descriptor = ForwardManyToOneDescriptor


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may read and write a table's rows: holding any one of the permissions, over that patient."""

    read: tuple[str, ...]
    write: tuple[str, ...]


class Identified(models.Model):
    """A row with a UUIDv7 made in Python."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class PatientModel(Identified):
    """
    A row of one patient's compartment. `patient` never changes; rows are never deleted.

    `changes` names the columns that the app may write again: None for all of them, () for rows that
    never change once they are written. The database holds it to that by its grants.

    `own_triggers` names the triggers that the business's own migrations add to those that every patient
    table has, each with the function that it calls.

    `not_in_history` names the columns that row history leaves out: what a later one holds sealed.
    """

    placement = "patient"
    patient_column = "patient_id"
    guard: Guard
    changes: tuple[str, ...] | None = None
    own_triggers: tuple[tuple[str, str], ...] = ()
    not_in_history: tuple[str, ...] = ()

    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        abstract = True

    def _do_update(  # type: ignore[override]  # the stubs know Django 6's, which takes one more
        self,
        base_qs: models.QuerySet[Any],
        using: str | None,
        pk_val: object,
        values: Sequence[tuple[models.Field[Any, Any], Any, Any]],
        *rest: Any,
        **named: Any,
    ) -> Any:
        """
        Update by the whole key; the patient itself is never written.

        Raises:
            DatabaseError: no such row of this patient. Django would insert one, so that a row whose
                patient was changed would stand in two records.
        """
        within = base_qs.filter(patient_id=self.patient_id)
        kept = [value for value in values if value[0].attname != "patient_id"]
        updated = super()._do_update(within, using, pk_val, kept, *rest, **named)
        if not updated and not self._state.adding:
            raise DatabaseError(f"the row of {self._meta.db_table} is not there, or not this patient's")
        return updated

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        """Read the row again by its whole key."""
        rows = from_queryset if from_queryset is not None else type(self)._base_manager.all()
        super().refresh_from_db(using, fields, rows.filter(patient_id=self.patient_id))


class _Forward(_Descriptor):
    """`observation.encounter` and its prefetch, asked with the patient."""

    def get_prefetch_querysets(self, instances: list[Any], querysets: list[Any] | None = None) -> Any:
        rows = querysets[0] if querysets else self.field.remote_field.model._base_manager.all()
        within = rows.filter(patient_id__in={instance.patient_id for instance in instances})
        found, key_of_theirs, key_of_ours, *rest = super().get_prefetch_querysets(instances, [within])
        # An id alone may be another patient's too: rows are matched by both.
        return (
            found,
            lambda row: (row.patient_id, *key_of_theirs(row)),
            lambda row: (row.patient_id, *key_of_ours(row)),
            *rest,
        )


class CompartmentFK(_ForeignKey):
    """
    A key to another row of the same patient.

    Django's own constraint would need `id` to be unique alone; the migration operation `PatientTable`
    adds the composite one instead.
    """

    forward_related_accessor_class = _Forward

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **options: Any) -> None:
        options |= {"db_constraint": False, "db_index": False}
        options.setdefault("related_name", "+")
        super().__init__(to, on_delete, **options)

    def get_extra_descriptor_filter(self, instance: models.Model) -> dict[str, Any]:
        """Add the patient to the look-up of the row pointed to."""
        return {"patient_id": instance.__dict__["patient_id"]}

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> Any:
        """Add the patient to every join."""
        if alias is None or related_alias is None:
            return None
        theirs: Any = self.remote_field.model._meta.get_field("patient")
        ours: Any = self.model._meta.get_field("patient")
        key = theirs.target_field
        exact: Any = key.get_lookup("exact")
        return WhereNode([exact(Col(alias, theirs, key), Col(related_alias, ours, key))], AND)
