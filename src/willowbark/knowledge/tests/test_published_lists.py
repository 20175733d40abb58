"""
What lists that anybody may read call severe, written as people write it: by brand, generic name, class
What lists that anybody may read call severe, written as people write it: misspelt.

Each line is a supplement, the least severity, and what it must not go with unnoticed; each heading the list
that says so. A pair that is rated below its line is a defect; so is a harmless pair that is called severe.
"""

from __future__ import annotations

from datetime import date

import pytest

from willowbark.knowledge.core.asked import Asked
from willowbark.knowledge.core.checker import check
from willowbark.knowledge.core.release import SEVERITIES
from willowbark.knowledge.selectors import release

TODAY = date(2026, 11, 22)
MAJOR, BANNED = "major", "contraindicated"

WITH_DRUGS = """
FDA labelling of antiretrovirals and of drugs against hepatitis C
St. John's wort: contraindicated: Reyataz, Prezista, Symtuza, Viracept, Kaletra, Paxlovid, Edurant
St. John's wort: contraindicated: Odefsey, Complera, Delstrigo
St. John's wort: contraindicated: Zepatier, Vosevi, Mavyret, Epclusa, Harvoni, Selzentry, Sustiva, Symfi
hypericum: major: Biktarvy, Descovy, Vemlidy, Triumeq, Vocabria, Rukobia, Sunlenca, Yeztugo, Isentress
hypericum: major: Intelence
garlic capsules: major: Invirase, Reyataz
calcium carbonate: major: Tivicay, Dovato, Juluca, Biktarvy, Isentress, Genvoya
iron 65 mg: major: dolutegravir, bictegravir, Stribild

FDA labelling of immunosuppressants
St John's wort: contraindicated: Sandimmune, Gengraf, Prograf, Envarsus XR, Astagraf, Rapamune, Zortress
St John's wort: contraindicated: Lupkynis
grapefruit juice: major: cyclosporin, tacrolimus 1 MG Oral Capsule, sirolimus, everolimus, voclosporin
schisandra, goldenseal, pomelo, berberine: major: tacrolimus, Neoral
turmeric: major: Prograf
echinacea, astragalus, cat's claw, alfalfa, tinospora: major: azathioprine, CellCept, Humira, Xeljanz
echinacea, astragalus, cat's claw, alfalfa, tinospora: major: Rinvoq

FDA labelling of anticoagulants; fact sheets of NIH and NCCIH; EMA monographs
St. Johns wort: major: Coumadin, Jantoven, warfarine, Marcumar, acenocoumarol, fluindione, Eliquis
St. Johns wort: major: Xarelto, Pradaxa, Savaysa
ginkgo, garlic, dong quai, danshen, feverfew, turmeric, ginger, horse chestnut: major: warfarin, apixaban
ginkgo, garlic, dong quai, danshen, feverfew, turmeric, ginger, horse chestnut: major: Lovenox
vitamin K, natto: major: warfarin, Marcumar, Sintrom, Previscan
alfalfa, goji, royal jelly, red clover, wintergreen, willow bark, glucosamine: major: Coumadin 5 mg
nattokinase, serrapeptase, sweet clover, tonka bean, cinchona bark: major: warfarin, rivaroxaban
cannabidiol, cannabis: major: warfarin

FDA boxed warnings and labelling of antidepressants, opioids, triptans and linezolid
5-HTP, SAMe, L-tryptophan, St. John's wort, kanna: major: Zoloft, fluoxitine, Paxil CR, citalopram
5-HTP, SAMe, L-tryptophan, St. John's wort, kanna: major: Lexapro, Luvox, Effexor XR
5-HTP, SAMe, L-tryptophan, St. John's wort: major: Cymbalta, Pristiq, amitriptyline, clomipramine
5-HTP, SAMe, L-tryptophan, St. John's wort: major: trazodone, buspirone, Auvelity
5-HTP, SAMe, L-tryptophan, St. John's wort: major: tramadol, Demerol, methadone, fentanyl, Robitussin DM
5-HTP, SAMe, L-tryptophan, St. John's wort: major: Imitrex, Reyvow, Zyvox
5-HTP, SAMe, L-tryptophan, St. John's wort: contraindicated: Nardil, Parnate, Emsam, Azilect, Xadago
5-HTP, SAMe, L-tryptophan, St. John's wort: contraindicated: moclobemide
5-HTP, SAMe, St. John's wort: major: SNRIs, SSRIs, tricyclic antidepressants, MAO inhibitors, triptans
tyrosine, phenylalanine, mucuna, fava beans, ephedra, aged cheese, brewer's yeast: contraindicated:
tyrosine, phenylalanine, mucuna, fava beans, ephedra, aged cheese, brewer's yeast: contraindicated: phenelzine
tyrosine, phenylalanine, mucuna, fava beans, ephedra, aged cheese, brewer's yeast: contraindicated: Parnate
yohimbe, bitter orange, scotch broom, khat, caffeine, ginseng, DMHA, BMPEA: major: tranylcypromine
yohimbe: major: clonidine, imipramine, chlorpromazine, venlafaxine, bupropion, Adderall XR

FDA labelling of statins and fibrates; red yeast rice holds lovastatin
red yeast rice: contraindicated: Zocor, Lipitor, Mevacor, simvistatin, cyclosporine, itraconazole
red yeast rice: contraindicated: clarithromycin, Kaletra, Prezcobix
red yeast rice: major: Tricor, Lopid, amiodarone, diltiazem, verapamil, colchicine, Multaq, ranolazine
red yeast rice: major: danazol, daptomycin
grapefruit: major: simvastatin, Lipitor, lovastatin, Caduet, Vytorin

FDA: Grapefruit juice and some drugs don't mix; labelling
grapefruit: major: felodipine, Adalat CC, nisoldipine, Zanidip, nimodipine, Cordarone, dronedarone
grapefruit: major: buspirone, Halcion, quinidine
grapefruit: major: ticagrelor, colchicine, pimozide, Latuda, quetiapine, Corlanor, Ranexa, Inspra
grapefruit: major: Jynarque, Kerendia, Camzyos
grapefruit: major: nilotinib, Sprycel, Tykerb, Votrient, Sutent, Xalkori, Imbruvica, Venclexta, Bosulif
grapefruit: major: Inlyta, Cabometyx, Kisqali
grapefruit: major: methadone, fentanyl, oxycodone, Rapaflo, Uroxatral, Levitra, Stendra, Movantik
grapefruit: major: Juxtapid, Belsomra, Mayzent
grapefruit: major: Kalydeco, Addyi, Cerdelga, Caplyta, Plavix, Intuniv, carbamazepine, dihydroergotamine
grapefruit: major: cisapride

FDA labelling: strong inducers of CYP3A4 and P-glycoprotein
St. John's wort: major: Lanoxin, digitoxin, Yaz, Slynd, Nexplanon, levonorgestrel, Lo Loestrin Fe
St. John's wort: major: NuvaRing, Plan B, Ella, ellaOne
St. John's wort: major: Gleevec, Sprycel, Tasigna, Tarceva, Camptosar, Taxotere, Jevtana, Ibrance
St. John's wort: major: Verzenio, Lynparza, Xtandi, Nubeqa
St. John's wort: major: Jaypirca, Truqap, Orserdu, Vanflyta, Augtyro, Scemblix, Fotivda, Rezlidhia
St. John's wort: major: methotrexate, tamoxifen
St. John's wort: major: methadone, OxyContin, Suboxone, midazolam, Xanax, Seroquel, clozapine, phenytoin
St. John's wort: major: carbamazepine
St. John's wort: major: theophylline, verapamil, nifedipine, ivabradine, ranolazine, Brilinta, eplerenone
St. John's wort: major: Opsumit, Tracleer
St. John's wort: major: Trikafta, Alyftrek, Vfend, Cresemba, omeprazole, Voquezna, Otezla, Xeljanz
St. John's wort: major: Nurtec ODT, Qulipta
St. John's wort: major: Wakix, Nourianz, Hetlioz, Nuplazid, Ztalmy, Skyclarys, Lynkuet, Korlym, Orilissa
St. John's wort: major: Emflaza, Agamree
St. John's wort: major: anesthesia, ketamine, propofol, aminolevulinic acid

Labelling of levothyroxine, quinolones, tetracyclines, bisphosphonates and chelators
calcium, iron, magnesium, zinc: major: Synthroid, levothyroxin, L-Thyroxin, Tirosint, Armour Thyroid
calcium, iron, magnesium, zinc: major: liothyronine
calcium, iron, magnesium, zinc: major: Cipro, levofloxacin, Avelox, Baxdela, doxycyclin, Minocin, Nuzyra
calcium, iron, magnesium, zinc: major: Seysara, tetracyclines
calcium, iron, magnesium: major: Fosamax, risedronate, Boniva, eltrombopag, penicillamine
copper: major: penicillamine, Syprine
calcium: major: ceftriaxone, estramustine

Labelling of ACE inhibitors, sartans, potassium-sparing diuretics, trimethoprim
potassium chloride, salt substitute, potassium citrate: major: Zestril, enalapril, Cozaar, Diovan
potassium chloride, salt substitute, potassium citrate: major: Entresto, aliskiren, Bactrim DS
potassium: major: spironolactone, Inspra, amiloride, Dyazide, Kerendia, Yaz, tacrolimus, ciclosporin
potassium: major: co-amilofruse

Labelling of digoxin and lithium; EMA monographs of liquorice, senna, aloes
licorice, senna, aloe latex, cascara, buckthorn, chan su: major: Lanoxin, digoxine
foxglove, oleander, hawthorn, ephedra: major: Lanoxin, digoxine
licorice: major: furosemide, hydrochlorothiazide, chlortalidone, Lotensin HCT, spironolactone, sotalol
squill, lily of the valley, milkweed, adonis: contraindicated: digoxin, metildigoxin
dandelion, juniper, uva ursi, parsley, nettle, celery, goldenrod, buchu: major: Lithobid, lithium carbonate
lithium orotate: contraindicated: Priadel
kelp, iodine, potassium iodide: major: methimazole, propylthiouracil, Neo-Mercazole, amiodarone
hawthorn, L-arginine: major: nitroglycerin, isosorbide, sildenafil, Cialis

Lists of QT drugs; FDA on ephedrine alkaloids and on cesium
ephedra, aconite, cinchona: major: Cordarone, sotalol, Tikosyn, citalopram, methadone, ondansetron, Haldol
ephedra, aconite, cinchona: major: moxifloxacin
cesium chloride, ibogaine: contraindicated: dofetilide, Haldol, methadone
ephedra, bitter orange, yohimbe, methylsynephrine: major: Sudafed, Adderall, methylphenidate, Qsymia
ephedra, bitter orange, yohimbe, methylsynephrine: major: digoxin

FDA and NCCIH on kava, kratom, phenibut; labelling of sedatives
kava, phenibut, kratom: major: alprazolam, lorazepam, Ambien, phenobarbital, alcohol
kava: major: acetaminophen, methotrexate, levodopa, Sinemet
melatonin: major: Luvox
kratom: major: oxycodone, naltrexone, sertraline, Adderall
cannabidiol: major: Onfi, Depakote, Prograf, Zortress

Oncology lists (NCI, Memorial Sloan Kettering); labelling
vitamin C, NAC, vitamin E, alpha lipoic acid, antioxidants: major: cisplatin, doxorubicin, Velcade
green tea extract: major: bortezomib
folic acid: major: Xeloda, 5-fluorouracil, methotrexate, tegafur
soy isoflavones, DHEA, red clover: major: tamoxifen, Arimidex, letrozole
kava: major: imatinib, docetaxel
ginseng: major: Gleevec
sho-saiko-to: contraindicated: interferon, Pegasys, interferon alfa-2b

Reviews of warfarin and herbs
cannabis, chamomile, cranberry, garlic, ginkgo, grapefruit, lycium, red clover, hypericum: major: warfarin

Classes as lists of the public write them
St. John's wort: major: SSRIs (Selective Serotonin Reuptake Inhibitors), Antimigraine drugs ("Triptans")
St. John's wort: major: Birth control pills (Contraceptive drugs), Medications for depression (MAOIs)
St. John's wort: major: Medications used for HIV/AIDS (Protease Inhibitors), transplant medications
St. John's wort: major: Cytochrome P450 3A4 (CYP3A4) substrates
St. John's wort: major: P-glycoprotein substrates, general anesthetics
ginkgo: major: Medications that slow blood clotting (Anticoagulant / Antiplatelet drugs), blood thinners
kava: major: Sedative medications (CNS depressants)
kava: major: Medications that can harm the liver (Hepatotoxic drugs)
kava: major: Sedative medications (Benzodiazepines), antianxiety drugs, sleep aids
potassium: major: ACE inhibitors (ACEIs), Angiotensin receptor blockers (ARBs), Potassium-sparing diuretics
licorice: major: Water pills (Diuretic drugs), Digoxin (Lanoxin), heart medications
yohimbe: major: MAOIs (Monoamine Oxidase Inhibitors), blood pressure medications, Phenothiazines
ephedra: major: Stimulant drugs
ephedra: major: Medications that can cause an irregular heartbeat (QT interval-prolonging drugs)
iron: major: Antibiotics (Quinolone antibiotics), Antibiotics (Tetracycline antibiotics), thyroid medications
red yeast rice: major: Medications used for lowering cholesterol (Statins)
vitamin A: major: Retinoids, Acne medication (isotretinoin)

Classes of which any drug may be the one: a kind within them counts
St. John's wort: major: blood thinners, immunosuppressants, antiretrovirals, chemotherapy, antidepressants
vitamin K, ginkgo, garlic, dong quai, danshen: major: blood thinners, anticoagulants
grapefruit: major: statins, immunosuppressants, calcium channel blockers
red yeast rice: major: statins, cholesterol medications, immunosuppressants, antifungals
iron, calcium, magnesium, zinc: major: antibiotics
potassium: major: blood pressure medications, diuretics
ephedra, yohimbe, bitter orange: major: antidepressants, heart medications

Labelling of retinoids, theophylline, clozapine, adenosine, levodopa and others
vitamin A: contraindicated: Accutane, Zenatane, Soriatane, bexarotene
caffeine: major: theophylline, clozapine, adenosine, Lexiscan
phenylalanine: major: levodopa
bitter melon, gymnema: major: insulin, Lantus, glipizide
activated charcoal: major: birth control pills, Synthroid, digoxin, theophylline, phenytoin
St. John's wort, comfrey: major: carbamazepine
PABA: major: Bactrim, dapsone
"""

