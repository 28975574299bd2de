"""Frameworks that use the anthropic SDK are covered by `install()` as they are. Started by `framework_matrix.py`.

    python framework_checks.py NAME URL LOG

Calls one framework and prints how many records it left; LiteLLM, which has a transport of its own, goes by a callback.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cachelint

MODEL = "claude-opus-4-8"


def langchain(url: str) -> None:
    from langchain_anthropic import ChatAnthropic

    model: Any = ChatAnthropic(model=MODEL, base_url=url, api_key="key", max_tokens=9)
    model.invoke("Hi")
    list(model.stream("Hi"))


def pydantic_ai(url: str) -> None:
    import asyncio

    from anthropic import AsyncAnthropic
    from pydantic_ai import Agent
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client: Any = AsyncAnthropic(base_url=url, api_key="key")
    agent = Agent(AnthropicModel(MODEL, provider=AnthropicProvider(anthropic_client=client)))

    async def both() -> None:
        await agent.run("Hi")
        async with agent.run_stream("Hi") as result:
            await result.get_output()

    asyncio.run(both())


def instructor(url: str) -> None:
    import anthropic
    import instructor as library

    client: Any = library.from_anthropic(
        anthropic.Anthropic(base_url=url, api_key="key"), mode=library.Mode.ANTHROPIC_JSON
    )
    for _ in range(2):
        client.messages.create(
            model=MODEL, max_tokens=9, response_model=None, messages=[{"role": "user", "content": "Hi"}]
        )


def litellm(url: str) -> None:
    import asyncio

    import litellm as library

    library.success_callback = [cachelint.litellm_callback]
    library.failure_callback = [cachelint.litellm_callback]
    call: dict[str, Any] = {
        "model": f"anthropic/{MODEL}",
        "api_base": url,
        "api_key": "key",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    library.completion(**call)
    list(library.completion(**call, stream=True))
    asyncio.run(library.acompletion(**call))


FRAMEWORKS: Mapping[str, Callable[[str], None]] = {
    function.__name__: function for function in (langchain, pydantic_ai, instructor, litellm)
}


def main() -> None:
    """Runs the framework of the first argument, and prints what it left in the log."""
    name, url, log = sys.argv[1:]
    cachelint.install(log)
    FRAMEWORKS[name](url)
    records = [json.loads(line) for line in Path(log).read_text().splitlines()]
    print(
        json.dumps([{key: record.get(key) for key in ("kind", "complete", "usage", "call_site")} for record in records])
    )


if __name__ == "__main__":
    main()
