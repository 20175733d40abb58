"""Somebody hands in a price list, corrects its columns, sees what it would do, and has it done."""

from __future__ import annotations

import base64
import json
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from typer.testing import CliRunner

from willowbark.catalog import cli, selectors, services
from willowbark.catalog.testing import make_price_list, make_products, new_product
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import signed_in

LIST = b"Our number;Label;Preis\nzinc;Zinc;16,00\nnone;Nothing;3,00\n"


def hand_in(browser, content=LIST, **said):
    form = {
        "supplier": "Alder",
        "currency": "USD",
        "request_key": str(uuid7()),
        "file": SimpleUploadedFile("list.csv", content),
        **said,
    }
    return browser.post(reverse("catalog:upload_price_list"), form)


def test_a_list_is_mapped_on_the_page_and_its_reasons_are_shown(practice):
    make_products(practice.owner, new_product("zinc"))
    browser = signed_in(practice.owner)
    answer = hand_in(browser)
    assert answer.status_code == 302
    page = browser.get(answer.url).content.decode()
    assert "Say which column" in page
    assert "Our number" in page
    assert "16,00" in page

    columns = {"key": "Our number", "price": "Preis", "currency_of_list": "USD"}
    assert browser.post(f"{answer.url}/columns", columns).status_code == 302
    page = browser.get(answer.url).content.decode()
    for said in ("Price 15.00 USD, then 16.00 USD", "Carry out 1 change", "the catalog has no such product"):
        assert said in page

    browser.post(f"{answer.url}/apply")
    assert 'hx-trigger="every 2s"' in browser.get(answer.url).content.decode()
    with acting_as(practice.owner):
        price_list_id = selectors_id(answer.url)
        while services.apply_portion(actor=practice.owner, price_list_id=price_list_id):
            pass
        assert selectors.product(practice.owner, "zinc").container_price_cents == 1600
    assert "Take it back" in browser.get(answer.url).content.decode()
    browser.post(f"{answer.url}/undo")
    assert "Taken back" in browser.get(answer.url).content.decode()


def selectors_id(url):
    return url.rsplit("/", 1)[-1]


def test_what_cannot_be_taken_is_said_beside_the_form(practice):
    browser = signed_in(practice.owner)
    for said, form in (
        ("Choose a file", {"file": ""}),
        ("Say the supplier", {"supplier": " "}),
        ("larger than 10 MB", {"content": b"x" * 10_000_001}),
    ):
        answer = hand_in(browser, **form)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    answer = hand_in(browser, b"\x89PNG\0")
    assert "cannot be read" in browser.get(answer.url).content.decode()
    answer = browser.post(f"{answer.url}/apply")
    assert (answer.status_code, "unreadable" in answer.content.decode()) == (422, True)


def test_columns_that_cannot_be_are_said_and_change_nothing(practice):
    browser = signed_in(practice.owner)
    url = reverse("catalog:price_list", args=[make_price_list(practice.owner)])
    answer = browser.post(f"{url}/columns", {"key": "SKU", "price": "SKU", "currency_of_list": "USD"})
    assert (answer.status_code, "two things" in answer.content.decode()) == (422, True)


def test_the_api_does_the_same(practice):
    make_products(practice.owner, new_product("zinc"))
    browser = signed_in(practice.owner)

    def post(url, **said):
        return browser.post(url, json.dumps(said), content_type="application/json")

    said = {"supplier": "Alder", "file_name": "list.csv", "request_key": str(uuid7())}
    assert post("/api/price-lists", content="%%", **said).status_code == 422
    answer = post("/api/price-lists", content=base64.b64encode(LIST).decode(), **said).json()
    url = f"/api/price-lists/{answer['id']}"
    mapped = post(f"{url}/columns", columns={"key": "Our number", "price": "Preis"}, currency="USD").json()
    assert mapped["counts"]["price"] == 1
    assert mapped["lines"][0]["after"] == {"price_cents": 1600, "cost_cents": 750, "currency": "USD"}
    assert post(f"{url}/apply").json()["status"] == "asked"
    assert browser.get(url).json()["next"] == -1


def test_the_command_previews_carries_out_and_takes_back(practice, tmp_path, monkeypatch):
    make_products(practice.owner, new_product("zinc"))
    monkeypatch.setattr(cli, "_somebody", lambda email: practice.owner)
    file = tmp_path / "list.csv"
    file.write_bytes(LIST)
    said = ["prices", str(file), "--as", "x", "--supplier", "Alder"]

    def run(*more):
        return CliRunner().invoke(cli.app, [*said, *more])

    assert run().exit_code == 1
    columns = ["--currency", "USD", "--column", "key=Our number", "--column", "price=Preis"]
    preview = run(*columns)
    assert (preview.exit_code, "1 price, 1 unmatched" in preview.output) == (0, True)
    done = run(*columns, "--apply")
    with acting_as(practice.owner):
        assert selectors.product(practice.owner, "zinc").container_price_cents == 1600
    (list_id,) = re.findall(r"take-back ([0-9a-f-]{36})", done.output)
    assert CliRunner().invoke(cli.app, ["take-back", list_id, "--as", "x"]).exit_code == 0
    with acting_as(practice.owner):
        assert selectors.product(practice.owner, "zinc").container_price_cents == 1500


def test_the_products_lead_to_price_lists_for_who_manages_them(practice):
    link = reverse("catalog:price_lists")
    assert link in signed_in(practice.owner).get(reverse("catalog:products")).content.decode()
    assert link not in signed_in(practice.coach).get(reverse("catalog:products")).content.decode()
