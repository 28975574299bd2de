"""Prompts for Claude that pass through other clients than the anthropic SDK."""

from __future__ import annotations

import textwrap

import pytest

from cachelint.analysis import analyze_sources
from cachelint.config import Settings
from cachelint.findings import Confidence, Finding
from cachelint.fixing import fix_of


def found_in(program: str, **modules: str) -> list[Finding]:
    """The findings in a program of one module, `main.py`, and those that it imports."""
    sources = {"main.py": textwrap.dedent(program)}
    sources |= {f"{name}.py": textwrap.dedent(text) for name, text in modules.items()}
    return list(analyze_sources(sources, Settings()).findings)


def rows_marked(program: str) -> list[int]:
    """The rows that end in `# <-`."""
    return [row for row, line in enumerate(textwrap.dedent(program).splitlines(), 1) if line.endswith("# <-")]


def rows_found(program: str, code: str = "CL101") -> list[int]:
    """The rows at which a code is found with at least medium confidence."""
    return sorted(
        finding.location.row
        for finding in found_in(program)
        if finding.code == code and finding.confidence is not Confidence.LOW
    )


FLAGGED = {
    "LangChain: a marked block of a system message": """
        from datetime import datetime
        from langchain_anthropic import ChatAnthropic
        from langchain_core.messages import HumanMessage, SystemMessage

        llm = ChatAnthropic(model="claude-sonnet-4-5").with_retry()

        def ask(question):
            guide = {
                "type": "text",
                "text": f"The time is {datetime.now()}.",  # <-
                "cache_control": {"type": "ephemeral"},
            }
            return llm.invoke([SystemMessage(content=[guide]), HumanMessage(question)])
    """,
    "LangChain: the system prompt of the constructor": """
        from datetime import datetime
        from langchain_anthropic import ChatAnthropic

        def model():
            now = datetime.now()  # <-
            return ChatAnthropic(model="claude-sonnet-4-5", model_kwargs={"system": f"It is {now}."})
    """,
    "LangChain: a template's variable, cached by an argument of the call": """
        from datetime import datetime
        from langchain_anthropic import ChatAnthropic
        from langchain_core.prompts import ChatPromptTemplate
        from langchain_core.output_parsers import StrOutputParser

        prompt = ChatPromptTemplate.from_messages([
            ("system", "You answer questions. The time is {now}."),
            ("human", "{question}"),
        ])
        llm = ChatAnthropic(model="claude-sonnet-4-5").bind(cache_control={"type": "ephemeral"})
        chain = prompt | llm | StrOutputParser()

        async def ask(question):
            return await chain.ainvoke({"now": datetime.now().isoformat(), "question": question})  # <-
    """,
    "LangChain: a partial template, rendered before it is sent": """
        from datetime import datetime
        from langchain.chat_models import init_chat_model
        from langchain.prompts import ChatPromptTemplate

        llm = init_chat_model("anthropic:claude-sonnet-4-5")

        def ask(question):
            template = ChatPromptTemplate.from_messages([("system", "The time is {now}."), ("human", "{question}")])
            messages = template.partial(now=datetime.now()).format_messages(question=question)  # <-
            return llm.invoke(messages, cache_control={"type": "ephemeral"})
    """,
    "LangChain: an agent with the caching middleware": """
        from datetime import datetime
        from langchain.agents import create_agent
        from langchain_anthropic.middleware import AnthropicPromptCachingMiddleware

        def agent(tools):
            return create_agent(
                "anthropic:claude-sonnet-4-5",
                tools=tools,
                system_prompt=f"The time is {datetime.now()}.",  # <-
                middleware=[AnthropicPromptCachingMiddleware(ttl="1h")],
            )
    """,
    "LangGraph: a prompt that is a function": """
        from datetime import datetime
        from langchain_anthropic import ChatAnthropic
        from langgraph.prebuilt import create_react_agent

        def prompt(state):
            return [{"role": "system", "content": f"The time is {datetime.now()}."}] + state["messages"]  # <-

        agent = create_react_agent(ChatAnthropic(model="claude-sonnet-4-5"), tools=[], prompt=prompt)
    """,
    "Pydantic AI: instructions in a cached conversation": """
        from datetime import datetime
        from pydantic_ai import Agent
        from pydantic_ai.models.anthropic import AnthropicModelSettings

        agent = Agent(
            "anthropic:claude-sonnet-4-5",
            instructions="You answer questions.",
            model_settings=AnthropicModelSettings(anthropic_cache=True),
        )

        @agent.instructions
        def clock(context):
            return f"The time is {datetime.now()}."  # <-

        async def ask(question):
            return await agent.run(question)
    """,
    "Pydantic AI: a cache point behind what varies": """
        from datetime import datetime
        from pydantic_ai import Agent, CachePoint

        agent = Agent("anthropic:claude-sonnet-4-5", system_prompt="You answer questions.")

        def ask(question):
            now = f"The time is {datetime.now()}."  # <-
            return agent.run_sync(["The guide.", CachePoint(), question], instructions=now)
    """,
    "Pydantic AI: an agent made in a function, with nested decorated functions": """
        import uuid
        from datetime import datetime
        from pydantic_ai import Agent
        from pydantic_ai.models.anthropic import AnthropicModel

        def build():
            agent = Agent(AnthropicModel("claude-sonnet-4-5"), model_settings={"anthropic_cache_instructions": "1h"})

            @agent.system_prompt
            def clock():
                return f"The time is {datetime.now()}."  # <-

            return agent

        def ask(question):
            return build().run_sync(question)
    """,
    "Claude Agent SDK: what is appended to the preset": """
        from datetime import datetime
        from claude_agent_sdk import ClaudeAgentOptions, query

        def options():
            now = datetime.now()  # <-
            preset = {"type": "preset", "preset": "claude_code", "append": f"The time is {now}."}
            return ClaudeAgentOptions(system_prompt=preset)

        async def ask(question):
            async for message in query(prompt=question, options=options()):
                print(message)
    """,
    "Bedrock: a cache point in the system prompt": """
        from datetime import datetime
        import boto3

        bedrock = boto3.client("bedrock-runtime")

        def ask(question):
            return bedrock.converse(
                modelId="us.anthropic.claude-sonnet-4-5-20250929-v1:0",
                system=[{"text": f"The time is {datetime.now()}."}, {"cachePoint": {"type": "default"}}],  # <-
                messages=[{"role": "user", "content": [{"text": question}]}],
            )
    """,
    "Bedrock: a cache point in a message": """
        from datetime import datetime

        class Bot:
            def __init__(self, session):
                self.client = session.client("bedrock-runtime")

            def ask(self, question):
                return self.client.converse_stream(
                    modelId="anthropic.claude-sonnet-4-5-20250929-v1:0",
                    system=[{"text": f"The time is {datetime.now()}."}],  # <-
                    messages=[{"role": "user", "content": [{"text": "Guide"}, {"cachePoint": {}}, {"text": question}]}],
                )
    """,
    "Bedrock: a body in JSON": """
        import json
        from datetime import datetime

        def ask(client, question):
            system = [{
                "type": "text",
                "text": f"The time is {datetime.now()}.",  # <-
                "cache_control": {"type": "ephemeral"},
            }]
            body = json.dumps({
                "anthropic_version": "bedrock-2023-05-31",
                "max_tokens": 100,
                "system": system,
                "messages": [{"role": "user", "content": question}],
            })
            return client.invoke_model(modelId="anthropic.claude-3-5-sonnet-20241022-v2:0", body=body)
    """,
    "HTTP: a dict, posted by an asynchronous client": """
        from datetime import datetime
        import httpx

        BASE = "https://api.anthropic.com"

        async def ask(question):
            payload = {"model": "claude-sonnet-4-5", "max_tokens": 100, "cache_control": {"type": "ephemeral"}}
            payload["system"] = f"The time is {datetime.now()}."  # <-
            payload["messages"] = [{"role": "user", "content": question}]
            async with httpx.AsyncClient() as http:
                return await http.post(f"{BASE}/v1/messages", headers={"anthropic-version": "2023-06-01"}, json=payload)
    """,
    "HTTP: urllib and encoded JSON": """
        import json
        import urllib.request
        from datetime import datetime

        def ask(question):
            body = {"model": "claude-sonnet-4-5", "system": f"The time is {datetime.now()}.", "messages": []}  # <-
            data = json.dumps(body).encode("utf-8")
            request = urllib.request.Request("https://api.anthropic.com/v1/messages", data=data, method="POST")
            return urllib.request.urlopen(request)
    """,
    "LiteLLM: an injection point": """
        from datetime import datetime
        import litellm

        def ask(question):
            return litellm.completion(
                model="anthropic/claude-sonnet-4-5",
                messages=[
                    {"role": "system", "content": f"The time is {datetime.now()}."},  # <-
                    {"role": "user", "content": question},
                ],
                cache_control_injection_points=[{"location": "message", "role": "system"}],
            )
    """,
    "LiteLLM: a breakpoint, and a model of which nothing is known": """
        from datetime import datetime
        from litellm import acompletion

        async def ask(model, question):
            block = {"type": "text", "text": f"It is {datetime.now()}.", "cache_control": {"type": "ephemeral"}}  # <-
            messages = [{"role": "system", "content": [block]}, {"role": "user", "content": question}]
            return await acompletion(model, messages)
    """,
    "OpenAI's SDK, for a model of Claude's": """
        from datetime import datetime
        from openai import OpenAI

        client = OpenAI(base_url="https://openrouter.ai/api/v1")

        def ask(question):
            system = {"role": "system", "content": f"The time is {datetime.now()}."}  # <-
            return client.chat.completions.create(
                model="anthropic/claude-sonnet-4.5", messages=[system, {"role": "user", "content": question}]
            )
    """,
    "Instructor": """
        from datetime import datetime
        import anthropic
        import instructor

        client = instructor.from_anthropic(anthropic.Anthropic())

        def ask(question):
            return client.chat.completions.create(
                model="claude-sonnet-4-5",
                messages=[
                    {"role": "system", "content": f"The time is {datetime.now()}."},  # <-
                    {"role": "user", "content": question},
                ],
            )
    """,
    "Strands": """
        from datetime import datetime
        from strands import Agent
        from strands.models import BedrockModel

        def agent():
            model = BedrockModel(model_id="us.anthropic.claude-sonnet-4-20250514-v1:0", cache_prompt="default")
            return Agent(model=model, system_prompt=f"The time is {datetime.now()}.")  # <-
    """,
    "Agno: a setting that renders the time": """
        from agno.agent import Agent
        from agno.models.anthropic import Claude

        agent = Agent(
            model=Claude(id="claude-sonnet-4-5", cache_system_prompt=True),
            instructions="You answer questions.",
            add_datetime_to_context=True,  # <-
        )
        agent.print_response("What time is it?")
    """,
    "AutoGen": """
        from datetime import datetime
        from autogen_agentchat.agents import AssistantAgent
        from autogen_ext.models.anthropic import AnthropicChatCompletionClient

        def agent():
            client = AnthropicChatCompletionClient(model="claude-sonnet-4-5")
            return AssistantAgent("clerk", model_client=client, system_message=f"The time is {datetime.now()}.")  # <-
    """,
    "Haystack": """
        from datetime import datetime
        from haystack.dataclasses import ChatMessage
        from haystack_integrations.components.generators.anthropic import AnthropicChatGenerator

        def ask(question):
            system = ChatMessage.from_system(f"The time is {datetime.now()}.")  # <-
            return AnthropicChatGenerator(model="claude-sonnet-4-5").run([system, ChatMessage.from_user(question)])
    """,
    "LlamaIndex": """
        from datetime import datetime
        from llama_index.core.llms import ChatMessage
        from llama_index.llms.anthropic import Anthropic

        llm = Anthropic(model="claude-sonnet-4-5")

        def ask(question):
            system = ChatMessage(role="system", content=f"The time is {datetime.now()}.")  # <-
            return llm.chat([system, ChatMessage(role="user", content=question)])
    """,
}


