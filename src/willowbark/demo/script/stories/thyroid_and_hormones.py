"""Thyroid, perimenopause and polycystic ovaries."""

from __future__ import annotations

from .story import Course, Marker, Story

THYROID_AND_HORMONES = (
    Story(
        key="hashimoto",
        title="Fatigue and cold intolerance, thyroid antibodies",
        weight=9,
        ages=(24, 66),
        sexes=(1.0, 0.12),
        problems=(("hashimoto", 6), ("hypothyroidism", 5)),
        markers=(
            Marker("tsh", (9.2, 3.4), (1.9, 0.5), 3),
            Marker("ft4", (0.78, 0.08), (1.25, 0.1), 3),
            Marker("ft3", (2.1, 0.2), (3.0, 0.2), 4),
            Marker("tpo", (420, 190), (160, 70), 10),
            Marker("tgab", (38, 20), (12, 6), 10),
            Marker("cholesterol", (228, 18), (192, 12), 6),
            Marker("ferritin", (24, 8), (62, 12), 8),
            Marker("vitamin_d", (23, 5), (52, 7), 5),
            Marker("msq", (68, 15), (24, 8), 5),
        ),
        panel=("tsh", "ft4", "ft3", "tpo", "tgab", "ferritin", "vitamin_d"),
        scores=("msq",),
        courses=(
            Course("levothyroxine 25", -1, ends=0, reason="Hypothyroidism", likely=0.4),
            Course("levothyroxine 50", 0, ends=1, reason="Hypothyroidism"),
            Course("levothyroxine 75", 1, reason="Hypothyroidism"),
            Course("liothyronine 5", 3, reason="Low free T3 on levothyroxine alone", likely=0.25),
            Course("selenium", 0, reason="Thyroid antibodies"),
            Course("vitamin d 5000", 1, ends=4, reason="Vitamin D deficiency"),
            Course("vitamin d 2000", 4, reason="Maintenance"),
            Course("zinc", 2, likely=0.4),
        ),
        says=(
            "Tired for about three years, sleeps nine hours and wakes unrested. Cold hands, dry "
            "skin, hair thinning.",
            "Energy gone by two in the afternoon for about two years. Constipated, gained twelve pounds "
            "without eating more.",
            "Brain fog at work, feels the cold more than others do. An aunt and a sister have thyroid "
            "disease.",
        ),
        better=(
            "Energy steady until evening. Hair loss has stopped, bowels move daily.",
            "Back to the old self most days. No palpitations on the present dose.",
        ),
        same=(
            "Still tired after lunch; takes the tablet with coffee on most mornings.",
            "Little change in energy. Sleep has been short because of the new job.",
        ),
        assessment="Autoimmune thyroiditis with hypothyroidism.",
        plans=(
            "Start levothyroxine, control in six weeks. Selenium. Gluten-free trial for twelve weeks if "
            "wished.",
            "Adjust the dose to the result, take it an hour before breakfast and four hours from iron or "
            "calcium.",
            "Repeat TSH, free T4 and antibodies in three months.",
            "Continue. Antibodies once a year.",
        ),
        coaching=(
            "Breakfast with protein, tablet on waking and coffee an hour later. Agreed on a reminder.",
            "Twelve-week gluten-free trial: read labels together, listed six breakfasts.",
            "Walks after lunch four times a week, bed by half past ten.",
        ),
        blood_pressure=(114, 74),
        least_response=0.75,
        weight_factor=1.08,
        weight_goal=1.03,
    ),
    Story(
        key="perimenopause",
        title="Hot flashes, broken sleep, irregular cycles",
        weight=7,
        ages=(42, 56),
        sexes=(1.0, 0.0),
        problems=(("perimenopause", 3), ("insomnia", 2)),
        markers=(
            Marker("estradiol", (34, 14), (62, 16), 4),
            Marker("dheas", (88, 20), (105, 20), 8),
            Marker("cholesterol", (214, 15), (199, 12), 6),
            Marker("vitamin_d", (27, 5), (48, 7), 5),
            Marker("msq", (58, 13), (19, 7), 4),
            Marker("gad7", (9, 2), (3, 1), 4),
        ),
        panel=("estradiol", "tsh", "dheas", "cortisol", "cholesterol", "hdl", "triglycerides", "ldl"),
        scores=("msq", "gad7"),
        courses=(
            Course("black cohosh", -1, ends=1, reason="Hot flashes", likely=0.5),
            Course("progesterone 100", 1, reason="Sleep, protection of the endometrium", likely=0.8),
            Course("estradiol patch", 1, reason="Vasomotor symptoms", likely=0.6),
            Course("magnesium", 0, reason="Sleep"),
            Course("omega 3", 0, likely=0.6),
            Course("vitamin d 2000", 1),
        ),
        says=(
            "Six to ten hot flashes a day, wakes at three drenched. Last period eleven weeks ago, cycles "
            "were 24 to 50 days.",
            "Irritable, forgets words in meetings, night sweats since the winter. Does not feel like "
            "herself.",
        ),
        better=(
            "One or two mild flashes a day, sleeps through five nights of seven.",
            "Mood even, concentrates again. No breast tenderness, no bleeding.",
        ),
        same=("Flashes as before; used the patch irregularly.", "Sleep still broken, now mostly by worry."),
        assessment=(
            "Perimenopausal vasomotor and sleep symptoms; no contraindication to transdermal estradiol found."
        ),
        plans=(
            "Magnesium at bedtime, less alcohol, cool bedroom. Discussed hormone therapy, risks and "
            "alternatives; she will think.",
            "Transdermal estradiol with oral progesterone at bedtime. Mammogram is up to date.",
            "Continue the same dose, review in three months.",
        ),
        coaching=(
            "Wine only at weekends for a month; flashes are worse the night after.",
            "Strength training twice a week, beginner's plan handed over.",
            "Wind-down routine: screens off at nine, window open.",
        ),
    ),
    Story(
        key="pcos",
        title="Irregular cycles, acne, wishes to conceive",
        weight=5,
        ages=(19, 39),
        sexes=(1.0, 0.0),
        problems=(("pcos", 8), ("insulin_resistance", 3)),
        markers=(
            Marker("insulin", (21, 5), (9, 2), 6),
            Marker("glucose", (98, 4), (89, 4), 6),
            Marker("hba1c", (5.6, 0.15), (5.3, 0.1), 6),
            Marker("testosterone", (78, 13), (49, 8), 6),
            Marker("dheas", (290, 50), (240, 40), 8),
            Marker("triglycerides", (158, 30), (104, 18), 6),
            Marker("vitamin_d", (22, 4), (47, 7), 5),
        ),
        panel=("insulin", "glucose", "hba1c", "testosterone", "dheas", "tsh"),
        scores=("msq",),
        courses=(
            Course("inositol", 0, reason="Polycystic ovary syndrome"),
            Course("metformin 500", 1, ends=4, reason="Insulin resistance", likely=0.5),
            Course("spironolactone 50", 0, reason="Acne, hair growth", likely=0.25),
            Course("vitamin d 5000", 1, ends=3),
            Course("folate", 2, reason="Wishes to conceive", likely=0.6),
        ),
        says=(
            "Four or five periods a year since she was sixteen. Acne along the jaw. Trying to conceive "
            "for ten months.",
            "Cycles of 45 to 90 days, hair on the chin, hungry two hours after meals.",
        ),
        better=("Cycles now 32 to 36 days, skin clearer.", "Three ovulatory cycles in a row by temperature."),
        same=(
            "No period since the last visit.",
            "Stopped metformin because of loose stools; started again at half.",
        ),
        assessment="Polycystic ovary syndrome with insulin resistance.",
        plans=(
            "Myo-inositol, protein at breakfast, strength training. Fasting insulin and androgens.",
            "Add metformin, slowly. Track cycles.",
            "Continue, repeat insulin and androgens in four months.",
        ),
        coaching=(
            "Built three lunches with 30 g of protein each.",
            "Ten minutes of walking after the two largest meals.",
        ),
        weight_factor=1.2,
        weight_goal=1.1,
    ),
)
