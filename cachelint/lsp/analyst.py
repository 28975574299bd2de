"""The process that analyses, seen from the server: asked one question at a time, and ended when one is given up."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from asyncio.subprocess import PIPE, Process

from cachelint.lsp.wire import HEADER, Asked, Told, packed

# -P: a file of the workspace that is named as a module of ours must not be imported in its place.
COMMAND = (sys.executable, "-P", "-m", "cachelint.lsp.worker")

_DIED = "the process that analyses has ended; it is started again with the next change"


class Analyst:
    """Starts the process when it is needed, and another one after it was ended."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def prepare(self) -> None:
        """Starts the process, so that the next question does not wait for that."""
        async with self._turn:
            await self._started()

    async def ask(self, question: Asked) -> Told:
        """The answer to a question. Being cancelled ends the process, and with it the analysis."""
        async with self._turn:
            process = await self._started()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(packed(question))
                await process.stdin.drain()
                return await _answer(process.stdout)
            except (OSError, EOFError):
                self.close()
                return Told(problem=_DIED)
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Ends the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

    async def _started(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE, stdout=PIPE)
        return self._process


async def _answer(stream: asyncio.StreamReader) -> Told:
    (length,) = HEADER.unpack(await stream.readexactly(HEADER.size))
    told = pickle.loads(await stream.readexactly(length))
    assert isinstance(told, Told)
    return told