@pytest.mark.parametrize("program", FLAGGED.values(), ids=FLAGGED.keys())
def test_what_varies_in_the_prompt_is_found(program: str) -> None:
    assert rows_found(program) == rows_marked(program) != []


CLEAN = {
    "LangChain: the time in the question": """
        from datetime import datetime
        from langchain_anthropic import ChatAnthropic
        from langchain_core.messages import HumanMessage, SystemMessage
        from langchain_core.prompts import ChatPromptTemplate

        llm = ChatAnthropic(model="claude-sonnet-4-5")
        prompt = ChatPromptTemplate.from_messages([("system", "You answer {style}."), ("human", "{question} {now}")])

        def ask(question):
            llm.invoke([SystemMessage("You answer."), HumanMessage(f"{question} {datetime.now()}")])
            return (prompt | llm).invoke({"style": "briefly", "question": question, "now": datetime.now()})
    """,
    "LangChain: a model of another vendor": """
        from datetime import datetime
        from langchain_anthropic import ChatAnthropic
        from langchain_openai import ChatOpenAI
        from langchain.chat_models import init_chat_model

        def ask(question):
            messages = [("system", f"The time is {datetime.now()}."), ("human", question)]
            return ChatOpenAI(model="gpt-5").invoke(messages), init_chat_model("gemini-2.5-pro").invoke(messages)
    """,
    "LangChain: metadata, tags and limits": """
        from datetime import datetime
        from langchain_anthropic import ChatAnthropic

        def ask(question):
            llm = ChatAnthropic(model="claude-sonnet-4-5", metadata={"at": str(datetime.now())}, max_tokens=100)
            config = {"run_id": str(datetime.now()), "tags": [str(datetime.now())]}
            return llm.invoke([("system", "You answer."), ("human", question)], config=config)
    """,
    "Pydantic AI: instructions of a function, behind the breakpoint of the others": """
        from datetime import datetime
        from pydantic_ai import Agent

        agent = Agent(
            "anthropic:claude-sonnet-4-5",
            instructions="You answer questions.",
            model_settings={"anthropic_cache_instructions": True},
        )

        @agent.instructions
        def clock(context):
            return f"The time is {datetime.now()}."
    """,
    "Pydantic AI: another vendor, another decorator, the user's prompt": """
        from datetime import datetime
        from pydantic_ai import Agent
        from pydantic_ai.models.anthropic import AnthropicModelSettings

        other = Agent("openai:gpt-5", system_prompt=f"The time is {datetime.now()}.")
        agent = Agent("anthropic:claude-sonnet-4-5", model_settings=AnthropicModelSettings(anthropic_cache=True))

        @agent.tool
        def clock(context):
            return str(datetime.now())

        def ask(question):
            return agent.run_sync(f"{question} It is {datetime.now()}.", deps=datetime.now())
    """,
    "Claude Agent SDK: a folder of its own, and the prompt": """
        from datetime import datetime
        from claude_agent_sdk import ClaudeAgentOptions, ClaudeSDKClient

        async def ask(question):
            options = ClaudeAgentOptions(system_prompt="You answer.", cwd=f"/tmp/{datetime.now()}", max_turns=3)
            async with ClaudeSDKClient(options) as client:
                await client.query(f"{question} It is {datetime.now()}.")
    """,
    "Bedrock: another vendor's model, and what stands behind the cache point": """
        from datetime import datetime
        import boto3

        bedrock = boto3.client("bedrock-runtime")

        def ask(question):
            now = {"text": f"The time is {datetime.now()}."}
            bedrock.converse(modelId="amazon.nova-pro-v1:0", system=[now, {"cachePoint": {"type": "default"}}])
            return bedrock.converse(
                modelId="anthropic.claude-sonnet-4-5-20250929-v1:0",
                system=[{"text": "You answer."}, {"cachePoint": {"type": "default"}}, now],
                messages=[{"role": "user", "content": [{"text": question}]}],
            )
    """,
    "HTTP: another endpoint": """
        from datetime import datetime
        import httpx

        def record(question):
            headers = {"anthropic-version": "2023-06-01"}
            body = {"system": f"The time is {datetime.now()}.", "messages": [question]}
            httpx.post("https://audit.example.com/events", json=body)
            return httpx.post("https://api.anthropic.com/v1/messages/count", headers=headers, json=body)
    """,
    "LiteLLM: another vendor's model, and one of which nothing is known": """
        from datetime import datetime
        import litellm  # Claude, among others

        def ask(model, question):
            messages = [{"role": "system", "content": f"The time is {datetime.now()}."}]
            return litellm.completion(model="gpt-5", messages=messages), litellm.completion(model, messages=messages)
    """,
    "OpenAI's SDK, for a model of its own": """
        from datetime import datetime
        from openai import OpenAI  # and not Claude

        def ask(model, question):
            messages = [{"role": "system", "content": f"The time is {datetime.now()}."}]
            OpenAI().chat.completions.create(model="gpt-5", messages=messages)
            return OpenAI().chat.completions.create(model=model, messages=messages)
    """,
}


