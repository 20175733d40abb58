"""Finding the names of drugs among words."""

from __future__ import annotations

from collections.abc import Mapping

from willowbark.knowledge.core.drug_text import FORM_WORDS, SALT_WORDS

LONGEST_WORDS = 6


def find_names(component: str, generic: Mapping[str, str]) -> tuple[str, ...]:
    """
    The drugs that a component's folded words name exactly, without repeats, in order.

    Longer names go before shorter ones ("ferrous sulfate" before "sulfate"). A salt's word names a drug only
    when nothing else in the component does.
    """
    words = component.split()
    found: list[tuple[int, str]] = []
    salts: list[tuple[int, str]] = []
    taken = [False] * len(words)
    for length in range(min(LONGEST_WORDS, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            span = words[start : start + length]
            if any(taken[start : start + length]):
                continue
            key = generic.get(" ".join(span))
            if key is None or all(word in FORM_WORDS for word in span):
                continue
            if length == 1 and span[0] in SALT_WORDS:
                salts.append((start, key))
            else:
                found.append((start, key))
            taken[start : start + length] = [True] * length
    return tuple(dict.fromkeys(key for _, key in sorted(found or salts)))
