"""The shape of an answer: types whose only ids are those of the practice's library and catalog."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema, create_model

from willowbark.assistant.core.proposing import Offer, Picked, PickedMaster, PickedTarget

MOST_PICKED = 20
_STRICT = ConfigDict(extra="forbid")
_Text = Annotated[str, Field(max_length=1000)]
_Amount = Annotated[
    Decimal, Field(max_digits=20, ge=0), WithJsonSchema({"type": "string", "description": "a decimal number"})
]
_NoAmount = Annotated[
    Decimal | None,
    Field(max_digits=20, ge=0),
    WithJsonSchema({"anyOf": [{"type": "string", "description": "a decimal number"}, {"type": "null"}]}),
]
_Model = TypeVar("_Model", bound=BaseModel)


class AnswerTypes:
    """The types of one question's answer."""

    def __init__(self, offer: Offer) -> None:
        self.master = create_model(
            "Protocol", __config__=_STRICT, id=(_one_of(offer.masters), ...), quote=(_Text, ...)
        )
        self.target = create_model(
            "Target",
            __config__=_STRICT,
            id=(_one_of(offer.ingredients), ...),
            least=(_Amount, ...),
            aim=(_Amount, ...),
            most=(_NoAmount, ...),
            unit=(_one_of(offer.units), ...),
            quote=(_Text, ...),
        )
        self.answer = create_model(
            "Proposals",
            __config__=_STRICT,
            protocols=(_list_of(self.master), ...),
            targets=(_list_of(self.target), ...),
            not_understood=(_list_of(_Text), ...),
        )

    @property
    def schema(self) -> dict[str, Any]:
        """What a provider is told that an answer must be: the ids of the lists are all that it may say."""
        return self.answer.model_json_schema()

    def picked(self, answer: Mapping[str, Any]) -> Picked:
        """
        An answer, pick by pick: what is not of the types is counted and nothing else.

        A provider that holds its model to the schema sends nothing of the kind; not every one does.
        """
        masters, strange_masters = _valid(self.master, answer.get("protocols"))
        targets, strange_targets = _valid(self.target, answer.get("targets"))
        words = answer.get("not_understood")
        said = words[:MOST_PICKED] if isinstance(words, list) else []
        return Picked(
            masters=tuple(PickedMaster(each["id"], each["quote"]) for each in masters),
            targets=tuple(
                PickedTarget(
                    each["id"], each["least"], each["aim"], each["most"], each["unit"], each["quote"]
                )
                for each in targets
            ),
            not_understood=tuple(each for each in said if isinstance(each, str)),
            strange=strange_masters + strange_targets,
        )


def _one_of(keys: Any) -> Any:
    return Literal[tuple(sorted(keys))]


def _list_of(kind: Any) -> Any:
    return Annotated[list[kind], Field(max_length=MOST_PICKED)]


def _valid(kind: type[BaseModel], items: Any) -> tuple[list[dict[str, Any]], int]:
    """The items that are of the type, as plain values, and how many are not."""
    found: list[dict[str, Any]] = []
    listed = items if isinstance(items, list) else []
    for item in listed[:MOST_PICKED]:
        try:
            found.append(kind.model_validate(item).model_dump())
        except ValidationError:
            continue
    return found, len(listed) - len(found)
