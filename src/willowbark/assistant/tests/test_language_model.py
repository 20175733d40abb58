from __future__ import annotations

import ast
import json
import threading
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel
from pydantic_ai.profiles import ModelProfile

from willowbark.assistant.core.connection import Connection
from willowbark.assistant.core.failures import SENTENCES, Cancelled, NoAnswer
from willowbark.assistant.core.proposing import Offer
from willowbark.assistant.language_model.answers import MOST_PICKED, AnswerTypes
from willowbark.assistant.language_model.asking import ask
from willowbark.assistant.tests.model_server import model_server
from willowbark.protocols.core.wanting import Wantable
from willowbark.protocols.selectors.library import shipped

OFFER = Offer(
    {"restorative_sleep": shipped().masters["restorative_sleep"]},
    {"zinc": Wantable("zinc", "Zinc", "mg", Decimal(40), {"mg": Decimal(1), "g": Decimal(1000)})},
)
TYPES = AnswerTypes(OFFER)
SLEEP = {"id": "restorative_sleep", "quote": "sleeps badly"}
ZINC = {"id": "zinc", "least": "0", "aim": "15", "most": None, "unit": "mg", "quote": "zinc"}
ANSWER = {"protocols": [SLEEP], "targets": [ZINC], "not_understood": []}
HERE = Connection("small", "http://localhost:9/v1", "", "", 20)


def asked(connection: Connection = HERE, **said):
    return ask(connection, instructions="Pick.", text="sleeps badly", schema=TYPES.schema, **said)


def saying(text: str) -> FunctionModel:
    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart(text)])

    return FunctionModel(answer)


# --- what an answer is


def test_the_schema_names_the_ids_of_the_lists_and_no_other():
    found = TYPES.schema["$defs"]
    assert found["Protocol"]["properties"]["id"]["const"] == "restorative_sleep"
    assert found["Target"]["properties"]["id"]["const"] == "zinc"
    assert found["Target"]["properties"]["unit"]["enum"] == ["g", "mg"]
    assert found["Target"]["additionalProperties"] is False


def test_what_is_of_the_lists_is_read_exactly():
    picked = TYPES.picked(ANSWER | {"targets": [ZINC | {"aim": "0.1"}], "not_understood": ["spoons"]})
    assert [each.key for each in picked.masters] == ["restorative_sleep"]
    assert [(each.aim, each.most) for each in picked.targets] == [(Decimal("0.1"), None)]
    assert picked.not_understood == ("spoons",)
    assert picked.strange == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"protocols": [SLEEP | {"id": "opioids_for_all"}]},
        {"protocols": [SLEEP | {"sign": True}]},
        {"protocols": [{"id": "restorative_sleep"}]},
        {"protocols": ["restorative_sleep"]},
        {"targets": [ZINC | {"id": "fentanyl"}]},
        {"targets": [ZINC | {"unit": "spoons"}]},
        {"targets": [ZINC | {"aim": "a lot"}]},
        {"targets": [ZINC | {"aim": "-1"}]},
        {"targets": [ZINC | {"aim": None}]},
    ],
    ids=lambda each: json.dumps(each)[:60],
)
def test_what_is_not_of_the_lists_is_counted_and_nothing_else(answer):
    picked = TYPES.picked(answer)
    assert (picked.masters, picked.targets) == ((), ())
    assert picked.strange == 1


@pytest.mark.parametrize("answer", [{}, {"protocols": "all"}, {"not_understood": [1, None]}], ids=str)
def test_an_answer_of_another_shape_proposes_nothing(answer):
    picked = TYPES.picked(answer)
    assert (picked.masters, picked.targets, picked.not_understood) == ((), (), ())


def test_an_answer_without_end_is_cut():
    assert len(TYPES.picked({"protocols": [SLEEP] * 1000}).masters) == MOST_PICKED


# --- asking


def test_a_model_of_any_provider_is_asked_with_rules_text_and_lists():
    seen: list[tuple[list[ModelMessage], AgentInfo]] = []

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        seen.append((messages, info))
        return ModelResponse(parts=[TextPart(json.dumps(ANSWER))])

    assert asked(model=FunctionModel(answer)).answer == ANSWER
    ((_, info),) = seen
    assert info.instructions is not None
    assert info.instructions.startswith("Pick.")
    assert info.function_tools == [], "it has no tool"
    assert info.model_settings is not None
    assert info.model_settings.get("temperature") == 0.0


