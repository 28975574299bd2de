"""Frameworks that use the anthropic SDK are covered by `install()` as they are. Started by `framework_matrix.py`.

    python framework_checks.py NAME URL LOG

LiteLLM, which has a transport of its own, goes by its callback.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import cachelint

MODEL = "claude-opus-4-8"


def langchain(url: str, log: str) -> None:
    from langchain_anthropic import ChatAnthropic

    model: Any = ChatAnthropic(model=MODEL, base_url=url, api_key="key", max_tokens=9)
    model.invoke("Hi")
    list(model.stream("Hi"))


def pydantic_ai(url: str, log: str) -> None:
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


def instructor(url: str, log: str) -> None:
    import anthropic
    import instructor as library

    client: Any = library.from_anthropic(
        anthropic.Anthropic(base_url=url, api_key="key"), mode=library.Mode.ANTHROPIC_JSON
    )
    for _ in range(2):
        client.messages.create(
            model=MODEL, max_tokens=9, response_model=None, messages=[{"role": "user", "content": "Hi"}]
        )


def litellm(url: str, log: str) -> None:
    import asyncio

    import litellm as library

    library.callbacks = [cachelint.LiteLLMLogger(log)]
    call: dict[str, Any] = {
        "model": f"anthropic/{MODEL}",
        "api_base": url,
        "api_key": "key",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    library.completion(**call)
    list(library.completion(**call, stream=True))

    async def both() -> None:
        await library.acompletion(**call)
        async for _ in await library.acompletion(**call, stream=True):
            pass
        # LiteLLM calls back from tasks and threads of its own.
        await asyncio.sleep(1)

    asyncio.run(both())


FRAMEWORKS: Mapping[str, Callable[[str, str], None]] = {
    function.__name__: function for function in (langchain, pydantic_ai, instructor, litellm)
}


def main() -> None:
    """Runs the framework of the first argument against the API of the second, logging to the third."""
    name, url, log = sys.argv[1:]
    cachelint.install(log)
    FRAMEWORKS[name](url, log)


if __name__ == "__main__":
    main()
