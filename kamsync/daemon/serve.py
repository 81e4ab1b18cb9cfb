"""The daemon's work: on every beat do what is due, one job at a time, until it is asked to stop.

A job that fails is told with its cause and never ends the daemon; it stays owed and is tried again after a while,
as is one that was interrupted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from kamsync.daemon.due import Job, due, latest, pairs, upcoming
from kamsync.daemon.figures import figures
from kamsync.daemon.hooks import Hooks
from kamsync.daemon.listen import Listener
from kamsync.daemon.ticker import serve
from kamsync.engine import ledger, verbs
from kamsync.engine.cycle import Cycle
from kamsync.engine.pull import PullReport
from kamsync.engine.workspace import Workspace
from kamsync.net import Stopped
from kamsync.plugin import KamsyncError

PATIENCE = 25.0  # seconds that a job under way may take to reach a safe place
AGAIN = 600.0  # seconds until a job that failed is tried again
SOON = 5.0  # seconds until one is tried again that found somebody else writing
LATER = 60.0  # seconds until a look at what CRMs called about is tried again
HOOKS = Job("hooks", "hooks", datetime.min.replace(tzinfo=UTC))  # what CRMs called about has no business time

Log = Callable[..., None]  # (event, **facts); `level` is one of its facts
Driver = Callable[[Callable[[], None], threading.Event], None]


def run(workspace: Workspace, log: Log, *, driver: Driver = serve, patience: float = PATIENCE) -> bool:
    """Serve until `workspace.stop`. False: a call under way did not end in time, so its write is left to evidence."""
    with ledger.on_duty(workspace), _hearing(workspace, log) as hooks:
        work = Work(workspace, log, hooks)
        log("daemon.start", store=workspace.store.where, next=work.next_times())
        ended: Future[None] = Future()
        threading.Thread(target=_carried, args=(driver, work, workspace.stop, ended), daemon=True).start()
        while not workspace.stop.wait(0.2) and not ended.done():
            pass
        if not ended.done():
            log("daemon.stopping", doing=work.doing)
        clean = bool(wait((ended,), patience).done)
        log("daemon.stop", clean=clean)
        if clean:
            ended.result()  # raises what ended the work, if it was not the stop
        return clean


@contextmanager
def _hearing(workspace: Workspace, log: Log) -> Iterator[Hooks]:
    """Listen where the config says so; the door is shut before what it leads to."""
    address = workspace.config.daemon.listen
    with ExitStack() as stack:
        hooks = stack.enter_context(Hooks(workspace, listens=address is not None))
        if address is not None:
            listener = stack.enter_context(Listener(address, hooks.ears.hear, log))
            log("daemon.listen", address=str(listener.address), public_url=workspace.config.daemon.public_url)
            for name, cause in hooks.lines.broken.items():
                log("hook.deaf", level="error", connection=name, **_cause(cause))
        yield hooks


def _carried(driver: Driver, work: Work, stop: threading.Event, ended: Future[None]) -> None:
    """Run the driver on this thread; how it ended is carried to the one that waits."""
    try:
        driver(work.beat, stop)
        ended.set_result(None)
    except BaseException as broken:  # noqa: BLE001  not lost: the waiting thread raises it
        ended.set_exception(broken)


class Work:
    """What is done on each beat; `doing` names the job under way."""

    def __init__(self, workspace: Workspace, log: Log, hooks: Hooks) -> None:
        self.workspace = workspace
        self.log = log
        self.hooks = hooks
        self.doing: str | None = None
        self._over: dict[str, str] = {}  # the newest business time of each verb that needs no more looking at
        self._resting: dict[str, tuple[str, float]] = {}  # by verb: what could not be done, and when to try again
        self._waiting = ("", "")  # verb and key of the job that waits for another writer to end
        self._told = ""  # a trouble is told once, not on every beat
        workspace.say = self._say

    def beat(self) -> None:
        """Work off what is due now."""
        try:
            for job in self._owed():
                if not self.workspace.stop.is_set():
                    self._work(job)
            if self.hooks.is_due and not self._rests(HOOKS) and not self.workspace.stop.is_set():
                self._look()
        except ledger.StoreDamaged:
            raise
        except KamsyncError as trouble:
            self._once("daemon.trouble", trouble)

    def next_times(self) -> dict[str, str]:
        """When each verb comes next, in the deployment's zone."""
        config = self.workspace.config
        coming = upcoming(config.schedule, self.workspace.clock.now(), config.timezone)
        return {verb: self._local(at) for verb, at in coming.items()}

    def _owed(self) -> tuple[Job, ...]:
        config = self.workspace.config
        newest = latest(config.schedule, self.workspace.clock.now(), config.timezone)
        fresh = [job for job in newest if self._over.get(job.verb) != job.key and not self._rests(job)]
        if not fresh:
            return ()
        owed = due(fresh, ledger.look(self.workspace, pairs(fresh)))
        if not owed:
            self._over.update(pairs(fresh))
        return owed

    def _work(self, job: Job) -> None:
        times = pairs((job, *job.covers))
        if not ledger.begin(self.workspace, times):
            self._over.update(times)
            return
        verdict = self._carry_out(job)
        if verdict == "failed":
            self._rest(job, AGAIN)
        elif verdict is not None:
            self._over.update(times)
            ledger.end(self.workspace, times, verdict)

    def _look(self) -> None:
        """Look at what CRMs called about, between the jobs of the schedule."""
        if self._carry_out(HOOKS) == "failed":
            self._rest(HOOKS, LATER)

    def _rest(self, job: Job, seconds: float) -> None:
        """Let some time pass for the CRM, for whoever writes, or for whoever mends a file."""
        self._resting[job.verb] = (job.key, self.workspace.clock.monotonic() + seconds)

    def _rests(self, job: Job) -> bool:
        key, until = self._resting.get(job.verb, ("", 0.0))
        return key == job.key and self.workspace.clock.monotonic() < until

    def _carry_out(self, job: Job) -> str | None:
        """Do it and tell it; its verdict, or None where it stays owed."""
        self.doing = job.verb
        if job is not HOOKS and (job.verb, job.key) != self._waiting:
            self.log("job.start", job=job.verb, time=job.key, late=self._late(job))
        self._waiting = self._waiting if job is HOOKS else ("", "")
        try:
            return self._done(job)
        except Stopped:
            self.log("job.interrupted", job=job.verb, time=job.key)
            return None
        except ledger.AlreadyWriting as busy:
            self._waiting = self._waiting if job is HOOKS else (job.verb, job.key)
            self._rest(job, SOON)
            self._once("job.waiting", busy, job=job.verb, time=job.key)
            return None
        except ledger.StoreDamaged as broken:  # nothing may be done on its word; the next start looks it over
            self.log("job.failed", level="error", job=job.verb, time=job.key, **_cause(broken))
            raise
        except KamsyncError as trouble:
            self.log("job.failed", level="error", job=job.verb, time=job.key, **_cause(trouble))
            return "failed"
        except Exception as fault:  # noqa: BLE001  this is one of the two places that end a job: nothing may pass
            self.log("job.failed", level="error", job=job.verb, time=job.key, cause=repr(fault), exc_info=fault)
            return "failed"
        finally:
            self.doing = None

    def _done(self, job: Job) -> str:
        began = self.workspace.clock.monotonic()
        report = self._report(job)
        if self.workspace.stop.is_set():
            raise Stopped
        if report is None:
            return "ok"
        told = figures(report)
        seconds = round(self.workspace.clock.monotonic() - began, 1)
        self._told = ""
        level = "info" if told["verdict"] == "ok" else "warning"
        self.log("job.end", level=level, job=job.verb, time=job.key, seconds=seconds, **told, then=self.next_times())
        return str(told["verdict"])

    def _report(self, job: Job) -> PullReport | Cycle | None:
        if job is HOOKS:
            return self.hooks.work()
        return verbs.pull_verb(self.workspace) if job.verb == "pull" else verbs.cycle_verb(self.workspace)

    def _late(self, job: Job) -> int:
        """Seconds since its business time."""
        return round((self.workspace.clock.now() - job.at).total_seconds())

    def _local(self, at: datetime) -> str:
        return at.astimezone(self.workspace.config.timezone).isoformat(timespec="seconds")

    def _once(self, event: str, trouble: KamsyncError, **facts: object) -> None:
        if self._told != trouble.text.en:
            self.log(event, level="warning", **facts, **_cause(trouble))
        self._told = trouble.text.en

    def _say(self, event: str, **facts: object) -> None:
        """Progress of the engine: what ended is worth a line, each page and batch is not."""
        if event in ("pull.page", "push.batch", "tier.judged"):
            return
        self.log(event, level="warning" if event.endswith(".failed") else "info", **facts)


def _cause(trouble: KamsyncError) -> dict[str, object]:
    return {"cause": trouble.text.en, "error": type(trouble).__name__, "next": trouble.next}
