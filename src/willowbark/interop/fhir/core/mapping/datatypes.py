"""
FHIR R4 data types, as far as the record has a place for them (http://hl7.org/fhir/R4/datatypes.html).

Decoding into these checks types; a value of the wrong one is refused with its path. Fields that are not
named here stay in the original. Numbers are kept raw: their digits are exact.
"""

from __future__ import annotations

import msgspec

NOTHING = msgspec.Raw()


class Element(msgspec.Struct, rename="camel", gc=False):
    """Base of all: names are FHIR's, camel-cased; absent is None."""


class Coding(Element):
    """A code in a system."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


class CodeableConcept(Element):
    """Something said in one or more codes, or in words."""

    coding: list[Coding] | None = None
    text: str | None = None


class Period(Element):
    """From `start` to `end`, either open."""

    start: str | None = None
    end: str | None = None


class Identifier(Element):
    """A business identifier."""

    use: str | None = None
    type: CodeableConcept | None = None
    system: str | None = None
    value: str | None = None


class Reference(Element):
    """A pointer to another resource."""

    reference: str | None = None
    type: str | None = None
    identifier: Identifier | None = None
    display: str | None = None


class Quantity(Element):
    """A measured amount; also Age, Duration, SimpleQuantity."""

    value: msgspec.Raw = NOTHING
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Range(Element):
    """Between `low` and `high`, either open."""

    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Element):
    """One amount over another."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None


class SampledData(Element):
    """A series of measurements by a device."""

    origin: Quantity | None = None
    period: msgspec.Raw = NOTHING
    dimensions: int | None = None
    data: str | None = None


class Repeat(Element):
    """When a repeated thing happens."""

    frequency: int | None = None
    frequency_max: int | None = None
    period: msgspec.Raw = NOTHING
    period_unit: str | None = None
    when: list[str | None] | None = None
    time_of_day: list[str | None] | None = None
    day_of_week: list[str | None] | None = None


class Timing(Element):
    """When something happens: dates, a rhythm, or a code for one."""

    event: list[str | None] | None = None
    repeat: Repeat | None = None
    code: CodeableConcept | None = None


class Annotation(Element):
    """A remark."""

    text: str | None = None


class Attachment(Element):
    """Content, here (`data`, base64) or elsewhere (`url`)."""

    content_type: str | None = None
    data: str | None = None
    url: str | None = None
    title: str | None = None


class HumanName(Element):
    """A person's name."""

    use: str | None = None
    text: str | None = None
    family: str | None = None
    given: list[str | None] | None = None
    prefix: list[str | None] | None = None
    suffix: list[str | None] | None = None
    period: Period | None = None


class ContactPoint(Element):
    """A telephone number, an e-mail address or the like."""

    system: str | None = None
    value: str | None = None
    use: str | None = None
    rank: int | None = None
    period: Period | None = None


class Address(Element):
    """A postal address."""

    use: str | None = None
    text: str | None = None
    line: list[str | None] | None = None
    city: str | None = None
    district: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    period: Period | None = None


class Extension(Element):
    """An extension, as far as a code says it."""

    url: str | None = None
    value_code: str | None = None
    value_coding: Coding | None = None


class Participation(Element):
    """Somebody who took part: FHIR names them `actor`, `individual` or `onBehalfOf`, by resource."""

    actor: Reference | None = None
    individual: Reference | None = None


class Contained(Element):
    """A resource inside another, read only as far as it is pointed at."""

    id: str | None = None
    resource_type: str | None = None
    code: msgspec.Raw = NOTHING
    name: msgspec.Raw = NOTHING


class Domain(Element):
    """What every mapped resource may carry."""

    contained: list[Contained] | None = None
    modifier_extension: msgspec.Raw = NOTHING