WITH_CONDITIONS = """
Labelling, EMA monographs, LiverTox, NCCIH
pregnancy: major: blue cohosh, pennyroyal, tansy, rue, kava, ephedra, saw palmetto, goldenseal, berberine
pregnancy: major: red yeast rice, vitamin A
pregnancy: major: castor oil, autumn crocus, mayapple, sassafras, life root, cinchona, bloodroot, mandrake
pregnancy: major: foxglove, nux vomica
breastfeeding: major: red yeast rice, kava, comfrey, goldenseal, androstenedione
surgery: major: ginkgo, garlic, ephedra, kava, St. John's wort, feverfew, dong quai
cirrhosis: major: kava, comfrey, chaparral, germander, pennyroyal, greater celandine, borage seed oil
cirrhosis: major: guduchi, sassafras
heart failure: major: licorice, ephedra, foxglove, aconite, cesium chloride
hypertension: major: licorice, ephedra, yohimbe, bitter orange
kidney failure: major: potassium, star fruit, noni, aristolochia, magnesium, licorice, phosphorus
sick sinus syndrome: major: foxglove, aconite
hemochromatosis: major: iron
Wilson's disease: major: copper
G6PD deficiency: major: vitamin C, fava beans, cinchona
epilepsy: major: ginkgo, wormwood, camphor, thuja, nux vomica
bipolar disorder: major: St. John's wort, SAMe
kidney transplant: major: St. John's wort, echinacea, kombucha
central venous catheter: major: Saccharomyces boulardii
lupus: major: echinacea, alfalfa
appendicitis: major: senna, cascara
aspirin allergy: contraindicated: willow bark
myasthenia gravis: major: magnesium, cinchona
"""

