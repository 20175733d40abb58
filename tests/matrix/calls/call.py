"""One address with one method and valid arguments, and the roles that may come."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import reverse

from willowbark.practice.testing import quick_passwords

from ..world import World


@dataclass(frozen=True, slots=True)
class Call:
    """
    One address with one method and valid arguments.

    `allowed` are the roles that may come; `of_patient` says that the address is of one patient, whose
    id `path` is given. `body` makes the form's fields, or with `as_json` the call's body.
    """

    name: str
    method: str
    allowed: frozenset[str]
    path: Callable[[World, UUID], str]
    body: Callable[[World, UUID], dict[str, Any]] = field(default=lambda world, patient: {})
    of_patient: bool = False
    as_json: bool = False
    public: bool = False
    # What whoever may come is told when these arguments, though well formed, cannot be acted on.
    cannot: int = 0
    # These arguments are for fewer roles than the address is.
    is_for_fewer: bool = False

    @property
    def is_api(self) -> bool:
        return self.name.startswith("api-")

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    def prepared(self, world: World, patient: UUID) -> Prepared:
        """The call about this patient; whatever it needs to be there is put there now."""
        return Prepared(self, self.path(world, patient), self.body(world, patient))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call with its address and its content."""

    call: Call
    path: str
    body: dict[str, Any]

    def by(self, client: Client) -> Any:
        with quick_passwords():
            if self.call.method == "GET":
                return client.get(self.path, self.body)
            if self.call.as_json:
                return client.post(self.path, json.dumps(self.body), content_type="application/json")
            return client.post(self.path, self.body)


def page(name: str, allowed: frozenset[str] | set[str], **options: Any) -> Call:
    """A page of no patient."""
    return Call(name, "GET", frozenset(allowed), lambda world, _: reverse(name), **options)


def chart(name: str, allowed: frozenset[str] | set[str], *more: str, **options: Any) -> Call:
    """A page of a patient's chart."""
    return Call(
        f"record:{name}",
        "GET",
        frozenset(allowed),
        lambda world, patient: reverse(f"record:{name}", args=[patient, *more]),
        of_patient=True,
        **options,
    )
