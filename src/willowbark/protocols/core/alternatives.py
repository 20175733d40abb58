"""Which ingredient a target is met by: the protocol's own, or one that may take its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from willowbark.protocols.core.masters import Alternative, Master, MasterTarget
from willowbark.protocols.core.notices import Notice, Weight


def fitted(
    masters: Sequence[Master],
    *,
    by_hand: Mapping[str, str],
    offered: frozenset[str],
    bans: Callable[[str], Sequence[str]],
    names: Callable[[str], str],
) -> tuple[tuple[Master, ...], tuple[Notice, ...]]:
    """
    The Master Protocols with alternatives where they are asked for or needed, and a notice of each.

    An alternative is needed where no product on offer holds the target's ingredient, or where the rules
    forbid it to this person; the first that is on offer, not forbidden and not wanted already is taken.
    `by_hand` says `master.target` -> the alternative's key, or '' to keep the target's own whatever happens.
    `offered` are the ingredients of the catalog, `bans` the keys of the facts that forbid one to this person,
    `names` gives an ingredient's name.
    """
    wanted = {target.ingredient_key for master in masters for target in master.targets}
    found: list[Master] = []
    notices: list[Notice] = []
    for master in masters:
        targets = []
        for target in master.targets:
            place = f"{master.key}.{target.key}"
            others = [each for each in master.instead_of(target.key) if each.ingredient_key not in wanted]
            asked = next((each for each in others if by_hand.get(place) == each.key), None)
            if not others or (place in by_hand and not asked):
                targets.append(target)
                continue
            forbidding = () if asked else tuple(bans(target.ingredient_key))
            chosen = asked
            if not asked and (forbidding or target.ingredient_key not in offered):
                chosen = _first_that_can_be(others, offered, bans)
            if chosen is None:
                targets.append(target)
                continue
            wanted.add(chosen.ingredient_key)
            targets.append(in_place_of(target, chosen))
            notices.append(_told(master, target, chosen, place, asked is not None, forbidding, names))
        found.append(replace(master, targets=tuple(targets)))
    return tuple(found), tuple(notices)


def in_place_of(target: MasterTarget, other: Alternative) -> MasterTarget:
    """The target with the alternative's ingredient, amounts and evidence."""
    return replace(
        target,
        ingredient_key=other.ingredient_key,
        least=other.least,
        aim=other.aim,
        most=other.most,
        unit=other.unit,
        why=other.why,
        evidence=other.evidence,
    )


def _first_that_can_be(
    others: Iterable[Alternative], offered: frozenset[str], bans: Callable[[str], Sequence[str]]
) -> Alternative | None:
    return next(
        (each for each in others if each.ingredient_key in offered and not bans(each.ingredient_key)), None
    )


def _told(
    master: Master,
    target: MasterTarget,
    chosen: Alternative,
    place: str,
    is_by_hand: bool,
    forbidding: Sequence[str],
    names: Callable[[str], str],
) -> Notice:
    if is_by_hand:
        why = "chosen by hand"
    elif forbidding:
        why = "it must not be given here"
    else:
        why = "no product on offer holds it"
    own, other = names(target.ingredient_key), names(chosen.ingredient_key)
    return Notice(
        f"instead/{place}",
        "instead",
        Weight.TELL,
        f"{master.title}: {other} in the place of {own} ({why}). {chosen.why}",
        fact_key=forbidding[0] if forbidding else "",
    )
