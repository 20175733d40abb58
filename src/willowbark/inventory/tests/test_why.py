"""Each number of a shelf leads to the lots and the moves behind it, for who may look at that shelf."""

from __future__ import annotations

import pytest

from willowbark.foundation.acting import acting_as
from willowbark.foundation.explaining import explain, reference
from willowbark.foundation.ids import uuid7
from willowbark.inventory import selectors
from willowbark.inventory.services import undo_move
from willowbark.inventory.testing import put_on_shelf
from willowbark.kernel.errors import NotFound
from willowbark.practice.testing import signed_in


def why(actor, *key):
    with acting_as(actor):
        return explain(actor, reference(*key))


def test_a_move_is_explained_and_leads_to_the_one_that_took_it_back(practice, zinc):
    lot = put_on_shelf(practice.dispensary, practice.north, zinc.id, 7)
    with acting_as(practice.dispensary) as actor:
        (received,) = selectors.moves(actor, practice.north, zinc.id).rows
        undone = undo_move(actor=actor, site_id=practice.north, move_id=received.id, request_key=uuid7()).pk

    said = why(practice.senior, "stock_move", received.id)
    assert (said.title, said.figure_text) == ("Zinc 15 at North", "+7 containers")
    assert any(lot.lot_number in fact.text for fact in said.facts)
    assert reference("stock_move", undone) in {fact.why for fact in said.facts}
    back = why(practice.senior, "stock_move", undone)
    assert back.figure_text == "-7 containers"
    assert reference("stock_move", received.id) in {fact.why for fact in back.facts}
    page = signed_in(practice.senior).get(said.url).content.decode()
    assert signed_in(practice.senior).get(said.why_url).status_code == 200
    assert said.why_url in page


def test_what_is_on_hand_is_explained_by_its_lots(practice, zinc):
    lots = [put_on_shelf(practice.dispensary, practice.north, zinc.id, n) for n in (2, 3)]
    said = why(practice.senior, "shelf", practice.north, zinc.id)
    assert said.figure_text == "5 containers"
    assert all(any(lot.lot_number in fact.text for fact in said.facts) for lot in lots)


def test_a_shelf_out_of_reach_is_not_explained(practice, zinc):
    put_on_shelf(practice.owner, practice.south, zinc.id, 7)
    with acting_as(practice.owner) as actor:
        (move,) = selectors.moves(actor, practice.south, zinc.id).rows
    assert why(practice.owner, "stock_move", move.id)
    for actor in (practice.senior, practice.coach):
        for key in (("stock_move", move.id), ("shelf", practice.south, zinc.id), ("shelf", "x")):
            with pytest.raises(NotFound):
                why(actor, *key)
