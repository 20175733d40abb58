"""A price list is read as it was meant, or refused with the reason; a row that cannot be read says why."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.catalog.core.price_lists.cells import BadCell, cents_of, gtin_of, units_of
from willowbark.catalog.core.price_lists.columns import Columns, check_columns, guess
from willowbark.catalog.core.price_lists.labels import is_label_file, label_lines
from willowbark.catalog.core.price_lists.lines import line_of
from willowbark.catalog.core.price_lists.prices import Comparison
from willowbark.catalog.core.price_lists.reading import read_sheet
from willowbark.catalog.core.price_lists.sheet import Unreadable
from willowbark.catalog.core.products import ProductInfo, composition_sha256
from willowbark.catalog.testing import new_product
from willowbark.catalog.tests.sheets import compared, workbook
from willowbark.foundation.testing import shared_data
from willowbark.kernel.errors import Invalid
from willowbark.knowledge.selectors import release

GTIN = "4006381333931"
LIST = "UPC;Item Number;Product Name;Wholesale Price;MSRP\n4006381333931;z15;Zinc é;7,50;15,00\n"
READ = (("4006381333931", "z15", "Zinc é", "7,50", "15,00"),)


def known(key="zinc", **said):
    product = dataclasses.replace(new_product(key, name="Zinc"), **{"gtin": GTIN, **said})
    given = {field.name: getattr(product, field.name) for field in dataclasses.fields(product)}
    return ProductInfo(
        id=UUID(int=7), version=1, composition_sha256=composition_sha256(product), is_active=True, **given
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_text_is_read_in_every_encoding_and_with_every_delimiter(encoding, delimiter):
    sheet = read_sheet(LIST.replace(";", delimiter).encode(encoding))
    assert sheet.headers == ("UPC", "Item Number", "Product Name", "Wholesale Price", "MSRP")
    assert tuple(row.cells for row in sheet.rows) == READ


def test_a_spreadsheet_keeps_its_numbers_and_says_what_is_merged():
    sheet = read_sheet(workbook(["Prices of May"], ["UPC", "Cost"], [4006381333931, 7.5], merged="A1:B1"))
    assert sheet.headers == ("UPC", "Cost")
    assert [(row.number, row.cells) for row in sheet.rows] == [(3, (Decimal(4006381333931), Decimal("7.5")))]
    assert "merged" in sheet.notes[0]


def test_two_columns_of_one_name_are_told_apart_and_said():
    """Taken for the first of them, the wholesale price would become the patient's."""
    sheet = read_sheet(b"SKU,Price,Price\nz15,7.50,15.00\n")
    assert sheet.headers == ("SKU", "Price", "Price (2)")
    assert sheet.notes == ("Two columns are called 'Price': choose the right one.",)
    asked = check_columns(Columns({"key": "SKU", "price": "Price (2)"}, "USD"), sheet.headers)
    assert sheet.rows[0].cell(asked.column(sheet.headers, "price")) == "15.00"


def test_a_small_file_of_a_million_cells_is_refused_before_it_is_read():
    """A file of a few kilobytes would keep every page waiting for a minute."""
    cells = b'<row r="1">' + b'<c r="A1"><v>1</v></c>' * 700_000 + b"</row>"
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["SKU", "MSRP"], ["z", 1]))) as parts,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for part in parts.infolist():
            read = parts.read(part)
            if part.filename.startswith("xl/worksheets/"):
                read = read.replace(b"</sheetData>", cells + b"</sheetData>")
            made.writestr(part.filename, read)
    with pytest.raises(Unreadable, match="more than 600,000 cells"):
        read_sheet(content.getvalue())


def test_a_formula_whose_value_was_not_saved_is_said_and_not_worked_out():
    (line,) = compared(workbook(["SKU", "MSRP"], ["zinc", "=8*2"]), (known(),))
    assert (line.kind, "formula whose value was not saved" in line.reason) == ("unreadable", True)


