"""Problems, allergies, procedures and vaccines by name, with codes where they are certain."""

from __future__ import annotations

from dataclasses import dataclass

SNOMED = "http://snomed.info/sct"
CVX = "http://hl7.org/fhir/sid/cvx"


@dataclass(frozen=True, slots=True)
class Finding:
    """A thing with its name and, where we are sure of it, its code."""

    text: str
    code: str = ""


PROBLEMS: dict[str, Finding] = {
    "hashimoto": Finding("Hashimoto's thyroiditis", "21983002"),
    "hypothyroidism": Finding("Hypothyroidism", "40930008"),
    "ibs": Finding("Irritable bowel syndrome", "10743008"),
    "sibo": Finding("Small intestinal bacterial overgrowth"),
    "reflux": Finding("Gastroesophageal reflux disease", "235595009"),
    "celiac": Finding("Celiac disease", "396331005"),
    "insulin_resistance": Finding("Insulin resistance"),
    "prediabetes": Finding("Prediabetes", "15777000"),
    "metabolic_syndrome": Finding("Metabolic syndrome", "237602007"),
    "obesity": Finding("Body mass index 30+ - obesity", "162864005"),
    "iron_deficiency": Finding("Iron deficiency", "35240004"),
    "iron_anemia": Finding("Iron deficiency anemia", "87522002"),
    "heavy_periods": Finding("Heavy menstrual bleeding"),
    "migraine": Finding("Migraine", "37796009"),
    "perimenopause": Finding("Perimenopausal symptoms"),
    "insomnia": Finding("Insomnia", "193462001"),
    "anxiety": Finding("Anxiety", "48694002"),
    "depression": Finding("Depressive disorder", "35489007"),
    "hypertension": Finding("Hypertension", "38341003"),
    "hyperlipidemia": Finding("Hyperlipidemia", "55822004"),
    "atrial_fibrillation": Finding("Atrial fibrillation", "49436004"),
    "fatigue": Finding("Fatigue", "84229001"),
    "post_viral": Finding("Post-viral fatigue"),
    "pcos": Finding("Polycystic ovary syndrome", "237055002"),
    "rheumatoid": Finding("Rheumatoid arthritis", "69896004"),
    "eczema": Finding("Atopic dermatitis", "24079001"),
    "asthma": Finding("Asthma", "195967001"),
    "rhinitis": Finding("Seasonal allergic rhinitis", "367498001"),
    "vitamin_d_deficiency": Finding("Vitamin D deficiency", "34713006"),
    "osteoarthritis": Finding("Osteoarthritis of knee", "239873007"),
    "osteoporosis": Finding("Osteoporosis", "64859006"),
    "gout": Finding("Gout", "90560007"),
    "gestational_diabetes": Finding("Gestational diabetes", "11687002"),
    "sinusitis": Finding("Acute viral sinusitis", "444814009"),
    "cystitis": Finding("Cystitis", "38822007"),
    "pneumonia": Finding("Pneumonia"),
}

#: (finding, category, criticality, reactions, weight)
ALLERGIES: tuple[tuple[Finding, str, str, tuple[str, ...], float], ...] = (
    (
        Finding("Allergy to penicillin", "91936005"),
        "medication",
        "high",
        ("Hives within an hour", "Anaphylaxis as a child", "Rash"),
        5,
    ),
    (Finding("Allergy to sulfonamide", "91939003"), "medication", "high", ("Widespread rash",), 2),
    (Finding("Latex allergy", "300916003"), "environment", "low", ("Contact dermatitis",), 1),
    (Finding("Shellfish allergy", "300913006"), "food", "high", ("Swelling of the lips", "Hives"), 2),
    (Finding("Allergy to peanuts", "91935009"), "food", "high", ("Anaphylaxis",), 1),
    (Finding("Allergy to nut", "91934008"), "food", "high", ("Itching of the mouth, hives",), 1),
    (Finding("Allergy to dairy product", "425525006"), "food", "low", ("Bloating, loose stools",), 2),
    (Finding("Allergy to eggs", "91930004"), "food", "low", ("Eczema flares",), 1),
    (
        Finding("Allergy to grass pollen", "418689008"),
        "environment",
        "low",
        ("Sneezing, itching eyes in June",),
        3,
    ),
    (Finding("Allergy to tree pollen", "419263009"), "environment", "low", ("Sneezing in April",), 2),
    (Finding("Codeine intolerance"), "medication", "low", ("Vomiting",), 1),
    (Finding("Gluten sensitivity"), "food", "low", ("Bloating, fatigue the next day",), 2),
)
NO_KNOWN_ALLERGY = Finding("No known allergy", "716186003")

#: Procedures of the past, with the sexes that have them and the ages at which they are had.
PAST_PROCEDURES: tuple[tuple[Finding, tuple[str, ...], tuple[int, int]], ...] = (
    (Finding("Appendectomy", "80146002"), ("female", "male"), (8, 40)),
    (Finding("Tonsillectomy"), ("female", "male"), (3, 16)),
    (Finding("Cesarean section", "11466000"), ("female",), (22, 40)),
    (Finding("Colonoscopy", "73761001"), ("female", "male"), (45, 75)),
    (Finding("Bone density scan", "312681000"), ("female",), (55, 75)),
    (Finding("Cholecystectomy"), ("female", "male"), (30, 65)),
    (Finding("Knee arthroscopy"), ("female", "male"), (25, 60)),
    (Finding("Extraction of wisdom tooth", "65546002"), ("female", "male"), (17, 28)),
)
#: Procedures done here.
PROCEDURES_HERE = (
    Finding("Acupuncture, 40 minutes"),
    Finding("Osteopathic treatment, thoracic and cervical"),
    Finding("Intravenous vitamin C and magnesium infusion"),
    Finding("Counseling on anti-inflammatory diet"),
)

FLU = Finding("Influenza, seasonal, injectable, preservative free", "140")
VACCINES = (
    Finding("Tdap", "115"),
    Finding("Td (adult) preservative free", "113"),
    Finding("Hep A, adult", "52"),
    Finding("Hep B, adult", "43"),
)
