"""
What is measured: results, vital signs and scores, with their codes, units and usual ranges.

Codes are LOINC's, units UCUM's. Ranges are those that laboratories commonly print for adults; they only
make the demo believable and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

LOINC = "http://loinc.org"


@dataclass(frozen=True, slots=True)
class Measure:
    """
    One thing measured, as a number.

    `low` and `high` are the reference range, None where it is open; `men` replaces it for men. `usual` is
    the mean and deviation in people without a problem; `least` and `most` bound what is believable.
    """

    text: str
    code: str
    unit: str
    unit_text: str
    places: int
    low: float | None
    high: float | None
    usual: tuple[float, float]
    least: float
    most: float
    men: tuple[float | None, float | None] | None = None
    usual_men: tuple[float, float] | None = None
    category: str = "laboratory"

    def said(self, value: object) -> str:
        """A value in words: `TSH 2.10 mIU/L`."""
        return f"{self.text} {value}" + ("" if self.unit_text == self.text else f" {self.unit_text}")

    def range_for(self, sex: str) -> tuple[float | None, float | None]:
        """The reference range of someone of this sex."""
        return self.men if self.men and sex == "male" else (self.low, self.high)

    def usual_for(self, sex: str) -> tuple[float, float]:
        """Mean and deviation in people of this sex without a problem."""
        return self.usual_men if self.usual_men and sex == "male" else self.usual


MEASURES: dict[str, Measure] = {
    # Thyroid
    "tsh": Measure("TSH", "3016-3", "m[IU]/L", "mIU/L", 2, 0.4, 4.5, (1.8, 0.5), 0.05, 90),
    "ft4": Measure("Free T4", "3024-7", "ng/dL", "ng/dL", 2, 0.8, 1.8, (1.2, 0.13), 0.3, 4),
    "ft3": Measure("Free T3", "3051-0", "pg/mL", "pg/mL", 1, 2.0, 4.4, (3.1, 0.3), 1, 8),
    "tpo": Measure(
        "Thyroid peroxidase antibodies", "8099-4", "[IU]/mL", "IU/mL", 0, None, 34, (11, 4), 1, 1300
    ),
    "tgab": Measure(
        "Thyroglobulin antibodies", "8098-6", "[IU]/mL", "IU/mL", 1, None, 4.0, (1.2, 0.5), 0.1, 900
    ),
    # Iron and blood
    "ferritin": Measure(
        "Ferritin", "2276-4", "ng/mL", "ng/mL", 0, 15, 150, (68, 20), 3, 900, (30, 400), (140, 45)
    ),
    "iron": Measure("Iron", "2498-4", "ug/dL", "mcg/dL", 0, 35, 160, (92, 20), 10, 250),
    "iron_saturation": Measure("Iron saturation", "2502-3", "%", "%", 0, 15, 50, (28, 6), 3, 80),
    "tibc": Measure("Iron binding capacity", "2500-7", "ug/dL", "mcg/dL", 0, 250, 450, (325, 35), 180, 560),
    "hemoglobin": Measure(
        "Hemoglobin", "718-7", "g/dL", "g/dL", 1, 12.0, 15.5, (13.6, 0.5), 6, 18, (13.5, 17.5), (15.1, 0.6)
    ),
    "mcv": Measure("MCV", "787-2", "fL", "fL", 0, 80, 100, (89, 3), 60, 115),
    "leukocytes": Measure(
        "White blood cells", "6690-2", "10*3/uL", "x10E3/uL", 1, 3.4, 10.8, (6.3, 1.1), 2, 16
    ),
    "platelets": Measure("Platelets", "777-3", "10*3/uL", "x10E3/uL", 0, 150, 450, (258, 40), 90, 600),
    "inr": Measure("INR", "6301-6", "{INR}", "INR", 1, 2.0, 3.0, (2.5, 0.3), 0.9, 6),
    # Sugar and insulin
    "glucose": Measure("Fasting glucose", "1558-6", "mg/dL", "mg/dL", 0, 70, 99, (87, 5), 55, 320),
    "insulin": Measure("Fasting insulin", "20448-7", "u[IU]/mL", "uIU/mL", 1, 2.6, 24.9, (6.2, 1.6), 1, 80),
    "hba1c": Measure("Hemoglobin A1c", "4548-4", "%", "%", 1, 4.0, 5.6, (5.2, 0.15), 4, 13),
    # Lipids
    "cholesterol": Measure("Total cholesterol", "2093-3", "mg/dL", "mg/dL", 0, None, 200, (178, 15), 90, 380),
    "hdl": Measure(
        "HDL cholesterol", "2085-9", "mg/dL", "mg/dL", 0, 50, None, (62, 9), 22, 110, (40, None), (52, 8)
    ),
    "triglycerides": Measure("Triglycerides", "2571-8", "mg/dL", "mg/dL", 0, None, 150, (88, 20), 30, 390),
    "ldl": Measure(
        "LDL cholesterol (calculated)", "13457-7", "mg/dL", "mg/dL", 0, None, 100, (96, 14), 20, 290
    ),
    "apob": Measure("Apolipoprotein B", "1884-6", "mg/dL", "mg/dL", 0, None, 90, (80, 10), 30, 200),
    "lpa": Measure("Lipoprotein(a)", "10835-7", "mg/dL", "mg/dL", 0, None, 30, (14, 5), 2, 180),
    # Inflammation and immunity
    "hscrp": Measure("hs-CRP", "30522-7", "mg/L", "mg/L", 1, None, 3.0, (0.8, 0.25), 0.2, 40),
    "esr": Measure("Sedimentation rate", "30341-2", "mm/h", "mm/hr", 0, None, 30, (9, 3), 1, 110),
    "ttg": Measure("Tissue transglutaminase IgA", "46128-5", "U/mL", "U/mL", 0, None, 3, (2, 0.1), 2, 100),
    # Vitamins, minerals, methylation
    "vitamin_d": Measure("Vitamin D, 25-hydroxy", "1989-3", "ng/mL", "ng/mL", 0, 30, 100, (46, 8), 6, 130),
    "b12": Measure("Vitamin B12", "2132-9", "pg/mL", "pg/mL", 0, 232, 1245, (560, 110), 90, 1900),
    "folate": Measure("Folate", "2284-8", "ng/mL", "ng/mL", 1, 5.4, None, (13, 2.5), 2, 24),
    "homocysteine": Measure("Homocysteine", "13965-9", "umol/L", "umol/L", 1, None, 11.4, (8.1, 0.9), 4, 45),
    "magnesium": Measure("Magnesium", "19123-9", "mg/dL", "mg/dL", 1, 1.6, 2.3, (2.0, 0.1), 1.1, 2.9),
    # Liver, kidney, salts
    "alt": Measure("ALT", "1742-6", "U/L", "U/L", 0, None, 32, (18, 4), 5, 260, (None, 44), (23, 6)),
    "ast": Measure("AST", "1920-8", "U/L", "U/L", 0, None, 40, (19, 4), 6, 240),
    "creatinine": Measure(
        "Creatinine",
        "2160-0",
        "mg/dL",
        "mg/dL",
        2,
        0.57,
        1.0,
        (0.76, 0.07),
        0.4,
        3,
        (0.76, 1.27),
        (0.97, 0.08),
    ),
    "sodium": Measure("Sodium", "2951-2", "mmol/L", "mmol/L", 0, 134, 144, (140, 1.5), 125, 150),
    "potassium": Measure("Potassium", "2823-3", "mmol/L", "mmol/L", 1, 3.5, 5.2, (4.3, 0.25), 2.8, 6),
    "calcium": Measure("Calcium", "17861-6", "mg/dL", "mg/dL", 1, 8.7, 10.2, (9.5, 0.25), 7.5, 12),
    "albumin": Measure("Albumin", "1751-7", "g/dL", "g/dL", 1, 3.8, 4.9, (4.4, 0.2), 2.5, 5.4),
    "urate": Measure(
        "Uric acid", "3084-1", "mg/dL", "mg/dL", 1, 2.6, 6.2, (4.6, 0.6), 2, 12, (3.8, 8.4), (5.8, 0.7)
    ),
    # Hormones
    "cortisol": Measure("Cortisol, morning", "2143-6", "ug/dL", "mcg/dL", 1, 6.2, 19.4, (12.6, 2.2), 1, 40),
    "dheas": Measure(
        "DHEA sulfate", "2191-5", "ug/dL", "mcg/dL", 0, 41, 243, (150, 35), 10, 700, (71, 375), (230, 50)
    ),
    "estradiol": Measure("Estradiol", "2243-4", "pg/mL", "pg/mL", 0, 12, 498, (110, 30), 5, 600),
    "testosterone": Measure(
        "Testosterone, total", "2986-8", "ng/dL", "ng/dL", 0, 13, 71, (30, 7), 3, 1200, (264, 916), (520, 110)
    ),
    # Vital signs
    "systolic": Measure(
        "Systolic blood pressure",
        "8480-6",
        "mm[Hg]",
        "mmHg",
        0,
        None,
        None,
        (118, 7),
        80,
        210,
        category="vital-signs",
    ),
    "diastolic": Measure(
        "Diastolic blood pressure",
        "8462-4",
        "mm[Hg]",
        "mmHg",
        0,
        None,
        None,
        (75, 5),
        45,
        125,
        category="vital-signs",
    ),
    "heart_rate": Measure(
        "Heart rate", "8867-4", "/min", "bpm", 0, None, None, (69, 7), 42, 130, category="vital-signs"
    ),
    "weight": Measure(
        "Body weight",
        "29463-7",
        "[lb_av]",
        "lb",
        1,
        None,
        None,
        (150, 16),
        30,
        380,
        category="vital-signs",
        usual_men=(182, 18),
    ),
    "height": Measure(
        "Body height",
        "8302-2",
        "[in_i]",
        "in",
        1,
        None,
        None,
        (64.5, 2.3),
        36,
        80,
        category="vital-signs",
        usual_men=(69.8, 2.5),
    ),
    "bmi": Measure(
        "Body mass index", "39156-5", "kg/m2", "kg/m2", 1, None, None, (24, 3), 12, 60, category="vital-signs"
    ),
    # Scores
    "phq9": Measure(
        "PHQ-9 score", "44261-6", "{score}", "points", 0, None, 4, (2, 1), 0, 27, category="survey"
    ),
    "gad7": Measure(
        "GAD-7 score", "70274-6", "{score}", "points", 0, None, 4, (2, 1), 0, 21, category="survey"
    ),
    "pain": Measure(
        "Pain, 0 to 10", "72514-3", "{score}", "points", 0, None, None, (1, 0.5), 0, 10, category="survey"
    ),
    "msq": Measure(
        "Medical Symptoms Questionnaire, total",
        "",
        "{score}",
        "points",
        0,
        None,
        10,
        (9, 3),
        0,
        180,
        category="survey",
    ),
}

BLOOD_PRESSURE_CODE = "85354-9"

#: What is drawn together, for every new patient and about once a year.
BASE_PANEL = (
    "hemoglobin",
    "mcv",
    "leukocytes",
    "platelets",
    "glucose",
    "hba1c",
    "cholesterol",
    "hdl",
    "triglycerides",
    "ldl",
    "alt",
    "creatinine",
    "potassium",
    "tsh",
    "vitamin_d",
    "ferritin",
    "hscrp",
    "b12",
)