def packed(**parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name.replace("__", "/") + ".xml", part)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"x" * 10_000_001, "10 MB"),
        (b"one column\n1\n", "headers"),
        (b"UPC,Cost\n", "below the headers"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", "neither text nor a spreadsheet|no text|headers"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"\xd0\xcf\x11\xe0 old", "old or locked"),
        (packed(word__document="<a/>"), "no spreadsheet"),
        (packed(xl__workbook="<a/>"), "cannot be read"),
        (packed(xl__workbook="<!DOCTYPE lolz>"), "none should"),
        (b"UPC,Cost\n" + b"1,2\n" * 20_001, "20,000 rows"),
        (b",".join(b"h" for _ in range(101)) + b"\n1,2\n", "100 columns"),
    ],
    ids=range(13),
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(content, said):
    with pytest.raises(Unreadable, match=said):
        read_sheet(content)


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked():
    bomb = packed(xl__workbook="<a/>", xl__worksheets__sheet1=b"0" * 100_000_001)
    assert len(bomb) < 200_000
    with pytest.raises(Unreadable, match="unpacks to more"):
        read_sheet(bomb)


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        ("12.50", 1250),
        ("12,50", 1250),
        ("12,5", 1250),
        ("1,234.50", 123450),
        ("1.234,50", 123450),
        ("1 234,50", 123450),
        ("1,234", 123400),
        ("$ 12.50", 1250),
        ("12.50 USD", 1250),
        ("usd 12.50", 1250),
        ("12", 1200),
        (Decimal("12.5"), 1250),
    ],
)
def test_money_is_read_as_it_is_written(cell, cents):
    assert cents_of(cell, "USD") == cents


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("", "no price"),
        ("-12.50", "below zero"),
        ("(12.50)", "below zero"),
        ("12.50-", "below zero"),
        ("0.00", "zero"),
        ("=A1*2", "formula"),
        ("€ 12.50", "not in USD"),
        ("12.50 EUR", "not in USD"),
        ("call us", "not"),
        ("1.2.3", "not a price"),
        ("12,34,567", "not a price"),
        ("0.005", "not a price"),
        (Decimal("12.345"), "more than two decimals"),
        (Decimal("12345678"), "more than can be meant"),
    ],
    ids=str,
)
def test_a_price_that_cannot_be_is_said(cell, said):
    with pytest.raises(BadCell, match=said):
        cents_of(cell, "USD")


@given(st.integers(1, 10_000_000), st.sampled_from([("", "."), (",", "."), (".", ","), (" ", ",")]))
def test_every_amount_comes_back_however_it_is_written(cents, style):
    thousands, point = style
    text = f"{cents // 100:,}".replace(",", thousands) + f"{point}{cents % 100:02}"
    assert cents_of(text, "USD") == cents


def test_a_gtin_gets_its_zeros_back_and_is_checked():
    assert gtin_of(Decimal(4006381333931)) == GTIN
    assert gtin_of("0-36000-29145-2") == gtin_of(Decimal(36000291452)) == "036000291452"
    assert gtin_of("") == ""
    for bad, said in (("4006381333932", "last digit"), ("4.00638E+12", "lost digits"), ("abc", "not a GTIN")):
        with pytest.raises(BadCell, match=said):
            gtin_of(bad)


def test_units_are_a_whole_number():
    assert units_of("60 capsules") == units_of(Decimal(60)) == 60
    assert units_of("120ml") == units_of("120 vegetarian caps") == 120
    assert units_of("1,000") == 1000
    for bad in ("", "0", "-5", "half", "6.5", Decimal("0.5"), "999999999"):
        with pytest.raises(BadCell):
            units_of(bad)


@pytest.mark.parametrize(
    "bad",
    [
        "2 x 60 capsules",
        "30 servings (60 capsules)",
        "30 day supply",
        "12 packs",
        "8 fl oz",
        "6O",
        "1e3",
        "1.000",
    ],
)
def test_a_number_of_something_else_is_no_number_of_units(bad):
    with pytest.raises(BadCell):
        units_of(bad)
    for bad in ("60,0", "1.000 capsules"):
        with pytest.raises(BadCell):
            units_of(bad)


