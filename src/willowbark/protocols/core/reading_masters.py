"""The library's data files as values, checked: schema, keys, amounts in order, sources that exist."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from willowbark.kernel.errors import Invalid
from willowbark.protocols.core.canonical import to_bytes
from willowbark.protocols.core.documents import hold_against, values_of
from willowbark.protocols.core.masters import (
    Advice,
    Ceiling,
    Evidence,
    Guideline,
    Library,
    Master,
    MasterTarget,
    Monitoring,
    StopRule,
    Trigger,
)
from willowbark.protocols.core.problem import Layer


class BadLibrary(Invalid):
    """The library's data contradict themselves; the message says where."""

    code = "bad_library"


def library_of(masters: Iterable[bytes], guidelines: bytes) -> Library:
    """
    The library that these files make; their order does not matter.

    Raises:
        BadDocument: a file is not of its schema.
        BadLibrary: a key comes twice, amounts are out of order, or a line cites nothing.
    """
    read = [_checked(values_of(data), "master") for data in masters]
    cited = _checked(values_of(guidelines), "guidelines")
    documents = sorted(read, key=lambda each: str(each["key"]))
    known = {each["key"]: _guideline(each) for each in cited["guidelines"]}
    found: dict[str, Master] = {}
    for document in documents:
        master = _master(document)
        if master.key in found:
            raise BadLibrary(f"two Master Protocols have the key {master.key}")
        for fault in _faults(master):
            raise BadLibrary(f"{master.key}: {fault}")
        found[master.key] = master
    digest = hashlib.sha256(to_bytes({"masters": documents, "guidelines": cited})).hexdigest()
    return Library(digest, found, known)


def _checked(values: Any, schema: str) -> dict[str, Any]:
    hold_against(f"schema/{schema}", values)
    return dict(values)


def _faults(master: Master) -> Iterator[str]:
    keys = [*(each.key for each in master.amounts), *(each.key for each in master.monitoring)]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"the key {key} comes twice"
    for target in master.targets:
        if not 0 < target.least <= target.aim:
            yield f"{target.key}: least is above aim, or not above zero"
        if target.most is not None and target.aim > target.most:
            yield f"{target.key}: aim is above most"
    for ceiling in master.ceilings:
        if ceiling.most <= 0:
            yield f"{ceiling.key}: most is not above zero"


def cited_by(master: Master) -> frozenset[str]:
    """The keys of every source that a Master Protocol cites."""
    return frozenset(key for each in master.evidence for key in each.source_keys)


def _evidence(values: Mapping[str, Any]) -> Evidence:
    return Evidence(values["grade"], tuple(values["source_keys"]))


def _guideline(values: Mapping[str, Any]) -> Guideline:
    seen_on = values["seen_on"]
    return Guideline(**{**values, "seen_on": date.fromisoformat(seen_on) if seen_on else None})


def _master(values: Mapping[str, Any]) -> Master:
    return Master(
        key=values["key"],
        version=values["version"],
        title=values["title"],
        summary=values["summary"],
        status=values["status"],
        reviewed_on=date.fromisoformat(values["reviewed_on"]),
        from_age_years=values["from_age_years"],
        triggers=tuple(Trigger(**each) for each in values["triggers"]),
        targets=tuple(map(_target, values["targets"])),
        ceilings=tuple(
            Ceiling(
                key=each["key"],
                ingredient_key=each["ingredient_key"],
                most=Decimal(each["most"]),
                unit=each["unit"],
                why=each["why"],
                evidence=_evidence(each),
            )
            for each in values["ceilings"]
        ),
        advice=tuple(
            Advice(each["kind"], each["text"], each["why"], _evidence(each)) for each in values["advice"]
        ),
        monitoring=tuple(
            Monitoring(each["key"], each["text"], each["after_days"], each["next_action"], _evidence(each))
            for each in values["monitoring"]
        ),
        stop_rules=tuple(
            StopRule(each["text"], each["why"], _evidence(each)) for each in values["stop_rules"]
        ),
    )


def _target(values: Mapping[str, Any]) -> MasterTarget:
    most = values["most"]
    return MasterTarget(
        key=values["key"],
        ingredient_key=values["ingredient_key"],
        layer=Layer(values["layer"]),
        least=Decimal(values["least"]),
        aim=Decimal(values["aim"]),
        most=None if most is None else Decimal(most),
        unit=values["unit"],
        why=values["why"],
        evidence=_evidence(values),
    )
