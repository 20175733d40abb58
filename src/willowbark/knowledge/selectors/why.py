"""Why a fact is believed: what it says, how it comes about, who says so and whether that was seen."""

from __future__ import annotations

from collections.abc import Iterator

from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.explaining import Cited, Explanation, Fact, reference
from willowbark.knowledge.core import facts, wording
from willowbark.knowledge.core.release import Ingredient, Interaction, LabFinding, Limit, Release, Source
from willowbark.knowledge.selectors import release

GRADES = {
    "A": "strong, consistent trials",
    "B": "good studies, labelling or an authority's opinion",
    "C": "small or indirect studies, case reports",
    "D": "theory or tradition",
}
PUBMED = "https://pubmed.ncbi.nlm.nih.gov/{}/"
DOI = "https://doi.org/{}"


def of_fact(actor: Actor, key: str) -> Explanation | None:
    """
    Explain an ingredient, a limit, an interaction or a finding of the release by its key; None without one.

    Raises:
        Forbidden: the actor reads no catalog, and so nothing of what is in it.
    """
    require(actor, "catalog.read")
    known = release()
    if key not in known.facts:
        return None
    backed = facts.fact(known, key)
    title, rule = _said(known, backed.fact)
    return Explanation(
        title=title,
        figure_text=f"Evidence {backed.fact.grade}: {GRADES[backed.fact.grade]}",
        facts=(
            *_about(known, backed.fact),
            Fact(f"Reviewed on {backed.fact.reviewed_on.isoformat()}."),
            Fact(f"Knowledge release {known.id[:16]}."),
        ),
        rule_text=rule,
        sources=tuple(_cited(source) for source in backed.sources),
    )


def _said(known: Release, fact: facts.Fact) -> tuple[str, str]:
    """A fact's title, and what it asks for in one sentence."""
    if isinstance(fact, Interaction):
        return wording.interaction_title(known, fact), wording.general_text(known, fact)
    if isinstance(fact, Limit):
        ingredient = known.ingredient(fact.ingredient_key)
        title = f"Upper limit of {ingredient.name}, {wording.PLACES[fact.jurisdiction]}, {wording.ages(fact)}"
        return title, wording.limit_text(ingredient, fact, age_is_known=True)
    if isinstance(fact, Ingredient):
        return fact.name, f"Every amount of it is kept in {wording.measured(fact)}."
    if isinstance(fact, LabFinding):
        return wording.finding_title(known, fact), wording.finding_rule(known, fact)
    raise TypeError(f"{type(fact).__name__} is no kind of fact")


def _about(known: Release, fact: facts.Fact) -> Iterator[Fact]:
    if isinstance(fact, Interaction):
        yield Fact(f"{wording.sentence(fact.severity)} {wording.sentence(fact.mechanism_text)}")
        if fact.monitor_text:
            yield Fact(wording.sentence(fact.monitor_text))
        for key in sorted(known.members[fact.subject]):
            yield Fact(f"It is about {known.ingredient(key).name}.", why=reference("fact", key))
    elif isinstance(fact, Limit):
        if fact.note:
            yield Fact(wording.sentence(fact.note))
        name = known.ingredient(fact.ingredient_key).name
        yield Fact(f"It is about {name}.", why=reference("fact", fact.ingredient_key))
    elif isinstance(fact, LabFinding):
        yield Fact(wording.sentence(fact.note))
        yield Fact(f"The tests are {wording.listed(tuple(f'LOINC {code}' for code in sorted(fact.loinc)))}.")
    elif isinstance(fact, Ingredient):
        for form in fact.forms:
            yield Fact(wording.form_text(fact, form))
        for limit in known.limits_of(fact.key):
            yield Fact(wording.limit_text(fact, limit, age_is_known=True), why=reference("fact", limit.key))


def _cited(source: Source) -> Cited:
    places = {"pubmed": PUBMED, "doi": DOI}
    locator = places.get(source.kind, "{}").format(source.locator)
    return Cited(wording.source_text(source), locator, source.verified)
