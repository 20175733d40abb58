"""Bowel, joints and the immune system."""

from __future__ import annotations

from .story import Course, Marker, Story

GUT_AND_IMMUNE = (
    Story(
        key="sibo",
        title="Bloating, pain and loose stools",
        weight=10,
        ages=(20, 68),
        sexes=(1.0, 0.45),
        problems=(("ibs", 9), ("sibo", 1), ("reflux", 6)),
        markers=(
            Marker("b12", (268, 45), (520, 90), 6),
            Marker("ferritin", (31, 9), (58, 12), 8),
            Marker("vitamin_d", (25, 5), (47, 7), 5),
            Marker("msq", (72, 15), (26, 9), 3),
            Marker("hscrp", (2.1, 0.6), (1.0, 0.3), 5),
        ),
        panel=("b12", "folate", "ferritin", "ttg", "albumin", "hscrp"),
        scores=("msq",),
        courses=(
            Course("omeprazole 20", -1, ends=2, reason="Reflux", likely=0.45),
            Course("rifaximin 550", 1, days=14, reason="Positive breath test", likely=0.6),
            Course("oregano", 1, days=42, reason="Positive breath test", likely=0.4),
            Course("peppermint", 0, ends=3, reason="Cramps"),
            Course("probiotic", 2, reason="After treatment"),
            Course("fiber", 2, likely=0.6),
            Course("glutamine", 1, ends=4, likely=0.5),
            Course("b12", 1, ends=4, reason="Low B12"),
        ),
        says=(
            "Bloated an hour after every meal, three to five loose stools a day since a stomach "
            "infection abroad.",
            "Cramps, wind, unable to plan a day out. Worse with onions, apples and milk.",
        ),
        better=(
            "One or two formed stools a day, bloating only after restaurants.",
            "Ate garlic twice without trouble. Two pounds heavier and glad of it.",
        ),
        same=(
            "Good for three weeks after treatment, then bloating came back.",
            "No change yet; finished the antibiotic a week ago.",
        ),
        assessment="Irritable bowel, diarrhea-predominant, with a positive lactulose breath test.",
        plans=(
            "Breath test, celiac serology, low-FODMAP for four weeks with the coach.",
            "Treat the overgrowth, prokinetic at night afterwards, meals four hours apart.",
            "Reintroduce foods one at a time. Probiotic.",
            "Continue fiber, widen the diet.",
        ),
        coaching=(
            "Low-FODMAP: shopping list and seven dinners that the family eats too.",
            "Reintroduction: garlic this week, wheat next, one portion and a diary.",
            "Chewing, sitting down to eat, four hours between meals.",
        ),
        reports=(
            (
                "Lactulose breath test",
                "Rise of hydrogen by 34 ppm within 90 minutes: consistent with small intestinal "
                "bacterial overgrowth.",
            ),
        ),
        weight_factor=0.95,
        weight_goal=0.98,
        visits_a_year=4.5,
    ),
    Story(
        key="rheumatoid",
        title="Painful, swollen finger joints",
        weight=4,
        ages=(34, 72),
        sexes=(1.0, 0.4),
        problems=(("rheumatoid", 5), ("vitamin_d_deficiency", 2)),
        markers=(
            Marker("hscrp", (14, 5), (3.4, 1.2), 6),
            Marker("esr", (42, 10), (18, 5), 6),
            Marker("hemoglobin", (11.9, 0.4), (13.1, 0.4), 8),
            Marker("vitamin_d", (19, 4), (49, 7), 5),
            Marker("pain", (6.5, 1), (2.8, 0.8), 5),
        ),
        panel=("hscrp", "esr", "hemoglobin", "leukocytes", "platelets", "alt", "creatinine"),
        scores=("pain",),
        courses=(
            Course("hydroxychloroquine 200", -1, reason="Rheumatoid arthritis, by the rheumatologist"),
            Course("curcumin", 0, reason="Joint pain"),
            Course("omega 3", 0, reason="Inflammation"),
            Course("vitamin d 5000", 1, ends=4, reason="Vitamin D deficiency"),
            Course("probiotic", 2, likely=0.3),
        ),
        says=(
            "Stiff for two hours each morning, rings no longer fit. Under a rheumatologist, wants to do "
            "what can be done beside it.",
            "Wrists and knuckles swell in turn. Methotrexate brought on nausea.",
        ),
        better=(
            "Stiff for twenty minutes, opens jars again.",
            "Two flares in three months instead of one a week.",
        ),
        same=("A flare after the holidays, knuckles warm.", "Pain as before, sleep worse for it."),
        assessment="Rheumatoid arthritis on hydroxychloroquine, inflammation partly controlled.",
        plans=(
            "Omega-3 and curcumin beside the rheumatologist's treatment. Mediterranean diet. Eye check "
            "is due each year.",
            "Continue. Copy of the results to the rheumatologist.",
            "Hand exercises, vitamin D control.",
        ),
        coaching=(
            "Oily fish three times a week: recipes.",
            "Pacing: two rests a day, before the pain tells.",
        ),
        reports=(
            (
                "Letter of the rheumatologist",
                "Moderate activity, continues hydroxychloroquine 400 mg a day. Next review in six months.",
            ),
        ),
    ),
    Story(
        key="celiac",
        title="Celiac disease, still tired",
        weight=3,
        ages=(18, 60),
        sexes=(1.0, 0.6),
        problems=(("celiac", 4), ("iron_deficiency", 2)),
        markers=(
            Marker("ttg", (58, 18), (5, 2), 7),
            Marker("ferritin", (9, 3), (44, 10), 7),
            Marker("hemoglobin", (11.2, 0.4), (13.4, 0.4), 4),
            Marker("folate", (4.6, 0.8), (12, 2), 5),
            Marker("vitamin_d", (20, 4), (45, 7), 5),
        ),
        panel=("ttg", "ferritin", "hemoglobin", "mcv", "folate", "b12", "albumin"),
        scores=("msq",),
        least_response=0.55,
        courses=(
            Course("iron", 0, ends=4, reason="Iron deficiency"),
            Course("vitamin c", 0, ends=4, likely=0.5),
            Course("folate", 1, ends=4),
            Course("vitamin d 2000", 1),
            Course("multivitamin", 3),
        ),
        says=("Diagnosed by biopsy two years ago. Eats gluten-free, still tired and bloated.",),
        better=("Energy better, no bloating. Found oats from another maker.",),
        same=("Ate out often this month, symptoms came back.",),
        assessment="Celiac disease, antibodies not yet normal: hidden gluten likely.",
        plans=(
            "Review of the kitchen and of oats with the coach; iron every other day.",
            "Repeat antibodies in four months.",
            "Bone density when antibodies are normal.",
        ),
        coaching=("Went through the pantry on video: soy sauce, oats, a shared toaster.",),
        reports=(("Duodenal biopsy report", "Marsh 3b. Findings of celiac disease."),),
    ),
)
