"""The catalog from the command line."""

from __future__ import annotations

from importlib.resources import files

import pytest
from typer.testing import CliRunner

from willowbark.catalog import selectors
from willowbark.catalog.cli import app
from willowbark.foundation.acting import acting_as
from willowbark.kernel.errors import Forbidden, Invalid, NotFound
from willowbark.practice.testing import OWNER_EMAIL, practice_of_module

practice, _undone = practice_of_module()

DEMO = str(files("willowbark.catalog").joinpath("data/demo_products.json"))


def run(*arguments, owner=OWNER_EMAIL):
    return CliRunner().invoke(app, [*arguments, "--as", owner])


def keys(practice):
    with acting_as(practice.owner):
        return {product.key for product in selectors.products(practice.owner)}


def test_a_file_is_loaded_and_again_changes_nothing(practice):
    assert run("load", DEMO).output.startswith("161 added, 0 new versions")
    assert "161 as before" in run("load", DEMO).output
    assert len(keys(practice)) == 161


def test_a_product_is_retired_and_restored(practice):
    run("load", DEMO)
    assert run("retire", "ginkgo_120", "--reason", "Recalled").output == "ginkgo_120 is retired.\n"
    assert "ginkgo_120" not in keys(practice)
    assert "1 left retired" in run("load", DEMO).output
    assert run("restore", "ginkgo_120").output == "ginkgo_120 is in force.\n"
    assert "ginkgo_120" in keys(practice)


def test_what_cannot_be_done_is_refused_and_nothing_changes(practice, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    assert isinstance(run("load", str(bad)).exception, Invalid)
    assert isinstance(run("load", DEMO, owner="nobody@practice.test").exception, NotFound)
    assert isinstance(run("retire", "none", "--reason", "x").exception, NotFound)
    assert keys(practice) == set()


def test_who_does_not_manage_the_catalog_loads_nothing(practice):
    from willowbark.foundation.models import User

    email = User.objects.get(pk=practice.dispensary.user_id).email
    assert isinstance(run("load", DEMO, owner=email).exception, Forbidden)
    assert keys(practice) == set()


@pytest.mark.parametrize("command", ["load", "retire", "restore"])
def test_each_command_says_what_it_is_for(command):
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0