def test_columns_are_guessed_and_what_lacks_is_said():
    headers = ("UPC", "Item Number", "Product Name", "Wholesale Price", "MSRP")
    columns = guess(headers)
    assert columns.headers == {
        "gtin": "UPC",
        "key": "Item Number",
        "name": "Product Name",
        "cost": "Wholesale Price",
        "price": "MSRP",
    }
    assert check_columns(Columns(columns.headers, "usd"), headers).currency == "USD"
    for said, wrong in (
        ("currency", columns),
        ("not a currency", Columns(columns.headers, "dollars")),
        ("tells the products", Columns({"price": "MSRP"}, "USD")),
        ("holds the price", Columns({"key": "UPC"}, "USD")),
        ("two things", Columns({"key": "UPC", "price": "UPC"}, "USD")),
    ):
        with pytest.raises(Invalid, match=said):
            check_columns(wrong, headers)


def test_a_row_is_matched_by_gtin_key_or_name_and_changes_the_price():
    products = (known(), known("other", name="Other", gtin=""), known("third", name="Third", gtin=""))
    lines = compared(
        "UPC,SKU,Name,Cost,MSRP\n04006381333931,,,8,16\n,other,,7.50,15\n,,third,8,16\n,,fourth,8,16\n",
        products,
    )
    assert [(line.row, line.kind, line.key) for line in lines] == [
        (2, "price", "zinc"),
        (3, "same", "other"),
        (4, "price", "third"),
        (5, "unmatched", ""),
    ]
    assert (lines[0].before.price_cents, lines[0].after.price_cents) == (1500, 1600)
    assert "lacks: brand, form, units in a container, ingredients, allergens" in lines[3].reason


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("4006381333931,zinc,8\n4006381333931,zinc,9\n", "2 rows are of this product"),
        ("4006381333932,zinc,8\n", "last digit"),
        ("4006381333931,other,8\n", "that of zinc, and the key that of other"),
        (",zinc,-8\n", "below zero"),
        (",zinc,8000\n", "is the decimal point right"),
        (",zinc,0.08\n", "is the decimal point right"),
    ],
)
def test_a_row_that_contradicts_something_is_not_carried_out(rows, said):
    lines = compared(f"UPC,SKU,MSRP\n{rows}", (known(), known("other", gtin="")))
    assert {line.kind for line in lines} == {"unreadable"}
    assert said in lines[0].reason


def test_another_currency_is_no_price_of_the_product():
    (line,) = compared("SKU,MSRP,Currency\nzinc,8,EUR\n", (known(),))
    assert (line.kind, line.reason) == ("unreadable", "the list is in EUR, and the catalog has it in USD")
    (line,) = compared("SKU,MSRP,Currency\nzinc,8,\n", (known(),), currency="")
    assert line.reason == "the currency is missing"


NEW = "SKU,Name,Brand,Form,Count,Ingredients,Allergens,MSRP,Cost\n"


def test_a_whole_row_adds_a_product_with_its_forms_and_allergens():
    row = (
        'x1,Zinc and D3,Alder,Capsules,60,"Zinc picolinate 15 mg; Vitamin D3 1000 IU",Tree nuts; Soy,20,10\n'
    )
    (line,) = compared(NEW + row)
    assert line.kind == "new", line.reason
    product = line.product
    assert [(one.ingredient_key, one.form_key, one.amount, one.unit) for one in product.ingredients] == [
        ("zinc", "zinc_picolinate", Decimal(15), "mg"),
        ("vitamin_d", "cholecalciferol", Decimal(25), "ug"),
    ]
    assert (product.allergens, product.unit_name, product.units_per_container) == (
        ("tree_nut", "soy"),
        "capsule",
        60,
    )
    assert line_of(line.as_json()) == line


