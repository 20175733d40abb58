"""
Derive the names of drugs that are shipped, from two sets that anybody may use.

    python tools/derive_drugs.py FOLDER

FOLDER holds `drugbank_vocabulary/drugbank_vocabulary.csv` (DrugBank open vocabulary, CC0) and
`rxnorm/medication_list.json` (names of RxNorm concepts, public domain). Writes
`src/willowbark/knowledge/data/drugs.json.gz`, the same bytes from the same files.

What goes in: every drug of the vocabulary with the synonyms that are names (no chemical formulas, nothing
that two drugs share); every concept of RxNorm whose components are all known, and the brands in its brackets
when they always stand for the same drugs.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "src"))

from willowbark.knowledge.core.drug_text import FORM_WORDS, SALT_WORDS, take_apart, words_of  # noqa: E402
from willowbark.knowledge.core.folding import fold  # noqa: E402
from willowbark.knowledge.core.naming import find_names  # noqa: E402

TARGET = CHECKOUT / "src" / "willowbark" / "knowledge" / "data" / "drugs.json.gz"
LONGEST_NAME = 45
SHORTEST_NAME = 4
# Names of the vocabulary that are ordinary words: as a name they would match what is no drug.
ORDINARY_WORDS = words_of(
    """
    water alcohol honey milk egg eggs wheat rice corn coffee tea sugar salt air wood cotton tobacco
    gold silver tin lead iron oxygen nitrogen helium carbon hydrogen soybean soy banana apple orange
    lemon lime beef chicken pork fish shrimp crab oyster tuna salmon dog cat horse cattle mouse
    cockroach dust feather wool peanut almond walnut garlic onion ginger pepper mustard oats barley
    rye spinach tomato potato carrot cabbage celery lettuce charcoal clay chalk soap glycerin starch
    medication placebo vehicle base acid extract root leaf seed flower oil wax gum resin balsam
    compound complex blend factor protein peptide hormone enzyme vitamin mineral antigen mold mould
    pollen grass weed tree smoke thyme rosemary sage basil mint peppermint cinnamon vanilla cocoa
    calm focus relief prevent protect restore active natural pure clear fresh advance
    """
)
_CHEMICAL = re.compile(r"\d\s*[,'(]|\(\s*[0-9rsez+\-]|\[|\d-[a-z]{2,}yl|,\d|->", re.IGNORECASE)


def key_of(name: str) -> str:
    """The key of the drug of that name."""
    return fold(name).replace(" ", "_")


def is_name(text: str) -> bool:
    """Whether a synonym of the vocabulary is something that people write for the drug."""
    folded = fold(text)
    return (
        SHORTEST_NAME <= len(folded) <= LONGEST_NAME
        and not _CHEMICAL.search(text)
        and any(letter.isalpha() for letter in folded)
        and folded not in ORDINARY_WORDS
        and not all(
            word in FORM_WORDS or word in SALT_WORDS or word.isdigit() or len(word) < 3
            for word in folded.split()
        )
    )


def vocabulary(path: Path) -> dict[str, str]:
    """Folded names and synonyms with the key of their drug; what two drugs share is left out."""
    commons: dict[str, str] = {}
    synonyms: dict[str, set[str]] = defaultdict(set)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["Common name"].strip()
            if not name or len(name) > LONGEST_NAME or (not is_name(name) and fold(name) not in SALTS_ALONE):
                continue
            key = key_of(name)
            commons.setdefault(fold(name), key)
            for synonym in row["Synonyms"].split(" | "):
                if is_name(synonym):
                    synonyms[fold(synonym)].add(key)
    found = dict(commons)
    for synonym, keys in synonyms.items():
        if synonym not in commons and len(keys) == 1:
            found[synonym] = next(iter(keys))
    return found


# Drugs whose whole name is made of salt words.
SALTS_ALONE = frozenset(
    {
        "calcium carbonate",
        "magnesium oxide",
        "magnesium hydroxide",
        "potassium chloride",
        "sodium bicarbonate",
        "calcium citrate",
        "magnesium citrate",
        "potassium citrate",
        "calcium acetate",
        "calcium gluconate",
        "magnesium sulfate",
        "magnesium chloride",
        "potassium bicarbonate",
        "sodium chloride",
        "zinc sulfate",
        "zinc oxide",
        "aluminum hydroxide",
        "lithium carbonate",
        "lithium citrate",
        "potassium iodide",
        "sodium fluoride",
        "magnesium carbonate",
        "potassium phosphate",
        "sodium phosphate",
    }
)


def reviewed_names() -> dict[str, str]:
    """Names that were given to drugs by hand, folded, with the key of their drug."""
    reviewed = json.loads((TARGET.parent / "drug_classes.json").read_text(encoding="utf-8"))
    return {fold(name): drug["key"] for drug in reviewed["drugs"] for name in drug["names"]}


def concepts(
    names: dict[str, str], generic: dict[str, str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, set]]:
    """The drugs of each RxNorm concept whose components are all known, and of each brand."""
    codes: dict[str, tuple[str, ...]] = {}
    brands: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for code, name in names.items():
        parts = take_apart(name)
        keys: list[str] = []
        complete = bool(parts.components)
        for component in parts.components:
            found = find_names(component, generic)
            complete = complete and bool(found)
            keys.extend(found)
        if not complete:
            continue
        together = tuple(sorted(set(keys)))
        codes[code] = together
        for brand in parts.brands:
            brands[brand].add(together)
    return codes, brands


def settled(brands: dict[str, set[tuple[str, ...]]], generic: dict[str, str]) -> dict[str, list[str]]:
    """
    Brands that stand for one set of drugs, or for one that all their products share.

    A brand that is a drug's own name already, or an ordinary word, is left out.
    """
    found: dict[str, list[str]] = {}
    for brand, sets in sorted(brands.items()):
        if brand in generic or brand in ORDINARY_WORDS or len(brand) < 3:
            continue
        smallest = min(sets, key=lambda keys: (len(keys), keys))
        if all(set(smallest) <= set(keys) for keys in sets):
            found[brand] = list(smallest)
    return found


def main(folder: Path) -> None:
    """Derive and write."""
    csv_path = folder / "drugbank_vocabulary" / "drugbank_vocabulary.csv"
    json_path = folder / "rxnorm" / "medication_list.json"
    generic = vocabulary(csv_path)
    known = set(generic.values())
    for name, key in reviewed_names().items():
        if key not in known:
            raise SystemExit(f"{key} ({name}) is not in the vocabulary")
        generic[name] = key
    codes, brands = concepts(json.loads(json_path.read_text(encoding="utf-8"))["cuiToName"], generic)
    by_drug: dict[str, list[str]] = defaultdict(list)
    for name, key in sorted(generic.items()):
        by_drug[key].append(name)
    content = {
        "about": "Names of drugs: each drug's names, brands, and the RxNorm concepts of drugs.",
        "source": "DrugBank open vocabulary (CC0) and RxNorm (public domain), by tools/derive_drugs.py",
        "from_sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (csv_path, json_path)
        },
        "names": dict(sorted(by_drug.items())),
        "brands": settled(brands, generic),
        "codes": codes_by_drugs(codes),
    }
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    TARGET.write_bytes(gzip.compress(plain, 9, mtime=0))
    print(
        f"{len(by_drug)} drugs, {len(generic)} names, {len(content['brands'])} brands, {len(codes)} concepts,"
        f" {len(plain)} bytes, {TARGET.stat().st_size} compressed"
    )


def codes_by_drugs(codes: dict[str, tuple[str, ...]]) -> dict[str, list[int]]:
    """Concepts under the drugs in them, joined by '+': most drugs have many."""
    found: dict[str, list[int]] = defaultdict(list)
    for code, keys in codes.items():
        found["+".join(keys)].append(int(code))
    return {keys: sorted(numbers) for keys, numbers in sorted(found.items())}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
