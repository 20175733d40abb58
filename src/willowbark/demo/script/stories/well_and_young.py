"""People who come to stay well, and children."""

from __future__ import annotations

from .story import Course, Marker, Story

WELL_AND_YOUNG = (
    Story(
        key="prevention",
        title="Wants to stay well",
        weight=7,
        ages=(24, 80),
        problems=(),
        markers=(Marker("vitamin_d", (31, 7), (48, 7), 6),),
        panel=("cholesterol", "hdl", "triglycerides", "ldl", "hba1c", "vitamin_d"),
        courses=(
            Course("vitamin d 2000", 1, likely=0.7),
            Course("omega 3", 0, likely=0.4),
            Course("multivitamin", -1, likely=0.3),
            Course("magnesium", 1, likely=0.3),
        ),
        says=(
            "Feels well. Both parents died in their sixties, wants to do better.",
            "Turns fifty, wants a plan.",
        ),
        better=("Feels well, trains for a half marathon.", "No complaints."),
        same=("No complaints.",),
        assessment="Well. Screening is up to date.",
        plans=(
            "Base panel, blood pressure at home, screening by age.",
            "Vitamin D, control in spring.",
            "Once a year.",
        ),
        coaching=("Two strength sessions a week, protein at breakfast.",),
        visits_a_year=1.6,
        labs_every=1,
    ),
    Story(
        key="asthma",
        title="Hay fever and asthma in the pollen season",
        weight=4,
        ages=(14, 55),
        problems=(("asthma", 20), ("rhinitis", 18)),
        markers=(Marker("vitamin_d", (26, 5), (45, 6), 5), Marker("hscrp", (1.4, 0.4), (0.9, 0.3), 6)),
        panel=("leukocytes", "vitamin_d", "hscrp"),
        courses=(
            Course("montelukast 10", -1, reason="Asthma", likely=0.5),
            Course("quercetin", 0, ends=3, reason="Hay fever"),
            Course("vitamin d 2000", 1),
            Course("omega 3", 1, likely=0.4),
        ),
        says=("Wheezes from April to July, uses the inhaler twice a week.",),
        better=("One bad week this season instead of ten.",),
        same=("Wheezed after every run in May.",),
        assessment="Mild seasonal asthma with allergic rhinitis.",
        plans=(
            "Quercetin from March, nasal rinse. Inhaler technique checked.",
            "Spirometry in the season.",
            "Continue.",
        ),
        coaching=("Nasal rinse after coming home, windows shut at noon.",),
        visits_a_year=2.2,
    ),
    Story(
        key="eczema",
        title="Eczema and tummy aches",
        weight=4,
        ages=(4, 15),
        problems=(("eczema", 3),),
        markers=(Marker("vitamin_d", (24, 5), (43, 6), 5), Marker("ferritin", (14, 3), (36, 8), 6)),
        panel=("hemoglobin", "ferritin", "vitamin_d", "ttg"),
        courses=(
            Course("probiotic", 0, likely=0.7),
            Course("vitamin d 2000", 1, reason="By weight and result", likely=0.6),
        ),
        says=(
            "Itches at night, elbows and knees open. Tummy aches on school days.",
            "Eczema since two months of age, worse in winter.",
        ),
        better=("Sleeps through, skin dry but closed.", "No tummy aches since dairy is out."),
        same=("A flare after swimming.",),
        assessment="Atopic dermatitis, moderate.",
        plans=(
            "Soak and seal every evening. Dairy out for four weeks, then in again.",
            "Continue, cream after swimming.",
            "Reintroduce eggs.",
        ),
        coaching=("With the mother: packed lunches without dairy, what to tell the school.",),
        blood_pressure=(102, 63),
        visits_a_year=3,
    ),
)