@pytest.mark.parametrize("program", CLEAN.values(), ids=CLEAN.keys())
def test_lookalikes_stay_silent(program: str) -> None:
    found = [finding for finding in found_in(program) if finding.confidence is not Confidence.LOW]
    assert [finding for finding in found if finding.code.startswith("CL1")] == []


def test_only_requests_of_the_sdk_get_fixes_that_reshape_them() -> None:
    program = textwrap.dedent(FLAGGED["LangChain: a marked block of a system message"])
    [finding] = analyze_sources({"main.py": program}, fixer=fix_of).findings
    assert finding.fix is None


def test_where_nothing_is_cached_a_finding_is_one_level_lower() -> None:
    program = FLAGGED["LangChain: the system prompt of the constructor"]
    [finding] = found_in(program)
    assert (finding.severity, finding.message) == (
        "warning",
        "`datetime.now()` is rendered into system[0]; nothing is cached here yet, and nothing in front of which it "
        "stands can be.",
    )


def test_a_model_of_which_nothing_is_known_is_reported_on_request_only() -> None:
    program = CLEAN["LiteLLM: another vendor's model, and one of which nothing is known"]
    assert [(finding.code, finding.confidence) for finding in found_in(program)] == [("CL101", Confidence.LOW)]


def test_a_session_keeps_the_system_prompt_of_its_first_request() -> None:
    program = FLAGGED["Claude Agent SDK: what is appended to the preset"]
    [finding] = found_in(program)
    assert (finding.severity, finding.period) == ("warning", "session")
    assert [step.message for step in finding.flow][-1] == "query(…), as system[0]"


