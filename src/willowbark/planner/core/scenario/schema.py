"""The scenario format as JSON Schema, drawn from the fields: `data/scenario.schema.json`."""

from __future__ import annotations

from typing import Any

from willowbark.planner.core.scenario.fields import Field, Fields
from willowbark.planner.core.scenario.reading import LONGEST_NAME, MOST_RECORDS


def schema_of(known: Fields) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a scenario file; what a figure means stands in its description."""
    sections: dict[str, dict[str, Any]] = {}
    for path, field in known.by_path.items():
        section, _, name = path.partition(".")
        sections.setdefault(section, {})[name] = _of(field)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of the planner",
        "description": "Every figure may be left out; data/defaults.yaml says what stands then, and why.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
            **{section: _object(members) for section, members in sections.items()},
        },
    }


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": members}


def _of(field: Field) -> dict[str, Any]:
    shape = _shape(field)
    if field.value is None:
        shape = {"anyOf": [shape, {"type": "null"}]}
    unit = f" ({field.unit})" if field.unit else ""
    described = {"description": f"{field.what}{unit}", **shape}
    return described if field.value is None else {**described, "default": field.value}


def _shape(field: Field) -> dict[str, Any]:
    if field.kind == "flag":
        return {"type": "boolean"}
    if field.kind == "choice":
        return {"enum": list(field.choices)}
    if field.kind == "records":
        members = {one.path: _of(one) for one in field.of_record}
        return {"type": "array", "maxItems": MOST_RECORDS, "items": _object(members)}
    number = {"type": "number", "minimum": field.least, "maximum": field.most}
    if field.kind == "whole":
        return {**number, "type": "integer"}
    return {"anyOf": [number, {"type": "array", "items": number, "minItems": 2, "maxItems": 2}]}
