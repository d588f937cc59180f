"""Installs a Kafka and starts one broker, which is its own controller."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.stack.java import find_java
from tests.support.child import made_once, running
from tests.trino.grown import free_port
from townlake.domain.errors import SettingsError

_VERSION = "4.3.1"
_POM = Path(__file__).parent / "pom.xml"
_INSTALL_SECONDS = 300
_TOOL_SECONDS = 60
_CLUSTER = "c2tpcHBlci10ZXN0cy1rYQ"
"""Sixteen bytes, as a cluster is named."""
_JVM = (
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)


@dataclass(frozen=True)
class Kafka:
    """A broker that answers."""

    java: Path
    jars: Path
    port: int

    def send(self, topic: str, *messages: tuple[str, str]) -> None:
        """Send keys and messages to a topic, which is made with two partitions where it is not there.

        Raises:
            RuntimeError: the broker did not take them.
        """
        server = f"127.0.0.1:{self.port}"
        told = ("--bootstrap-server", server, "--topic", topic, "--reader-property", "parse.key=true")
        lines = "".join(f"{key}\t{message}\n" for key, message in messages)
        _tool(self.java, self.jars, "org.apache.kafka.tools.ConsoleProducer", *told, said=lines)


def install_kafka(cache: Path) -> Path:
    """The jars, which Maven brings once: 54 MB.

    Raises:
        RuntimeError: Maven is missing, or cannot bring them.
    """
    maven = shutil.which("mvn")
    place = cache / f"kafka-{_VERSION}"
    if maven is None and not place.is_dir():
        raise RuntimeError("Maven brings it, and there is none.")

    def make(work: Path) -> None:
        shutil.copy(_POM, work)
        goal = ("dependency:copy-dependencies", "-DoutputDirectory=libs", "-DincludeScope=runtime")
        done = subprocess.run(
            (str(maven), "-q", "-B", *goal),
            cwd=work,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            said = (done.stdout.strip() or done.stderr.strip() or "nothing").splitlines()
            raise RuntimeError(f"Maven cannot bring it: {said[0]}")

    return made_once(place, make) / "libs"


@contextmanager
def kafka_broker(cache: Path, work: Path) -> Iterator[Kafka]:
    """A broker without topics, or a skipped test where none can be had."""
    try:
        java, jars = find_java(os.environ), install_kafka(cache)
    except (RuntimeError, OSError, SettingsError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"There is no Kafka to test with: {error}")
    port, controller = free_port(), free_port()
    properties = work / "server.properties"
    properties.write_text(_properties(port, controller, work / "data"), encoding="utf-8")
    _tool(java, jars, "kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(properties))
    command = (*_java(java, jars), "kafka.Kafka", str(properties))
    with running(command, work, lambda: _listens(port)):
        yield Kafka(java, jars, port)


def _properties(port: int, controller: int, data: Path) -> str:
    listeners = f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}"
    properties = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": listeners,
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(data),
        "num.partitions": "2",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "log.cleaner.dedupe.buffer.size": "20000000",
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def _java(java: Path, jars: Path) -> tuple[str, ...]:
    return (str(java), *_JVM, "-cp", f"{jars}/*")


def _tool(java: Path, jars: Path, name: str, *arguments: str, said: str = "") -> None:
    command: Sequence[str] = (*_java(java, jars), name, *arguments)
    done = subprocess.run(command, input=said, capture_output=True, text=True, timeout=_TOOL_SECONDS, check=False)
    if done.returncode != 0 or "ERROR" in done.stderr:
        raise RuntimeError(f"{name}: {done.stdout}{done.stderr}")


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
