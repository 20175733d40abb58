"""
What a composition was made from, as one document that stands by itself.

It names the entries of the record by their ids, the rules with their sources, and everything that nobody
checked. It belongs to the patient; the problem does not, and has none of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from willowbark.knowledge.core.person import Person, TakenAmount
from willowbark.knowledge.core.release import Fact, Interaction, Limit, Release
from willowbark.knowledge.core.rules import Rule
from willowbark.protocols.core.candidates import Candidate
from willowbark.protocols.core.canonical import as_document, to_bytes
from willowbark.protocols.core.masters import Library, Master
from willowbark.protocols.core.notices import Notice
from willowbark.protocols.core.own_sources import OwnSource, as_cited
from willowbark.protocols.core.reading_masters import cited_by
from willowbark.protocols.core.situation import Given, Situated

FORMAT = "willowbark.situation/1"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a composition takes place: whose shelf, which protocol is in force, which library."""

    site_id: UUID
    current_id: UUID | None
    library: Library


def described(given: Given, situated: Situated, origin: Origin) -> bytes:
    """The document, canonical: the same situation is the same bytes."""
    release, written, seen = given.release, given.person, situated.person
    replaced = set(given.choices.replaced)
    document = {
        "format": FORMAT,
        "release_id": release.id,
        "library_id": origin.library.id_of(each.key for each in given.masters),
        "site_id": str(origin.site_id),
        "current_id": str(origin.current_id) if origin.current_id else None,
        "masters": [
            {"key": each.key, "version": each.version, "title": each.title, "phase": each.phase}
            for each in given.masters
        ],
        **person_document(written, seen, replaced),
        "products": [_product(each) for each in situated.candidates],
        "rules": [_rule(release, each) for each in situated.rules],
        "sources": _sources(release, origin.library, given.masters, situated.rules),
        "evidence": {
            f"{master.key}.{line.key}": {
                "grade": line.evidence.grade,
                "sources": list(line.evidence.source_keys),
            }
            for master in given.wanting
            for line in master.amounts
        },
        "texts": dict(situated.texts),
        "notices": [_notice(each) for each in situated.notices],
        "proposed": [asdict(each) for each in given.choices.proposed],
    }
    return to_bytes(as_document(document))


def person_document(written: Person, seen: Person, replaced: Collection[UUID]) -> dict[str, Any]:
    """A person as the document says one: `written` as the record has them, `seen` as the rules saw them."""
    return {
        "age_years": seen.age_years,
        "sex": seen.sex,
        "jurisdiction": seen.jurisdiction,
        "states": sorted(seen.states),
        "drugs": [_drug(each) for each in seen.drugs],
        "supplements": [
            {
                "entry_id": _id(each.entry_id),
                "text": each.text,
                "is_replaced": each.entry_id in replaced,
                "contents": _contents(each.contents),
            }
            for each in written.supplements
        ],
        "conditions": _known(written, "conditions"),
        "allergies": _known(written, "allergies"),
        "not_checked": [
            {"entry_id": _id(each.entry_id), "kind": each.kind, "text": each.text, "reason": each.reason}
            for each in written.unrecognised
        ],
    }


def basis_of(problem: bytes, situation: bytes) -> str:
    """A SHA-256 over all that a composition was made from: it differs as soon as anything is otherwise."""
    return hashlib.sha256(hashlib.sha256(problem).digest() + hashlib.sha256(situation).digest()).hexdigest()


def _id(entry_id: UUID | None) -> str | None:
    return str(entry_id) if entry_id else None


def _contents(contents: Iterable[TakenAmount]) -> list[dict[str, Any]]:
    return [
        {
            "ingredient": each.ingredient_key,
            "form": each.form_key,
            "amount": None if each.amount_a_day is None else f"{each.amount_a_day.normalize():f}",
            "unit": each.unit,
            "note": each.note,
        }
        for each in contents
    ]


def _drug(drug: Any) -> dict[str, Any]:
    return {
        "entry_id": _id(drug.entry_id),
        "text": drug.text,
        "drugs": list(drug.drug_keys),
        "classes": list(drug.class_keys),
        "moments": list(drug.moments),
        "moments_are_assumed": drug.moments_are_assumed,
        "via": drug.via,
        "matched_text": drug.matched_text,
        "contents": _contents(drug.contents),
    }


def _known(person: Person, name: str) -> list[dict[str, Any]]:
    return [
        {"entry_id": _id(each.entry_id), "text": each.text, "keys": sorted(each.keys)}
        for each in getattr(person, name)
    ]


def _product(candidate: Candidate) -> dict[str, Any]:
    info = candidate.info
    return {
        "key": info.key,
        "id": str(info.id),
        "version": info.version,
        "brand": info.brand,
        "form": info.form,
        "food": info.food,
        "allergens": list(info.allergens),
        "currency": info.currency,
    }


def _rule(release: Release, rule: Rule) -> dict[str, Any]:
    fact = release.facts[rule.fact_key]
    return {
        "key": rule.key,
        "kind": rule.kind,
        "ingredient": rule.ingredient_key,
        "other_ingredient": rule.other_ingredient_key,
        "minutes": rule.minutes,
        "drug_moments": list(rule.drug_moments),
        "severity": rule.severity,
        "monitor_text": rule.monitor_text,
        "monitor_after_days": rule.monitor_after_days,
        "fact_key": rule.fact_key,
        "grade": fact.grade,
        "sources": list(fact.source_keys),
        "is_verified": rule.is_verified,
        "entries": [str(each) for each in rule.chart_entries],
        "text": rule.text,
        "mechanism": mechanism_of(fact),
    }


def mechanism_of(fact: Fact) -> str:
    """How it comes about, as far as the fact says."""
    if isinstance(fact, Interaction):
        return fact.mechanism_text
    return fact.note if isinstance(fact, Limit) else ""


def _sources(
    release: Release, library: Library, masters: Sequence[Master], rules: Sequence[Rule]
) -> dict[str, dict[str, Any]]:
    keys = {key for rule in rules for key in release.facts[rule.fact_key].source_keys}
    keys |= {key for master in masters for key in cited_by(master)}
    own = {key: source for master in masters for key, source in master.own.items()}
    return {key: cited(release, library, key, own) for key in sorted(keys)}


def cited(
    release: Release, library: Library, key: str, own: Mapping[str, OwnSource] | None = None
) -> dict[str, Any]:
    """A source of the knowledge, of the library, or of the practice's `own`, as it is cited."""
    if own and key in own:
        return as_cited(own[key])
    sources: Mapping[str, Any] = release.sources
    source = sources.get(key) or library.guidelines[key]
    return {
        "title": source.title,
        "publisher": source.publisher,
        "year": source.year,
        "kind": source.kind,
        "locator": source.locator,
        "is_verified": source.verified,
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "key": notice.key,
        "kind": notice.kind,
        "weight": str(notice.weight),
        "text": notice.text,
        "given": notice.given,
        "entries": [str(each) for each in notice.entries],
        "fact_key": notice.fact_key,
    }