@pytest.mark.parametrize(
    ("ingredients", "said"),
    [
        ("Proprietary blend", "how much of it"),
        ("Zinc", "how much of it"),
        ("Moon dust 5 mg", "not an ingredient that is known"),
        ("Zinc 15 mg; Zinc 5 mg", "twice"),
        ("Vitamin D3 50 g", "is the unit right"),
        # What is dropped here would be swallowed unseen: by somebody on warfarin, or above a limit.
        ("Energy Blend with Ashwagandha 500 mg", "not an ingredient that is known"),
        ("Turmeric and moon dust 500 mg", "not an ingredient that is known"),
        ("Joint support (turmeric, moon dust) 500 mg", "not an ingredient that is known"),
        ("Iron 18 mg with vitamin C", "not an ingredient that is known"),
        ("Vitamin D3 5.000 IU", "how much of it"),
    ],
)
def test_a_composition_that_is_not_known_adds_nothing(ingredients, said):
    (line,) = compared(NEW + f'x1,Zinc,Alder,Capsule,60,"{ingredients}",none,20,10\n')
    assert line.kind == "unreadable"
    assert said in line.reason


@pytest.mark.parametrize(
    ("allergens", "kind"), [("None", "new"), ("", "unmatched"), ("Unobtainium", "unreadable")]
)
def test_allergens_that_nobody_stated_are_not_none(allergens, kind):
    (line,) = compared(NEW + f"x1,Zinc,Alder,Capsule,60,Zinc 15 mg,{allergens},20,10\n")
    assert line.kind == kind
    assert ("allergens" in line.reason) == (kind == "unmatched")


def test_the_form_may_stand_behind_the_amount():
    (line,) = compared(NEW + "x1,Niacin,Alder,Capsule,60,Niacin 500 mg as nicotinic acid,none,20,10\n")
    assert line.product is not None
    assert [one.form_key for one in line.product.ingredients] == ["nicotinic_acid"]


LABEL = (
    "dsld_id,brand,product,form,servings_per_container,serving_size,ingredient,as_form,amount,unit\n"
    "7001,Alder,{name},Capsule,30.0,2.0 Capsule(s),Vitamin C,unspecified,60,mg\n"
)


@pytest.mark.parametrize("blend", ["Energy Blend", "Cholesterol Support", "Sodium Butyrate Complex"])
def test_a_blend_is_not_taken_for_a_row_of_the_nutrition_panel(blend):
    label = (
        LABEL.format(name="Day")
        + f"7001,Alder,Day,Capsule,30.0,2.0 Capsule(s),{blend},Asian ginseng,250,mg\n"
    )
    (line,) = label_lines(
        read_sheet(label.encode()), Comparison((), release()), currency="USD", source="DSLD"
    )
    assert (line.kind, line.product) == ("unreadable", None)


def test_what_the_nutrition_panel_says_of_food_is_no_ingredient():
    label = (
        LABEL.format(name="Day") + "7001,Alder,Day,Capsule,30.0,2.0 Capsule(s),Total Fat,unspecified,1,g\n"
    )
    (line,) = label_lines(
        read_sheet(label.encode()), Comparison((), release()), currency="USD", source="DSLD"
    )
    assert line.product is not None
    assert [one.ingredient_key for one in line.product.ingredients] == ["vitamin_c"]


def test_two_labels_with_a_long_name_are_two_products():
    label = LABEL.format(
        name="An extraordinarily long name of a product that goes on and on for eighty letters"
    )
    label += label.splitlines()[1].replace("7001", "7002") + "\n"
    lines = label_lines(read_sheet(label.encode()), Comparison((), release()), currency="USD", source="DSLD")
    assert len({line.key for line in lines}) == 2


def test_labels_of_the_registry_come_in_whole_or_not_at_all():
    content = (shared_data() / "nutrition" / "dsld" / "labels.csv").read_bytes()
    sheet = read_sheet(content)
    assert is_label_file(sheet)
    lines = label_lines(sheet, Comparison((), release()), currency="USD", source="NIH DSLD")
    assert len(lines) == 162
    added = [line for line in lines if line.kind == "new"]
    assert len(added) >= 55
    assert all(line.reason for line in lines if line.kind != "new")
    zinc = next(line.product for line in added if line.product and "Ultra Zinc" in line.name)
    assert {one.ingredient_key: one.amount for one in zinc.ingredients}["zinc"] == 10
