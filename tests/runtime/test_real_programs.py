"""What real programs do, and no manual mentions: shutdown, prefork, dropped streams, copies, a disk that fills up."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import gc
import json
import os
import pickle
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest

import cachelint
from cachelint.testing import ApiServer

Record = dict[str, Any]
Records = Callable[[], list[Record]]

PROMPT: Any = {"model": "claude-opus-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}


def run(program: str, server: ApiServer, log: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs a program that finds `URL`, `LOG` and `PROMPT` defined, with warnings as errors."""
    head = f"import os, sys, anthropic, cachelint\nURL, LOG, PROMPT = {server.url!r}, {str(log)!r}, {PROMPT!r}\n"
    command = [sys.executable, "-W", "error", *options, "-c", head + textwrap.dedent(program)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_betas_count_wherever_they_are_set(client: anthropic.Anthropic, records: Records) -> None:
    beta = "context-1m-2025-08-07"
    client.messages.create(**PROMPT)
    client.beta.messages.create(**PROMPT, betas=[beta])
    client.messages.create(**PROMPT, extra_headers={"anthropic-beta": beta})
    client.with_options(default_headers={"anthropic-beta": beta}).messages.create(**PROMPT)
    without, *with_beta = (record["fingerprints"]["parameters"] for record in records())
    assert "betas" not in without
    assert with_beta[0]["betas"]
    assert with_beta == [with_beta[0]] * 3


def test_a_client_used_when_the_interpreter_ends(server: ApiServer, log: Path, records: Records) -> None:
    program = """
        import atexit
        client = cachelint.track(anthropic.Anthropic(base_url=URL, api_key="key"), LOG)
        atexit.register(lambda: client.close())
        atexit.register(lambda: client.messages.create(**PROMPT))
        stream = client.messages.create(**PROMPT, stream=True)
        next(stream)
    """
    done = run(program, server, log)
    assert (done.returncode, done.stderr) == (0, "")
    assert Counter(record["complete"] for record in records()) == {True: 1, False: 1}


def test_a_program_that_exits_in_the_middle_of_a_stream(server: ApiServer, log: Path) -> None:
    program = """
        client = cachelint.track(anthropic.Anthropic(base_url=URL, api_key="key"), LOG)
        with client.messages.stream(**PROMPT) as stream:
            for event in stream:
                sys.exit(3)
    """
    done = run(program, server, log)
    assert (done.returncode, done.stderr) == (3, "")
    (record,) = map(json.loads, log.read_text().splitlines())
    assert record["complete"] is False


def test_logging_that_has_been_shut_down(server: ApiServer, log: Path) -> None:
    program = """
        import atexit, logging
        logging.basicConfig(level=logging.DEBUG, stream=open(os.devnull, "w"))
        client = cachelint.track(anthropic.Anthropic(base_url=URL, api_key="key"), "/proc/no/such/place/usage.jsonl")
        atexit.register(lambda: client.messages.create(**PROMPT))
        logging.shutdown()
    """
    done = run(program, server, log, "-W", "ignore::ResourceWarning")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_workers_that_are_forked_from_a_server(server: ApiServer, log: Path, records: Records) -> None:
    """As with gunicorn --preload: `install` and a first request come before the fork, the clients of workers after."""
    program = """
        cachelint.install(LOG)
        client = anthropic.Anthropic(base_url=URL, api_key="key")
        client.messages.create(**PROMPT)
        workers = []
        for number in range(4):
            child = os.fork()
            if child == 0:
                client = anthropic.Anthropic(base_url=URL, api_key="key")
                for turn in range(5):
                    client.messages.create(**PROMPT)
                os._exit(0)
            workers.append(child)
        assert all(os.waitpid(child, 0)[1] == 0 for child in workers)
        client.messages.create(**PROMPT)
    """
    done = run(program, server, log, "-W", "ignore::ResourceWarning")
    assert (done.returncode, done.stderr) == (0, "")
    found = records()
    assert sorted(Counter(record["pid"] for record in found).values()) == [2, 5, 5, 5, 5]
    assert len({record["id"] for record in found}) == 22


def test_a_process_pool_whose_workers_make_their_clients(server: ApiServer, tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(
        "import anthropic, cachelint\n"
        "def start(log):\n    cachelint.install(log)\n"
        "def ask(job):\n"
        "    url, prompt = job\n"
        "    with anthropic.Anthropic(base_url=url, api_key='key') as client:\n"
        "        return client.messages.create(**prompt).usage.input_tokens\n"
    )
    program = f"""
        sys.path.insert(0, {str(tmp_path)!r})
        import work
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context
        if __name__ == "__main__":
            pool = ProcessPoolExecutor(2, get_context("spawn"), work.start, (LOG,))
            with pool:
                print(sum(1 for _ in pool.map(work.ask, [(URL, PROMPT)] * 6)))
    """
    script = tmp_path / "program.py"
    log = tmp_path / "usage.jsonl"
    head = f"import sys\nURL, LOG, PROMPT = {server.url!r}, {str(log)!r}, {PROMPT!r}\n"
    script.write_text(head + textwrap.dedent(program))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "6\n", "")
    assert len(log.read_text().splitlines()) == 6


def test_an_asynchronous_stream_that_is_dropped(server: ApiServer, log: Path, records: Records) -> None:
    """Neither read to its end nor closed: an async generator that the garbage collector ends."""

    async def texts(client: anthropic.AsyncAnthropic) -> Any:
        async for event in await client.messages.create(**PROMPT, stream=True):
            yield event

    async def program() -> None:
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="key") as plain:
            client = cachelint.track(plain, log)
            generator = texts(client)
            await anext(generator)
            del generator
            gc.collect()
            await asyncio.sleep(0)
            await client.messages.create(**PROMPT)

    asyncio.run(program())
    gc.collect()
    assert sorted(record["complete"] for record in records()) == [False, True]


