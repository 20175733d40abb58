"""The library's data files as values, checked: schema, keys, amounts in order, sources that exist."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from willowbark.kernel.errors import Invalid
from willowbark.protocols.core import wording
from willowbark.protocols.core.canonical import sorted_bytes, to_bytes
from willowbark.protocols.core.documents import hold_against, values_of
from willowbark.protocols.core.masters import (
    Advice,
    Alternative,
    Ceiling,
    Evidence,
    Guideline,
    Library,
    Master,
    MasterTarget,
    Measure,
    Monitoring,
    Outcome,
    Pattern,
    Phase,
    Referral,
    StopRule,
    Trigger,
)
from willowbark.protocols.core.own_sources import SECTION as OWN_SOURCES
from willowbark.protocols.core.own_sources import named_in, own_source
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
    read = [values_of(data) for data in masters]
    cited = _checked(values_of(guidelines), "guidelines")
    documents = sorted((_checked(each, "master") for each in read), key=lambda each: str(each["key"]))
    known = {each["key"]: _guideline(each) for each in cited["guidelines"]}
    found: dict[str, Master] = {}
    for document in documents:
        master = read_master(document)
        if master.key in found:
            raise BadLibrary(f"two Master Protocols have the key {master.key}")
        found[master.key] = master
    digest = hashlib.sha256(to_bytes({"masters": documents, "guidelines": cited})).hexdigest()
    digests = {each["key"]: digest_of(each) for each in documents}
    return Library(digest, found, known, digests)


def digest_of(document: Mapping[str, Any]) -> str:
    """The SHA-256 of what a Master Protocol says, in hexadecimal: of its canonical document."""
    return hashlib.sha256(sorted_bytes(document)).hexdigest()


def merged(shipped: Library, own: Mapping[str, tuple[str, Master]], retired: Mapping[str, str]) -> Library:
    """
    The library of a practice: what it has approved (`own`: key -> digest and Master Protocol) in the place of
    what is shipped, without what it has `retired` (key -> title).
    """
    if not own and not retired:
        return shipped
    masters = {key: master for key, master in shipped.masters.items() if key not in retired}
    masters |= {key: master for key, (_, master) in own.items() if key not in retired}
    digests = {**shipped.digests, **{key: digest for key, (digest, _) in own.items()}}
    said = {"shipped": shipped.id, "own": {key: own[key][0] for key in own}, "retired": sorted(retired)}
    return Library(
        id=hashlib.sha256(sorted_bytes(said)).hexdigest(),
        masters=dict(sorted(masters.items())),
        guidelines=shipped.guidelines,
        digests={key: digests[key] for key in sorted(masters)},
        own=frozenset(own) - set(retired),
        retired=dict(retired),
    )


def _checked(values: Any, schema: str) -> dict[str, Any]:
    hold_against(f"schema/{schema}", values)
    return dict(values)


def read_master(values: Any) -> Master:
    """
    A Master Protocol of its document.

    Raises:
        BadDocument: it is not of the schema; `field` is the JSON path.
        BadLibrary: amounts are out of order, or a line names another that is not there; `field` likewise.
    """
    master = master_of(_checked(values, "master"))
    for fault, path in faults_of(master):
        raise BadLibrary(f"{master.key}: {fault}", field=path)
    return master


def faults_of(master: Master) -> Iterator[tuple[str, str]]:
    """What contradicts itself, in words, with the JSON path of the line."""
    sections = ("phases", "targets", "alternatives", "ceilings", "monitoring", "referrals", "outcomes")
    for section in (*sections, OWN_SOURCES):
        keys = [each.key for each in getattr(master, section)]
        if section == "ceilings":
            keys = [each.key for each in master.amounts]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            yield f"the key {key} comes twice", f"$.{section}"
    for at, target in enumerate(master.targets):
        yield from _out_of_order(target, f"$.targets[{at}]")
    for at, other in enumerate(master.alternatives):
        yield from _out_of_order(other, f"$.alternatives[{at}]")
        if other.instead_of not in {each.key for each in master.targets}:
            yield f"{other.key}: there is no target {other.instead_of}", f"$.alternatives[{at}].instead_of"
    for at, ceiling in enumerate(master.ceilings):
        if ceiling.most <= 0:
            yield f"{ceiling.key}: most is not above zero", f"$.ceilings[{at}].most"
    yield from _faults_of_phases(master)
    for at, trigger in enumerate(master.triggers):
        pattern = trigger.pattern
        if pattern and not (pattern.measure.codes or pattern.measure.names):
            yield f"{trigger.key}: no code and no name of a test", f"$.triggers[{at}].codes"


def _out_of_order(line: MasterTarget | Alternative, path: str) -> Iterator[tuple[str, str]]:
    unit = wording.unit_text(line.unit)
    if line.least <= 0:
        yield f"{line.key}: least is not above zero", f"{path}.least"
    if line.least > line.aim:
        yield f"{line.key}: least is above aim ({line.least:f} and {line.aim:f} {unit})", f"{path}.least"
    if line.most is not None and line.aim > line.most:
        yield f"{line.key}: aim is above most ({line.aim:f} and {line.most:f} {unit})", f"{path}.most"


def _faults_of_phases(master: Master) -> Iterator[tuple[str, str]]:
    known = {each.key for each in master.phases}
    for section in ("targets", "advice"):
        for at, line in enumerate(getattr(master, section)):
            for key in sorted(set(line.phases) - known):
                yield f"there is no phase {key}", f"$.{section}[{at}].phases"
    for phase in master.phases:
        if not master.in_phase(phase.key).targets:
            yield f"nothing is wanted in the phase {phase.key}", "$.phases"


def cited_by(master: Master) -> frozenset[str]:
    """The keys of every source that a Master Protocol cites."""
    return frozenset(key for each in master.evidence for key in each.source_keys)


def _evidence(values: Mapping[str, Any]) -> Evidence:
    return Evidence(values["grade"], tuple(values["source_keys"]))


def _guideline(values: Mapping[str, Any]) -> Guideline:
    seen_on = values["seen_on"]
    return Guideline(**{**values, "seen_on": date.fromisoformat(seen_on) if seen_on else None})


def master_of(values: Mapping[str, Any]) -> Master:
    """The Master Protocol of a document that its schema has passed."""
    values = _with_own_named(values)
    return Master(
        key=values["key"],
        version=values["version"],
        title=values["title"],
        summary=values["summary"],
        status=values["status"],
        reviewed_on=date.fromisoformat(values["reviewed_on"]),
        from_age_years=values["from_age_years"],
        triggers=tuple(map(_trigger, values["triggers"])),
        phases=tuple(
            Phase(each["key"], each["title"], each["days"], each["text"], _evidence(each))
            for each in values["phases"]
        ),
        targets=tuple(
            MasterTarget(layer=Layer(each["layer"]), phases=tuple(each["phases"]), **_wanted(each))
            for each in values["targets"]
        ),
        alternatives=tuple(
            Alternative(instead_of=each["instead_of"], **_wanted(each)) for each in values["alternatives"]
        ),
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
            Advice(each["kind"], each["text"], each["why"], _evidence(each), tuple(each["phases"]))
            for each in values["advice"]
        ),
        monitoring=tuple(
            Monitoring(
                each["key"],
                each["text"],
                each["after_days"],
                each["every_days"],
                each["next_action"],
                _evidence(each),
            )
            for each in values["monitoring"]
        ),
        referrals=tuple(
            Referral(each["key"], each["to"], each["text"], each["why"], _evidence(each))
            for each in values["referrals"]
        ),
        outcomes=tuple(
            Outcome(
                each["key"], each["text"], _measure(each), each["goal"], each["after_days"], _evidence(each)
            )
            for each in values["outcomes"]
        ),
        stop_rules=tuple(
            StopRule(each["text"], each["why"], _evidence(each)) for each in values["stop_rules"]
        ),
        own_sources=tuple(map(own_source, values.get(OWN_SOURCES, ()))),
    )


def _with_own_named(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document with every citation of an own source as it is known outside of this Master Protocol."""
    if not values.get(OWN_SOURCES):
        return values

    def named(line: Mapping[str, Any]) -> Mapping[str, Any]:
        if "source_keys" not in line:
            return line
        return {**line, "source_keys": [named_in(values["key"], key) for key in line["source_keys"]]}

    return {
        name: list(map(named, value)) if isinstance(value, list) else value for name, value in values.items()
    }


def _trigger(values: Mapping[str, Any]) -> Trigger:
    pattern = None
    if values["kind"] in ("lab", "score"):
        pattern = Pattern(
            measure=_measure(values),
            unit=values["unit"],
            at_least=_bound(values["at_least"]),
            at_most=_bound(values["at_most"]),
            flag=values["flag"],
        )
    return Trigger(values["kind"], values["key"], values["text"], pattern, _evidence(values))


def _measure(values: Mapping[str, Any]) -> Measure:
    return Measure(tuple(values["codes"]), tuple(values["names"]))


def _bound(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _wanted(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": values["key"],
        "ingredient_key": values["ingredient_key"],
        "least": Decimal(values["least"]),
        "aim": Decimal(values["aim"]),
        "most": _bound(values["most"]),
        "unit": values["unit"],
        "why": values["why"],
        "evidence": _evidence(values),
    }
