"""
Taking apart how drugs are written: "24 HR Metformin 500 MG Extended Release Oral Tablet [Glucophage]".

What is left of each component are the words that may name a drug; strengths, forms, routes, packs and
release are set aside. Nothing here knows which drugs there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from willowbark.knowledge.core.folding import fold

_BRAND = re.compile(r"\[([^\[\]]+)\]")
_UNIT = (
    r"(?:mg|mcg|ug|µg|μg|ng|g|kg|ml|l|unt|units?|iu|usp|meq|mmol|mci|hr|hrs|hours?|actuat|acuat|vial|cells"
    r"|au|bau|amb|pnu|mole|%|puffs?|days?|spray|cfu|dose|tabs?|caps?)"
)
_STRENGTH = re.compile(
    rf"(?<![a-z0-9])\d[\d,.]*(?:\s*(?:-|to)\s*\d[\d,.]*)?\s*(?:million\s+|billion\s+)?{_UNIT}"
    rf"(?:\s*(?:/|per)\s*\d*[\d.]*\s*{_UNIT})?(?![a-z])",
    re.IGNORECASE,
)
_RATIO = re.compile(r"(?<![a-z])\d[\d.,]*(?:\s*[/-]\s*\d[\d.,]*)+(?![a-z])", re.IGNORECASE)
_SPLIT = re.compile(r"\s*(?:/|\+|;|&|\bwith\b|\band\b|\bplus\b)\s*", re.IGNORECASE)


def words_of(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(text.split())


# Words that say how a drug is given, packed or released, never which drug it is.
FORM_WORDS = words_of(
    """
    oral tablet tablets tab tabs capsule capsules cap caps caplet caplets softgel softgels chewable
    disintegrating effervescent lozenge lozenges troche solution suspension syrup elixir liquid
    drops drop injection injectable injector auto autoinjector pen prefilled syringe cartridge vial
    ampule ampoule powder granules packet sachet cream ointment gel lotion foam shampoo topical
    transdermal patch system film strip sublingual buccal mucosal nasal ophthalmic otic rectal
    vaginal suppository enema inhaler inhalation inhalant metered dry dose dosed nebulizer nebuliser
    spray aerosol implant intrauterine device ring pack pak day days hr hour hours extended delayed
    release modified sustained controlled immediate prolonged er xr xl sr cr la dr ec mr ir odt
    enteric coated product form pill abuse deterrent intravenous intramuscular subcutaneous iv im sc
    po kit drug mg mcg ug ml unt per strength regular extra low high adult children childrens infant
    infants junior pediatric the a of for to in once twice daily weekly each every morning evening
    night bedtime as needed prn medicated pads pad nda020800 biphasic monophasic triphasic generic
    brand rapid fast acting long short act mist usp n f
    """
)
# Words of salts and esters: part of a drug's name only when nothing else names one.
SALT_WORDS = words_of(
    """
    hydrochloride hcl dihydrochloride monohydrochloride hydrobromide dihydrate monohydrate
    trihydrate hemihydrate anhydrous sodium disodium potassium calcium magnesium zinc sulfate
    sulphate bisulfate phosphate diphosphate acetate diacetate acetonide citrate tartrate bitartrate
    maleate malate fumarate hemifumarate succinate hydrogen gluconate lactate besylate besilate
    mesylate mesilate tosylate camsylate chloride bromide iodide nitrate dinitrate mononitrate
    carbonate bicarbonate oxide hydroxide propionate dipropionate furoate valerate enanthate
    cypionate decanoate benzoate stearate palmitate pamoate xinafoate medoxomil cilexetil axetil
    proxetil etexilate disoproxil alafenamide trometamol tromethamine meglumine lysine arginine
    erbumine macrocrystals macrocrystalline monohydrated ethylsuccinate estolate ammonium aluminum
    aluminium lithium
    """
)


@dataclass(frozen=True, slots=True)
class DrugText:
    """A drug as it is written: the components, each as folded words, and the brands in brackets, folded."""

    components: tuple[str, ...]
    brands: tuple[str, ...]


def take_apart(text: str) -> DrugText:
    """
    Split what is written into components and brands.

    A component is the folded words between strengths and separators, forms left in place: they are told
    from names by whoever knows the names.
    """
    brands = tuple(folded for found in _BRAND.findall(text) if (folded := fold(found)))
    bare = _BRAND.sub(" ", text)
    bare = _STRENGTH.sub(" ", bare)
    bare = _RATIO.sub(" ", bare)
    components = tuple(folded for part in _SPLIT.split(bare) if (folded := fold(part)))
    return DrugText(components, brands)


def without_forms(folded: str) -> tuple[str, ...]:
    """The words that are no form, route, pack or number."""
    return tuple(word for word in folded.split() if word not in FORM_WORDS and not word.isdigit())