def test_one_client_in_loops_one_after_another(server: ApiServer, log: Path, records: Records) -> None:
    async def ask() -> None:
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="key") as plain:
            client = cachelint.track(plain, log)
            await asyncio.gather(*(client.messages.create(**PROMPT) for _ in range(3)))

    for _ in range(3):
        asyncio.run(ask())
    assert len(records()) == 9


def test_a_cancelled_stream_is_recorded_once(server: ApiServer, log: Path, records: Records) -> None:
    async def program() -> None:
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="key") as plain:
            client = cachelint.track(plain, log)
            begun = asyncio.Event()

            async def read() -> None:
                async with client.messages.stream(**PROMPT) as stream:
                    async for _ in stream:
                        begun.set()
                        await asyncio.sleep(60)

            task = asyncio.create_task(read())
            await begun.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(program())
    (record,) = records()
    assert record["complete"] is False


def test_a_tracked_client_copies_and_pickles_as_a_plain_one_does(server: ApiServer, log: Path) -> None:
    def outcome(action: Callable[[Any], object], client: anthropic.Anthropic) -> str:
        try:
            return type(action(client)).__name__
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    with anthropic.Anthropic(base_url=server.url, api_key="key") as plain:
        for action in (pickle.dumps, copy.copy, copy.deepcopy):
            before = outcome(action, plain)
            assert outcome(action, cachelint.track(plain, log)) == before


class House(anthropic.Anthropic):
    """A client as companies wrap it: with a constructor of its own, and attributes that copies do not get."""

    def __init__(self, tenant: str, url: str) -> None:
        super().__init__(base_url=url, api_key="key")
        self.tenant = tenant


def test_a_subclass_with_a_constructor_of_its_own(server: ApiServer, log: Path, records: Records) -> None:
    with House("acme", server.url) as client:
        tracked = cachelint.track(client, log)
        tracked.messages.create(**PROMPT)
        assert (tracked is client, tracked.tenant) == (True, "acme")
    assert len(records()) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("only root may mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path) -> None:
    """Writes until nothing fits any more."""
    with file.open("wb", buffering=0) as opened, contextlib.suppress(OSError):
        while opened.write(b"x" * 512):
            pass


def test_a_disk_that_fills_up_and_is_emptied(small_disk: Path, server: ApiServer) -> None:
    log = small_disk / "usage.jsonl"
    with anthropic.Anthropic(base_url=server.url, api_key="key") as plain:
        client = cachelint.track(plain, log)
        client.messages.create(**PROMPT)
        ballast = small_disk / "ballast"
        fill(ballast)
        for _ in range(20):
            assert client.messages.create(**PROMPT).usage.input_tokens
        ballast.unlink()
        time.sleep(1.1)  # so long a log that failed is left alone
        client.messages.create(**PROMPT)
    lines = log.read_text().splitlines()
    found = [json.loads(line) for line in lines if line.endswith("}")]
    assert len(found) + sum(record.get("lost_records", 0) for record in found) == 22
