"""
Read a document: bytes to plain values, plain values held against a schema, and into dataclasses.

Nothing is guessed: numbers are whole, names are not repeated, and whatever the bytes are, what comes back is
a value or a `BadDocument` that says what is wrong and where, as a JSON path such as `$.products[3].rank`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import UnionType
from typing import TYPE_CHECKING, Any, Never, Self, TypeVar, cast, get_args, get_origin, get_type_hints

from willowbark.kernel.errors import Invalid

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

T = TypeVar("T")
LARGEST_BYTES = 16 * 1024 * 1024
# No number of a document has more digits; longer ones would be slow to read.
_MOST_DIGITS = 20
_SHOWN = 60
_LONGEST_PATH = 300


class BadDocument(Invalid):
    """What was given is not a document of this kind. `field` is the JSON path of what is wrong."""

    code = "bad_document"

    def __init__(self, message: str, *, field: str = "$") -> None:
        self.words = message
        super().__init__(f"{field}: {message}", field=field)

    @classmethod
    def of(cls, other: BadDocument) -> Self:
        """Return the same said of this kind of document."""
        return cls(other.words, field=other.field)


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
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise BadDocument(f"the name {_shown(name)} comes twice in one object")
        values[name] = value
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
        raise BadDocument(in_words(error), field=error.json_path[:_LONGEST_PATH])


_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
# What a schema's word says of a value that it does not allow: (the value, what the word demands).
_WORDS: Mapping[str, Callable[[Any, Any], str]] = {
    "type": lambda value, allowed: f"{_shown(value)} is not {_types(allowed)}",
    "const": lambda value, only: f"{_shown(value)} is not {_shown(only)}",
    "enum": lambda value, allowed: f"{_shown(value)} is none of {', '.join(allowed)}",
    "minimum": lambda value, least: f"{value} is less than {least}",
    "maximum": lambda value, most: f"{value} is more than {most}",
    "minLength": lambda value, least: "the text is empty",
    "maxLength": lambda value, most: f"the text is longer than {most} characters",
    "pattern": lambda value, form: f"{_shown(value)} is not of the form {form}",
    "required": lambda value, names: f"{_first(names, value)} is missing",
    "additionalProperties": lambda value, names: f"{_first(value, names)} is not known here",
    "minItems": lambda value, least: "the list is empty",
    "maxItems": lambda value, most: f"the list has {len(value)} entries, more than {most}",
    "minProperties": lambda value, least: "nothing is named",
    "maxProperties": lambda value, most: f"{len(value)} names, more than {most}",
}


def _first(names: Iterable[str], others: Iterable[str]) -> str:
    return _shown(next(name for name in names if name not in others))


def _types(allowed: str | list[str]) -> str:
    names = [allowed] if isinstance(allowed, str) else allowed
    return " or ".join(_TYPES[name] for name in names)


def in_words(error: ValidationError) -> str:
    """Return what a schema does not allow of a value, in words."""
    word, demanded = str(error.validator), error.validator_value
    if word == "additionalProperties":
        demanded = cast(Mapping[str, Any], error.schema)["properties"]
    words = _WORDS[word](error.instance, demanded)
    return f"a name in it: {words}" if "propertyNames" in error.absolute_schema_path else words


def built(kind: type[T], values: Any) -> T:
    """Return plain values that a schema has passed as the dataclass `kind`, with all that is in it."""
    return cast(T, _builder(cast(Any, kind))(values))


@cache
def _builder(kind: Any) -> Callable[[Any], Any]:
    """Return what makes values of a kind out of plain ones."""
    origin = get_origin(kind)
    if origin is UnionType:
        some = _builder(get_args(kind)[0])
        return lambda values: None if values is None else some(values)
    if origin is tuple:
        one = _builder(get_args(kind)[0])
        return tuple if one is _as_it_is else lambda values: tuple(map(one, values))
    if origin is Mapping:
        return dict
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        parts = [(each.name, _builder(hints[each.name])) for each in fields(kind)]
        make = cast(Callable[..., Any], kind)
        return lambda values: make(*[part(values[name]) for name, part in parts])
    return kind if issubclass(kind, StrEnum) else _as_it_is


def _as_it_is(values: Any) -> Any:
    return values
