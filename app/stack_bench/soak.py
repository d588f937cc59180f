"""Many callers at once for minutes, and servers killed in the middle."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from app.stack.stack import Stack, State
from app.workspace import Workspace
from eval.open_bench import ROOT, skipper
from townlake.domain.errors import SkipperError
from townlake.domain.principal import Principal

STATEMENTS = (
    "SELECT region, count(*) FROM crm.accounts GROUP BY region",
    "SELECT count(*), max(opened_at) FROM crm.support_tickets WHERE priority = 'High'",
    "SELECT plan_name, count(*) FROM billing.subscriptions s JOIN billing.plans p ON p.plan_id = s.plan_id GROUP BY 1",
    "SELECT email, count(*) FROM crm.contacts GROUP BY email ORDER BY 2 DESC, 1 LIMIT 5",
)
LONG = (
    "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x) CROSS JOIN UNNEST(sequence(1, 10000)) b(y)"
    " CROSS JOIN UNNEST(sequence(1, 10000)) c(z), billing.plans WHERE (x * y + z) % 7 = 3"
)


def soak(workspace: Workspace, callers: int, minutes: float) -> str:
    """Callers that ask one statement after another; each has a name of its own."""
    end, errors = time.monotonic() + minutes * 60, Counter[str]()

    def ask(number: int) -> list[float]:
        who, took = Principal(subject=f"caller{number}"), list[float]()
        while time.monotonic() < end:
            began = time.perf_counter()
            try:
                verdict = workspace.lake.check(STATEMENTS[len(took) % len(STATEMENTS)], who, runs_next=True)
                workspace.lake.run(verdict)
            except SkipperError as error:
                errors[str(error)] += 1
            took.append(time.perf_counter() - began)
        return took

    with ThreadPoolExecutor(callers) as pool:
        took = sorted(each for some in pool.map(ask, range(callers)) for each in some)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
    wrong = f"{errors.total()} errors {dict(errors)}" if errors else "0 errors"
    return f"{len(took)} statements, {wrong}, p50 {p50:.2f} s, p95 {p95:.2f} s, {memory:.0f} MB"


def killed(stack: Stack, name: str, times: int) -> str:
    """Kill a server while a statement runs, and start it again."""
    ends, back = Counter[str](), []
    for _ in range(times):
        child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "app.cli.main", "sql", "--json", LONG],
            env=os.environ | {"SKIPPER_MAX_SECONDS": "20"},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(6)
        pid = next(server.pid for server in stack.status() if server.name == name)
        if pid is None:
            raise SystemExit(f"{name} does not run")
        os.kill(pid, signal.SIGKILL)
        out, err = child.communicate(timeout=120)
        record = json.loads(out)
        ends["told" if record["error"] and record["error"]["hint"] else f"not told: {out} {err}"] += 1
        if record.get("rows") is not None:
            ends["gave rows"] += 1
        began = time.monotonic()
        stack.up()
        back.append(time.monotonic() - began)
        if any(server.state is not State.RUNNING for server in stack.status()):
            ends["not back"] += 1
    verified = skipper(stack.home, "audit", "verify")
    sound = "audit sound" if verified.returncode == 0 else "AUDIT NOT SOUND"
    return f"{dict(ends)}, back in at most {max(back):.0f} s, {sound}"