HARMLESS = """
vitamin D 1000 IU daily: metformin, lisinopril, atorvastatin, levothyroxine, sertraline, omeprazole
vitamin D 1000 IU daily: amlodipine, warfarin
vitamin C 500 mg daily: warfarin, lisinopril, metformin, atorvastatin, sertraline, levothyroxine
vitamin C 500 mg daily: birth control pills
vitamin B12: metformin, omeprazole, lisinopril, sertraline
magnesium: lisinopril, metformin, sertraline, atorvastatin, amlodipine, metoprolol, losartan
fish oil: aspirin, atorvastatin, lisinopril, sertraline, metformin, warfarin, clopidogrel
CoQ10: atorvastatin, simvastatin, lisinopril, metoprolol
probiotics: amoxicillin, metformin, lisinopril, omeprazole
psyllium: metformin, atorvastatin, sertraline
melatonin: lisinopril, metformin, sertraline, atorvastatin
turmeric: metformin, lisinopril, atorvastatin, sertraline
vitamin K2: lisinopril, atorvastatin, apixaban
potassium: hydrochlorothiazide, furosemide, metformin
creatine, glycine, whey protein, inositol: lisinopril, metformin, sertraline, atorvastatin
coffee: lisinopril, metformin, sertraline, levothyroxine
"""