def test_an_object_that_is_used_is_one_request() -> None:
    program = textwrap.dedent(FLAGGED["Pydantic AI: instructions in a cached conversation"])
    [request] = analyze_sources({"main.py": program}).requests
    assert request.site.method == "agent.run"
    assert [block.position for block in request.blocks] == [
        "system[0]",
        "system[1]",
        "messages[0].content[0]",
        "messages[…]",
    ]


def test_a_model_that_another_module_makes() -> None:
    use = """
        from datetime import datetime
        from langchain_core.messages import SystemMessage
        from models import claude

        def ask(question):
            return claude().invoke([SystemMessage(f"The time is {datetime.now()}."), ("human", question)])
    """
    make = """
        from functools import lru_cache
        from langchain_anthropic import ChatAnthropic

        @lru_cache
        def claude():
            return ChatAnthropic(model="claude-sonnet-4-5")
    """
    assert [(finding.code, finding.location.row) for finding in found_in(use, models=make)] == [("CL101", 7)]


def test_a_project_without_the_word_for_claude_uses_none_of_the_clients() -> None:
    program = """
        from datetime import datetime
        from litellm import completion

        def ask(question):
            return completion("ours", [{"role": "system", "content": f"The time is {datetime.now()}."}])
    """
    assert analyze_sources({"main.py": textwrap.dedent(program)}).requests == ()
