"""
Read a document: bytes to plain values, plain values held against a schema, and into dataclasses.

Nothing is guessed: numbers are whole, names are not repeated, and whatever the bytes are, what comes back is a
value or a `BadDocument` that says what is wrong and where, as a JSON path such as `$.products[3].rank`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import UnionType
from typing import TYPE_CHECKING, Any, Never, TypeVar, get_args, get_origin, get_type_hints

from willowbark.kernel.errors import Invalid

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

T = TypeVar("T")
LARGEST_BYTES = 16 * 1024 * 1024
# No number of a document has more digits; longer ones would be slow to read.
_MOST_DIGITS = 20
_SHOWN = 60


class BadDocument(Invalid):
    """What was given is not a document of this kind. `field` is the JSON path of what is wrong."""

    code = "bad_document"

    def __init__(self, message: str, *, field: str = "$") -> None:
        super().__init__(f"{field}: {message}", field=field)


def values_of(data: bytes) -> Any:
    """
    Return the plain values that the JSON says: texts, whole numbers, booleans, null, lists and dicts.

    Raises:
        BadDocument: it is too large, not UTF-8, not JSON, too deep, has a name twice in one object, or a
            number that is not whole.
    """
    if len(data) > LARGEST_BYTES:
        raise BadDocument(f"larger than {LARGEST_BYTES // 1024 // 1024} MB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadDocument(f"byte {error.start} is not UTF-8") from error
    try:
        values = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_not_whole,
            parse_constant=_not_whole,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadDocument(f"not JSON: {error.msg} ({where})") from error
    except RecursionError as error:
        raise BadDocument("lists or objects within each other are too deep") from error
    return values


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise BadDocument(f"the name {_shown(twice)} comes twice in one object")
    return values


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise BadDocument(f"a number of {len(text)} digits, {_shown(text)}, is too large")
    return int(text)


def _not_whole(text: str) -> Never:
    raise BadDocument(f"{_shown(text)} is not a whole number")


def _shown(value: Any) -> str:
    """Return a value as JSON on one line, shortened, safe for any terminal."""
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


@cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator of `protocols/data/NAME.schema.json`."""
    from jsonschema import Draft202012Validator

    file = resources.files("willowbark.protocols") / "data" / f"{name}.schema.json"
    return Draft202012Validator(json.loads(file.read_bytes()))


def hold_against(name: str, values: Any) -> None:
    """
    Check plain values by the schema of that name.

    Raises:
        BadDocument: naming the first thing that the schema does not allow.
    """
    error = next(validator(name).iter_errors(values), None)
    if error is not None:
        raise BadDocument(_in_words(error), field=_short(error.json_path))


def _short(path: str) -> str:
    return path if len(path) <= 200 else f"{path[:200]}..."


_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
_WORDS: Mapping[str, Callable[[ValidationError], str]] = {
    "type": lambda e: f"{_shown(e.instance)} is not {_types(e.validator_value)}",
    "const": lambda e: f"{_shown(e.instance)} is not {_shown(e.validator_value)}",
    "enum": lambda e: f"{_shown(e.instance)} is none of {', '.join(e.validator_value)}",
    "minimum": lambda e: f"{e.instance} is less than {e.validator_value}",
    "maximum": lambda e: f"{e.instance} is more than {e.validator_value}",
    "minLength": lambda e: "the text is empty",
    "maxLength": lambda e: f"the text is longer than {e.validator_value} characters",
    "pattern": lambda e: f"{_shown(e.instance)} is not of the form {e.validator_value}",
    "required": lambda e: f"{_shown(next(n for n in e.validator_value if n not in e.instance))} is missing",
    "additionalProperties": lambda e: (
        f"{_shown(next(n for n in e.instance if n not in e.schema['properties']))} is not known here"
    ),
    "minItems": lambda e: "the list is empty",
    "maxItems": lambda e: f"the list has {len(e.instance)} entries, more than {e.validator_value}",
    "minProperties": lambda e: "nothing is named",
    "maxProperties": lambda e: f"{len(e.instance)} names, more than {e.validator_value}",
}


def _types(allowed: str | list[str]) -> str:
    names = [allowed] if isinstance(allowed, str) else allowed
    return " or ".join(_TYPES[name] for name in names)


def _in_words(error: ValidationError) -> str:
    words = _WORDS[str(error.validator)](error)
    if "propertyNames" in error.absolute_schema_path:
        return f"a name in it: {words}"
    return words


def built(kind: type[T], values: Any) -> T:
    """Return plain values that a schema has passed as the dataclass `kind`, with all that is in it."""
    return _built(kind, values)  # type: ignore[no-any-return]  # what a type hint says, only running it knows


def _built(kind: Any, values: Any) -> Any:
    origin = get_origin(kind)
    if origin is UnionType:
        return None if values is None else _built(get_args(kind)[0], values)
    if origin is tuple:
        return tuple(_built(get_args(kind)[0], each) for each in values)
    if origin is Mapping:
        return dict(values)
    if is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _built(hint, values[name]) for name, hint in hints.items()})  # type: ignore[operator]  # a class, not an instance
    if issubclass(kind, StrEnum):
        return kind(values)
    return values


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}
