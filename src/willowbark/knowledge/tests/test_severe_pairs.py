"""Pairs that published lists call severe are found, whatever name the drug goes by."""

from __future__ import annotations

from datetime import date

import pytest

from willowbark.knowledge.core.asked import Asked
from willowbark.knowledge.core.checker import check
from willowbark.knowledge.core.release import SEVERITIES
from willowbark.knowledge.selectors import release

TODAY = date(2026, 11, 22)
SEVERE = frozenset({"contraindicated", "major"})

# Labelling of the FDA, fact sheets of the NIH, monographs of the EMA.
PAIRS = """
St. John's wort: dolutegravir, Biktarvy, Genvoya, Cabenuva, Paxlovid, maraviroc, Epclusa, cyclosporine
hypericum: sirolimus, irinotecan, imatinib, ivosidenib, selpercatinib, warfarin, Eliquis, Xarelto, digoxin
hypericum: methadone, tramadol, sumatriptan, linezolid, methylene blue, phenelzine, sertraline, venlafaxine
hypericum: birth control pill, ulipristal, ivabradine, ranolazine, Trikafta, naloxegol, elagolix, mavacamten
hypericum: macitentan, aripiprazole, omeprazole, tamoxifen, aminolevulinic acid, siponimod, ritlecitinib
grapefruit: simvastatin, felodipine, cyclosporine, amiodarone, nilotinib, tolvaptan, lurasidone, dofetilide
pomelo: tacrolimus, simvastatin
red yeast rice: Zocor, gemfibrozil, clarithromycin, itraconazole, cobicistat, dronedarone, daptomycin
red yeast rice: letermovir, fusidic acid, danazol, cyclosporine, ritonavir
potassium: lisinopril, losartan, spironolactone, Entresto, trimethoprim, tacrolimus, oxybutynin
vitamin K: Coumadin, acenocoumarol
natto: warfarin
danshen: warfarin
tonka bean: warfarin, rivaroxaban
nattokinase: apixaban, clopidogrel, aspirin
wintergreen: warfarin, acetazolamide
safflower: warfarin
5-HTP: fluoxetine, phenelzine, tramadol, carbidopa, sumatriptan
SAMe: clomipramine, tranylcypromine, meperidine
kanna: fluoxetine, phenelzine
khat: phenelzine, amphetamine
DMAA: phenelzine, amphetamine
hydrazine sulfate: phenelzine, sertraline, meperidine
kava: alprazolam, acetaminophen, methotrexate, alcohol
kratom: oxycodone, naltrexone, Adderall
licorice: digoxin, furosemide, sotalol
oleander: digoxin, verapamil, clarithromycin
aconite: digoxin, amiodarone, metoprolol
cesium chloride: amiodarone, haloperidol, methadone
belladonna: oxybutynin, amitriptyline, donepezil
calcium: levothyroxine, ciprofloxacin, doxycycline, estramustine, ceftriaxone, Xofluza
iron: dolutegravir, deferasirox, dimercaprol, cefdinir, trientine
copper: penicillamine, trientine
vitamin D: calcitriol, doxercalciferol
vitamin A: isotretinoin, acitretin, bexarotene
vitamin B6: altretamine
folic acid: methotrexate, capecitabine
yohimbe: phenelzine, clonidine, amphetamine
ephedra: epinephrine, oxytocin, amiodarone
melatonin: fluvoxamine
activated charcoal: rilpivirine, dolutegravir, warfarin, digoxin
caffeine: regadenoson, adenosine, theophylline
cannabis: warfarin, tacrolimus, oxycodone
CBD: clobazam, tacrolimus, valproic acid
echinacea: cyclosporine, azathioprine
ginkgo: warfarin, ibuprofen
garlic: saquinavir
sho-saiko-to: interferon alfa
licorice: diuretics, water pills
St. John's wort: HIV medications, antiretrovirals, progestins, CYP3A4 substrates
yohimbe: ADHD medication, decongestants
kava: sleep medications
shankhapushpi: phenytoin
thuja: phenytoin
"""
CONDITIONS = """
kidney disease: potassium, licorice, aristolochia, germanium, star fruit
heart disease: ephedra, yohimbe, bitter orange
stroke: ephedra, khat
epilepsy: thuja, wormwood, camphor
liver disease: kava, comfrey, green tea extract, greater celandine, usnic acid, tryptophan
glaucoma: belladonna, ephedra
pregnancy: cannabis, coptis, neem, chaparral, aconite
schizophrenia: cannabis, mucuna
"""


def rows(text):
    lines = [line.split(": ") for line in text.split("\n") if line]
    return [(left, right.split(", ")) for left, right in lines]


def worst(asked):
    known = SEVERITIES[::-1]
    found = [known.index(one.severity) for one in check(release(), asked, on=TODAY).findings if one.severity]
    return known[max(found)] if found else "nothing"


@pytest.mark.parametrize(("supplement", "drugs"), rows(PAIRS), ids=lambda said: str(said)[:60])
def test_a_severe_pair_with_a_drug_is_found(supplement, drugs):
    said = {drug: worst(Asked(drugs=(drug,), supplements=(supplement,))) for drug in drugs}
    assert {drug: severity for drug, severity in said.items() if severity not in SEVERE} == {}


@pytest.mark.parametrize(("condition", "supplements"), rows(CONDITIONS), ids=lambda said: str(said)[:60])
def test_a_severe_pair_with_a_condition_is_found(condition, supplements):
    said = {one: worst(Asked(conditions=(condition,), supplements=(one,))) for one in supplements}
    assert {one: severity for one, severity in said.items() if severity not in SEVERE} == {}


def test_a_supplement_that_contradicts_another_is_found():
    assert worst(Asked(supplements=("laetrile", "vitamin C"))) in SEVERE
    assert worst(Asked(supplements=("foxglove", "senna"))) in SEVERE


@pytest.mark.parametrize("word", ["digoxin", "vitamin B12", "CK", "glucose"])
def test_a_test_by_one_word_is_recognised(word):
    checked = check(release(), Asked(lab_tests=(word,)), on=TODAY)
    assert checked.person.unrecognised == ()
