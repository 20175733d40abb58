"""Ask a language model once, through pydantic-ai: no tool, no second try, no random choice, within a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from openai import AsyncOpenAI, OpenAIError
from pydantic_ai import Agent, NativeOutput, StructuredDict, exceptions
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings

from willowbark.assistant.core.connection import Connection
from willowbark.assistant.core.failures import Cancelled, NoAnswer

MOST_TOKENS = 4000
_LOOK_EVERY_S = 0.5
# The first that fits names the failure.
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.ModelQuotaExceededError, "quota"),
    (exceptions.ModelRateLimitError, "rate_limited"),
    (exceptions.ModelAuthenticationError, "key_refused"),
    (exceptions.ModelTimeoutError, "timeout"),
    (exceptions.ModelConnectionError, "unreachable"),
    (exceptions.ContentFilterError, "declined"),
    (exceptions.UnexpectedModelBehavior, "malformed"),
    (exceptions.ModelRequestRejectedError, "rejected"),
    (exceptions.ModelAPIError, "failed"),
    (exceptions.UserError, "rejected"),
    (exceptions.AgentRunError, "failed"),
    (OpenAIError, "failed"),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the answer as plain JSON values, not believed yet, and what it cost."""

    answer: Mapping[str, Any]
    input_tokens: int
    output_tokens: int


def ask(
    connection: Connection,
    *,
    instructions: str,
    text: str,
    schema: Mapping[str, Any],
    goes_on: Callable[[], bool] = lambda: True,
    model: Model | None = None,
) -> Reply:
    """
    Ask the practice's model, or `model` in its place.

    `goes_on` is asked in the caller's own thread, twice a second, whether the answer is still wanted.

    Raises:
        NoAnswer: there was none; its code says why.
        Cancelled: it was not wanted any more.
    """
    stop = threading.Event()
    agent = Agent(
        output_type=NativeOutput(StructuredDict(dict(schema), name="proposals"), strict=True),
        instructions=instructions,
        retries=0,
        model_settings=ModelSettings(temperature=0.0, max_tokens=MOST_TOKENS),
    )
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="language-model") as pool:
        future = pool.submit(lambda: asyncio.run(_answered(connection, agent, text, stop, model)))
        while not wait((future,), timeout=_LOOK_EVERY_S).done:
            if not goes_on():
                stop.set()
        return future.result()


async def _answered(
    connection: Connection,
    agent: Agent[None, dict[str, Any]],
    text: str,
    stop: threading.Event,
    model: Model | None,
) -> Reply:
    async with _model_of(connection) as own:
        running = asyncio.ensure_future(agent.run(text, model=model or own))
        ends = asyncio.get_running_loop().time() + connection.seconds
        while not running.done():
            await asyncio.wait({running}, timeout=0.1)
            is_late = asyncio.get_running_loop().time() >= ends
            if not running.done() and (stop.is_set() or is_late):
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                raise NoAnswer("timeout") if not stop.is_set() else Cancelled("Nobody waits for it.")
        try:
            found = running.result()
        except (exceptions.AgentRunError, exceptions.UserError, OpenAIError) as error:
            raise NoAnswer(next(code for kind, code in _CODES if isinstance(error, kind))) from error
    return Reply(found.output, found.usage.input_tokens or 0, found.usage.output_tokens or 0)


@asynccontextmanager
async def _model_of(connection: Connection) -> AsyncIterator[Model]:
    """The model at its endpoint. It is asked there and nowhere else: no redirection is followed."""
    async with httpx2.AsyncClient(
        follow_redirects=False, trust_env=not connection.is_inside, timeout=connection.seconds
    ) as http:
        client = AsyncOpenAI(
            base_url=connection.endpoint,
            api_key=connection.key or "none",
            http_client=http,
            max_retries=0,
            timeout=connection.seconds,
        )
        provider = OpenAICompatibleProvider("practice", openai_client=client)
        yield OpenAIChatModel(connection.model, provider=provider)
