"""The drugs as they are shipped: what was reviewed by hand, and the derived names."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any

from willowbark.knowledge.core.drug_book import Drug, DrugBook, Names
from willowbark.knowledge.core.folding import fold


def names_of(derived: bytes, reviewed: Mapping[str, Any]) -> Names:
    """
    The names of `drugs.json.gz`, and those that were given by hand, which go before.

    Raises:
        OSError, ValueError: not what `tools/derive_drugs.py` writes.
    """
    content = json.loads(gzip.decompress(derived))
    generic = {name: key for key, names in content["names"].items() for name in names}
    brands = {brand: tuple(keys) for brand, keys in content["brands"].items()}
    codes: dict[str, tuple[str, ...]] = {}
    for joined, numbers in content["codes"].items():
        keys = tuple(joined.split("+"))
        codes.update((str(number), keys) for number in numbers)
    for drug in reviewed["drugs"]:
        generic.update((fold(name), drug["key"]) for name in drug["names"])
        brands.update((fold(brand), (drug["key"],)) for brand in drug["brands"])
    brands.update((fold(one["brand"]), tuple(one["drugs"])) for one in reviewed["combinations"])
    marketed = {key for keys in codes.values() for key in keys} | {drug["key"] for drug in reviewed["drugs"]}
    return Names(generic, brands, codes, frozenset(marketed))


def book_of(derived: bytes, reviewed: Mapping[str, Any]) -> DrugBook:
    """The drugs of `drug_classes.json`, with names that are read when first asked for."""
    drugs = {
        one["key"]: Drug(
            key=one["key"],
            name=one["name"],
            classes=tuple(one["classes"]),
            usual_moment=one["usual_moment"],
            ingredient_key=one.get("ingredient", ""),
            form_key=one.get("form", ""),
        )
        for one in reviewed["drugs"]
    }
    return DrugBook(
        lambda: names_of(derived, reviewed), drugs, dict(reviewed["classes"]), _class_names(reviewed)
    )


def _class_names(reviewed: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {fold(name): (key,) for key, name in reviewed["classes"].items()}
    for key, names in reviewed["class_names"].items():
        for name in names:
            found[fold(name)] = tuple(dict.fromkeys((*found.get(fold(name), ()), key)))
    return found