def test_the_test_model_gives_what_it_is_told():
    model = TestModel(
        custom_output_text=json.dumps(ANSWER), profile=ModelProfile(supports_json_schema_output=True)
    )
    assert asked(model=model).answer == ANSWER


@pytest.mark.parametrize("text", ["", "I am sorry, but", "[1, 2]", '{"protocols": '], ids=repr)
def test_what_is_no_json_object_is_malformed(text):
    with pytest.raises(NoAnswer) as refused:
        asked(model=saying(text))
    assert refused.value.code == "malformed"


def test_a_model_of_ones_own_machine_is_asked_over_http():
    with model_server(ANSWER) as server:
        reply = asked(replace(HERE, endpoint=server.endpoint))
    assert reply.answer == ANSWER
    assert (reply.input_tokens, reply.output_tokens) == (120, 30)
    (body,) = server.asked
    assert body["temperature"] == 0.0
    assert [each["content"] for each in body["messages"]] == ["Pick.", "sleeps badly"], "nothing else is sent"
    assert body["response_format"]["json_schema"]["strict"] is True
    assert "tools" not in body


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (429, {"code": "rate_limit_exceeded", "message": "slow down"}, "rate_limited"),
        (429, {"code": "insufficient_quota", "message": "pay"}, "quota"),
        (401, {"code": "invalid_api_key", "message": "no"}, "key_refused"),
        (400, {"code": "bad", "message": "no"}, "rejected"),
        (500, {"message": "oops"}, "failed"),
    ],
    ids=lambda each: str(each)[:30],
)
def test_a_refusal_of_the_provider_is_said_in_a_sentence_and_not_tried_again(status, error, code):
    with model_server(status=status, error=error) as server, pytest.raises(NoAnswer) as refused:
        asked(replace(HERE, endpoint=server.endpoint))
    assert refused.value.code == code
    assert str(refused.value) == SENTENCES[code]
    assert len(server.asked) == 1


def test_an_endpoint_that_points_elsewhere_is_not_followed():
    with model_server(ANSWER) as elsewhere:
        where = {"Location": f"{elsewhere.endpoint}/chat/completions"}
        with model_server(status=307, headers=where) as server, pytest.raises(NoAnswer):
            asked(replace(HERE, endpoint=server.endpoint))
    assert elsewhere.asked == []


def test_nobody_there_is_said():
    with model_server(ANSWER) as server:
        gone = replace(HERE, endpoint=server.endpoint)
    with pytest.raises(NoAnswer) as refused:
        asked(gone)
    assert refused.value.code == "unreachable"


def test_a_model_that_says_nothing_is_not_waited_for_longer_than_said():
    with model_server(ANSWER, held=threading.Event()) as server, pytest.raises(NoAnswer) as refused:
        asked(replace(HERE, endpoint=server.endpoint, seconds=0))
    assert refused.value.code == "timeout"


def test_an_answer_that_nobody_wants_any_more_is_not_waited_for():
    with model_server(ANSWER, held=threading.Event()) as server, pytest.raises(Cancelled):
        asked(replace(HERE, endpoint=server.endpoint), goes_on=lambda: False)


# --- without one


def loaded_with(module: ast.Module) -> set[str]:
    """What a module imports as soon as it is imported itself."""
    here = [each for each in module.body if isinstance(each, ast.Import | ast.ImportFrom)]
    return {
        name
        for each in here
        for name in (
            [each.module or ""] if isinstance(each, ast.ImportFrom) else [one.name for one in each.names]
        )
    }


def test_a_practice_without_a_model_never_loads_what_is_behind_one():
    # That nothing but this folder imports such a library is an import contract.
    root = files("willowbark.assistant")
    of_models = "willowbark.assistant.language_model"
    found = [
        each
        for each in Path(str(root)).rglob("*.py")
        if not {"tests", "language_model", "testing.py"} & set(each.parts)
        and any(name.startswith(of_models) for name in loaded_with(ast.parse(each.read_text())))
    ]
    assert found == []