def rows(text: str) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Left side, least severity and right side of each line, with the heading that it stands under."""
    found, heading = [], ""
    for line in text.strip().split("\n"):
        parts = [part.split(", ") for part in line.split(": ")]
        if len(parts) == 3 and parts[1][0] in SEVERITIES:
            found.append((heading, parts[1][0], tuple(parts[0]), tuple(parts[2])))
        elif line:
            heading = line
    return found


def rated_below(least: str, asked: list[Asked]) -> list[str]:
    """The pairs that are found with less than that, or in which something is not recognised."""
    missed = []
    for one in asked:
        checked = check(release(), one, on=TODAY)
        known = [
            SEVERITIES.index(found.severity)
            for found in checked.findings
            if found.severity and len(found.between) == 2
        ]
        if checked.person.unrecognised or min(known, default=len(SEVERITIES)) > SEVERITIES.index(least):
            missed.append(" + ".join((*one.supplements, *one.drugs, *one.conditions)))
    return missed


def said(value: object) -> str | None:
    return value[0][:40] if isinstance(value, tuple) else None


@pytest.mark.parametrize(("heading", "least", "supplements", "drugs"), rows(WITH_DRUGS), ids=said)
def test_a_listed_pair_with_a_drug_is_found(heading, least, supplements, drugs):
    pairs = [Asked(supplements=(one,), drugs=(drug,)) for one in supplements for drug in drugs]

    assert rated_below(least, pairs) == [], heading


@pytest.mark.parametrize(("heading", "least", "condition", "supplements"), rows(WITH_CONDITIONS), ids=said)
def test_a_listed_pair_with_a_condition_is_found(heading, least, condition, supplements):
    pairs = [Asked(supplements=(one,), conditions=condition) for one in supplements]

    assert rated_below(least, pairs) == [], heading


def test_what_is_taken_together_every_day_is_not_called_severe():
    severe = []
    for line in HARMLESS.strip().split("\n"):
        supplements, drugs = (part.split(", ") for part in line.split(": "))
        for one in supplements:
            for drug in drugs:
                findings = check(release(), Asked(supplements=(one,), drugs=(drug,)), on=TODAY).findings
                if any(found.severity in (MAJOR, BANNED) and len(found.between) == 2 for found in findings):
                    severe.append(f"{one} + {drug}")

    assert severe == []


def test_a_plant_among_the_drugs_is_read_as_a_supplement():
    """The names of drugs hold plants as well, of whose classes nothing is known."""
    checked = check(release(), Asked(drugs=("Ephedra", "Nardil")), on=TODAY)

    assert checked.person.unrecognised == ()
    assert checked.findings[0].severity == BANNED
    assert set(checked.findings[0].between) == {"Ephedra", "Nardil"}


def test_drugs_that_are_named_beside_their_class_count_with_it():
    text = "Hepatotoxic drugs (acetaminophen, statins, methotrexate)"
    person = check(release(), Asked(drugs=(text,)), on=TODAY).person

    assert person.unrecognised == ()
    assert person.drugs[0].drug_keys == ("acetaminophen", "methotrexate")
    assert {"hepatotoxic", "statin", "statin_cyp3a4", "chemotherapy"} <= set(person.drugs[0].class_keys)


def test_an_allergy_among_the_conditions_is_read_as_one():
    checked = check(release(), Asked(conditions=("Ragweed allergy", "Ragweed")), on=TODAY)

    assert [one.text for one in checked.person.allergies] == ["Ragweed allergy"]
    assert [(one.kind, one.text) for one in checked.person.unrecognised] == [("condition", "Ragweed")]
