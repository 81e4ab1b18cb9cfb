"""A tap as a child process: its output line by line, the end of what it complained, and its death with the reader's.

Knows nothing of the protocol. Nothing of our environment goes along but what every program needs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType

from kamsync.plugin import Clock, ConfigError, Refused, Text, Unavailable

BEAT = 2.0  # seconds after which a silent tap's reader may look whether it is still wanted
CHUNK = 1 << 16
LONGEST = 64 << 20  # bytes of one line
PATIENCE = 5.0  # seconds that a tap has to end when asked to
COMPLAINTS = 12  # last lines of its standard error
USUAL = frozenset(["PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"])
NETWORK = frozenset(["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"])
TOLD = 2000  # characters of its complaint that are shown


class Child:
    """One run of a tap; leaving the context ends it, whatever it is doing."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Sequence[str], redact: Callable[[str], str]
    ) -> None:
        self._command = command
        self._name = Path(command[0]).name
        self._folder = folder
        self._redact = redact
        wanted = {*USUAL, *NETWORK, *(name.lower() for name in NETWORK), *environment}
        self._environ = {name: value for name, value in os.environ.items() if name in wanted}
        self._environ["PYTHONIOENCODING"] = "utf-8"
        self._said: deque[bytes] = deque(maxlen=COMPLAINTS)
        self._chunks: Queue[bytes] = Queue(maxsize=32)

    def __enter__(self) -> Child:
        try:
            self._process = subprocess.Popen(  # noqa: S603  the command is the admin's own, no shell reads it
                list(self._command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._folder,
                env=self._environ,
                start_new_session=True,
            )
        except OSError as broken:
            why = broken.strerror or type(broken).__name__
            raise ConfigError(
                Text(f"启动不了 {self._command[0]}:{why}", f"{self._command[0]} cannot be started: {why}"),
                next="kamsync doctor",
            ) from broken
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._overhear)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        self._end(signal.SIGKILL)  # what it may have started itself, too
        self._process.wait()
        for _ in range(100):
            if not any(thread.is_alive() for thread in self._threads):
                break
            with suppress(Empty):
                self._chunks.get(timeout=0.05)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def lines(self, clock: Clock, silence: float) -> Iterator[bytes | None]:
        """Each whole line as it comes; None now and then while the tap is silent. Raises Unavailable, Refused."""
        rest, heard = bytearray(), clock.monotonic()
        while True:
            clock.sleep(0)  # raises when the process is asked to stop
            try:
                chunk = self._chunks.get(timeout=BEAT)
            except Empty:
                if clock.monotonic() - heard > silence:
                    raise self._too_silent(silence) from None
                yield None
                continue
            heard = clock.monotonic()
            if not chunk:
                yield from (line for line in [bytes(rest)] if line.strip())
                return
            whole, newline, last = chunk.rpartition(b"\n")
            if newline:
                yield from (line for line in bytes(rest + whole).split(b"\n") if line.strip())
                rest.clear()
            rest += last
            if len(rest) > LONGEST:
                raise Refused(Text(f"{self._name} 的一行超过 64 MiB", f"a line of {self._name} is longer than 64 MiB"))

    def done(self, silence: float) -> None:
        """Wait for its end; raises Unavailable, with what it said last, when it ended badly."""
        try:
            code = self._process.wait(silence)
        except subprocess.TimeoutExpired:
            raise self._too_silent(silence) from None
        self._threads[1].join(PATIENCE)
        if code:
            raise Unavailable(self._complaint(code), next="kamsync doctor")

    # ---- parts

    def _listen(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        while chunk := os.read(pipe.fileno(), CHUNK):
            self._chunks.put(chunk)
        self._chunks.put(b"")

    def _overhear(self) -> None:
        pipe = self._process.stderr
        assert pipe is not None
        while line := pipe.readline(CHUNK):
            self._said.append(line)

    def _end(self, how: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, how)
        except (ProcessLookupError, PermissionError):
            return

    def _complaint(self, code: int) -> Text:
        said = self._redact(b"".join(self._said).decode("utf-8", "replace").strip())[-TOLD:]
        how = (
            Text(f"以 {code} 退出", f"ended with {code}")
            if code > 0
            else Text(f"被信号 {-code} 结束", f"was ended by signal {-code}")
        )
        return Text(f"{self._name} {how.zh}:\n{said}", f"{self._name} {how.en}:\n{said}")

    def _too_silent(self, silence: float) -> Unavailable:
        return Unavailable(
            Text(
                f"{self._name} {silence:.0f} 秒没有输出,已结束它",
                f"{self._name} said nothing for {silence:.0f} s and was ended",
            )
        )
