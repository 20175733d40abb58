"""Medicines and supplements with their usual doses. Codes are RxNorm's, of the medicines alone."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@dataclass(frozen=True, slots=True)
class Product:
    """
    Something that is taken. `dose` counts `dose_unit`s a time.

    `concept` is RxNorm's own name of the coded medicine; `text` is what the practice writes.
    """

    text: str
    dosage: str
    dose: str
    dose_unit: str
    kind: str = "drug"
    code: str = ""
    concept: str = ""
    as_needed: bool = False

    @property
    def dose_value(self) -> Decimal:
        """The dose as an exact number."""
        return Decimal(self.dose)


def _drug(
    text: str,
    code: str,
    concept: str,
    dosage: str,
    dose: str,
    unit: str = "tablet",
    *,
    as_needed: bool = False,
) -> Product:
    return Product(text, dosage, dose, unit, "drug", code, concept, as_needed)


def _supplement(text: str, dosage: str, dose: str, unit: str, *, as_needed: bool = False) -> Product:
    return Product(text, dosage, dose, unit, "supplement", as_needed=as_needed)


PRODUCTS: dict[str, Product] = {
    # Thyroid
    "levothyroxine 25": _drug(
        "Levothyroxine 25 mcg tablet",
        "966220",
        "Levothyroxine Sodium 0.025 MG Oral Tablet",
        "1 tablet each morning on an empty stomach, 60 minutes before breakfast",
        "1",
    ),
    "levothyroxine 50": _drug(
        "Levothyroxine 50 mcg tablet",
        "966221",
        "Levothyroxine Sodium 0.05 MG Oral Tablet",
        "1 tablet each morning on an empty stomach, 60 minutes before breakfast",
        "1",
    ),
    "levothyroxine 75": _drug(
        "Levothyroxine 75 mcg tablet",
        "966222",
        "Levothyroxine Sodium 0.075 MG Oral Tablet",
        "1 tablet each morning on an empty stomach, 60 minutes before breakfast",
        "1",
    ),
    "levothyroxine 88": _drug(
        "Levothyroxine 88 mcg tablet",
        "966253",
        "Levothyroxine Sodium 0.088 MG Oral Tablet",
        "1 tablet each morning on an empty stomach, 60 minutes before breakfast",
        "1",
    ),
    "liothyronine 5": _drug(
        "Liothyronine 5 mcg tablet",
        "903456",
        "liothyronine sodium 0.005 MG Oral Tablet",
        "1 tablet each morning with levothyroxine",
        "1",
    ),
    # Metabolic and heart
    "metformin 500": _drug(
        "Metformin 500 mg tablet",
        "861007",
        "Metformin hydrochloride 500 MG Oral Tablet",
        "1 tablet twice a day with meals",
        "1",
    ),
    "metformin er 500": _drug(
        "Metformin ER 500 mg tablet",
        "860975",
        "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet",
        "2 tablets once a day with the evening meal",
        "2",
    ),
    "atorvastatin 10": _drug(
        "Atorvastatin 10 mg tablet",
        "617312",
        "atorvastatin 10 MG Oral Tablet",
        "1 tablet in the evening",
        "1",
    ),
    "atorvastatin 20": _drug(
        "Atorvastatin 20 mg tablet",
        "617310",
        "atorvastatin 20 MG Oral Tablet",
        "1 tablet in the evening",
        "1",
    ),
    "lisinopril 10": _drug(
        "Lisinopril 10 mg tablet", "314076", "Lisinopril 10 MG Oral Tablet", "1 tablet each morning", "1"
    ),
    "amlodipine 5": _drug(
        "Amlodipine 5 mg tablet", "197361", "Amlodipine 5 MG Oral Tablet", "1 tablet each morning", "1"
    ),
    "warfarin 5": _drug(
        "Warfarin 5 mg tablet",
        "855332",
        "Warfarin Sodium 5 MG Oral Tablet",
        "1 tablet each evening, adjusted to INR 2.0 to 3.0",
        "1",
    ),
    "warfarin 2.5": _drug(
        "Warfarin 2.5 mg tablet",
        "855312",
        "Warfarin Sodium 2.5 MG Oral Tablet",
        "1 tablet each evening, adjusted to INR 2.0 to 3.0",
        "1",
    ),
    # Mind, sleep, head
    "sertraline 50": _drug(
        "Sertraline 50 mg tablet", "312941", "Sertraline 50 MG Oral Tablet", "1 tablet each morning", "1"
    ),
    "escitalopram 10": _drug(
        "Escitalopram 10 mg tablet", "349332", "Escitalopram 10 MG Oral Tablet", "1 tablet each morning", "1"
    ),
    "trazodone 50": _drug(
        "Trazodone 50 mg tablet",
        "856377",
        "Trazodone Hydrochloride 50 MG Oral Tablet",
        "1 tablet at bedtime when sleep does not come",
        "1",
        as_needed=True,
    ),
    "sumatriptan 50": _drug(
        "Sumatriptan 50 mg tablet",
        "313161",
        "Sumatriptan 50 MG Oral Tablet",
        "1 tablet at the onset of a migraine, once more after 2 hours at most",
        "1",
        as_needed=True,
    ),
    "propranolol 40": _drug(
        "Propranolol 40 mg tablet",
        "856519",
        "Propranolol Hydrochloride 40 MG Oral Tablet",
        "1 tablet twice a day",
        "1",
    ),
    # Gut, immune, hormones
    "rifaximin 550": _drug(
        "Rifaximin 550 mg tablet",
        "856664",
        "rifaximin 550 MG Oral Tablet",
        "1 tablet three times a day for 14 days",
        "1",
    ),
    "omeprazole 20": _drug(
        "Omeprazole 20 mg capsule",
        "198051",
        "Omeprazole 20 MG Delayed Release Oral Capsule",
        "1 capsule 30 minutes before breakfast",
        "1",
        "capsule",
    ),
    "famotidine 20": _drug(
        "Famotidine 20 mg tablet",
        "310273",
        "Famotidine 20 MG Oral Tablet",
        "1 tablet in the evening",
        "1",
        as_needed=True,
    ),
    "hydroxychloroquine 200": _drug(
        "Hydroxychloroquine 200 mg tablet",
        "979092",
        "Hydroxychloroquine Sulfate 200 MG Oral Tablet",
        "1 tablet twice a day with food",
        "1",
    ),
    "montelukast 10": _drug(
        "Montelukast 10 mg tablet", "200224", "montelukast 10 MG Oral Tablet", "1 tablet in the evening", "1"
    ),
    "progesterone 100": _drug(
        "Progesterone, micronized, 100 mg capsule",
        "260243",
        "Progesterone 100 MG Oral Capsule",
        "1 capsule at bedtime",
        "1",
        "capsule",
    ),
    "estradiol patch": Product(
        "Estradiol 0.05 mg/day transdermal patch", "1 patch, changed twice a week", "1", "patch"
    ),
    "spironolactone 50": _drug(
        "Spironolactone 50 mg tablet",
        "198223",
        "Spironolactone 50 MG Oral Tablet",
        "1 tablet each morning",
        "1",
    ),
    # Supplements
    "magnesium": _supplement("Magnesium glycinate", "200 mg elemental, at bedtime", "200", "mg"),
    "magnesium double": _supplement(
        "Magnesium glycinate", "200 mg elemental twice a day, the second at bedtime", "200", "mg"
    ),
    "vitamin d 2000": _supplement("Vitamin D3", "2,000 IU once a day with a meal", "2000", "[IU]"),
    "vitamin d 5000": _supplement("Vitamin D3 with K2", "5,000 IU once a day with a meal", "5000", "[IU]"),
    "omega 3": _supplement("Omega-3 fish oil (EPA and DHA)", "2 g of EPA and DHA a day, with food", "2", "g"),
    "probiotic": _supplement("Probiotic, multi-strain", "25 billion CFU once a day", "25", "10*9{CFU}"),
    "curcumin": _supplement("Curcumin phytosome", "500 mg twice a day", "500", "mg"),
    "selenium": _supplement("Selenium (selenomethionine)", "100 mcg once a day", "100", "ug"),
    "zinc": _supplement("Zinc picolinate", "15 mg once a day with food", "15", "mg"),
    "iron": _supplement("Iron bisglycinate", "25 mg elemental every other day, with vitamin C", "25", "mg"),
    "vitamin c": _supplement("Vitamin C", "500 mg once a day", "500", "mg"),
    "b12": _supplement("Methylcobalamin", "1,000 mcg under the tongue, once a day", "1000", "ug"),
    "b complex": _supplement("B complex, methylated", "1 capsule each morning", "1", "capsule"),
    "folate": _supplement("5-MTHF", "400 mcg once a day", "400", "ug"),
    "riboflavin": _supplement("Riboflavin (vitamin B2)", "400 mg each morning", "400", "mg"),
    "coq10": _supplement("Coenzyme Q10", "100 mg twice a day with food", "100", "mg"),
    "berberine": _supplement("Berberine", "500 mg twice a day before meals", "500", "mg"),
    "inositol": _supplement("Myo-inositol", "2 g twice a day", "2", "g"),
    "glutamine": _supplement("L-glutamine powder", "5 g once a day in water", "5", "g"),
    "peppermint": _supplement(
        "Peppermint oil, enteric coated", "0.2 mL twice a day before meals", "0.2", "mL"
    ),
    "oregano": _supplement("Oregano oil, emulsified", "50 mg three times a day for 6 weeks", "50", "mg"),
    "ashwagandha": _supplement("Ashwagandha root extract", "300 mg twice a day", "300", "mg"),
    "theanine": _supplement("L-theanine", "200 mg in the evening", "200", "mg", as_needed=True),
    "melatonin": _supplement("Melatonin", "1 mg an hour before bed", "1", "mg", as_needed=True),
    "rhodiola": _supplement("Rhodiola rosea extract", "200 mg each morning", "200", "mg"),
    "black cohosh": _supplement("Black cohosh extract", "40 mg once a day", "40", "mg"),
    "fiber": _supplement("Partially hydrolyzed guar gum", "5 g once a day in water", "5", "g"),
    "quercetin": _supplement("Quercetin", "500 mg twice a day in the pollen season", "500", "mg"),
    "red yeast rice": _supplement("Red yeast rice", "1,200 mg in the evening", "1200", "mg"),
    "multivitamin": _supplement("Multivitamin with minerals", "1 tablet a day", "1", "tablet"),
}
