"""HAPI FHIR JPA, built by Maven and run as deploy/hapi.properties says, on PostgreSQL or H2."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, replace

from tests.servers.postgres import Cluster, start_postgres
from tests.servers.running import HERE, CannotStart, Running, start

FOLDER = HERE / "hapi"
BUILT = FOLDER / "target" / "built"
SETTINGS = HERE.parents[1] / "deploy" / "hapi.properties"
DEBIAN = {"java": "openjdk-17-jdk-headless", "javac": "openjdk-17-jdk-headless", "mvn": "maven"}
IN_MEMORY = {
    "RECORD_DATABASE_URL": "jdbc:h2:mem:record;DB_CLOSE_DELAY=-1",
    "RECORD_DATABASE_USER": "sa",
    "RECORD_DATABASE_PASSWORD": "",
}
HEAP = "1g"


def lacking() -> str | None:
    """Why it can't be built and started on this machine, or None."""
    missing = [program for program in DEBIAN if shutil.which(program) is None]
    if not missing or _may_install():
        return None
    return f"no {' and no '.join(missing)} on this machine (Java 17 or newer and Maven are needed)"


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install() -> None:
    """Install Java and Maven from Debian's packages if they are missing. Raises CannotStart."""
    if why := lacking():
        raise CannotStart(why)
    packages = sorted({DEBIAN[name] for name in DEBIAN if shutil.which(name) is None})
    if not packages:
        return
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "-q", *step],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode != 0:
            raise CannotStart(f"apt-get {step[0]} failed:\n{done.stderr[-2000:]}")


def build() -> None:
    """Compile it with its libraries beside it, unless nothing changed. Raises CannotStart."""
    install()
    sources = [FOLDER / "pom.xml", *(FOLDER / "src").rglob("*.*")]
    if BUILT.is_file() and all(s.stat().st_mtime <= BUILT.stat().st_mtime for s in sources):
        return
    done = subprocess.run(
        ["nice", "-n", "15", "mvn", "--batch-mode", "--quiet", "compile"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    if done.returncode != 0:
        raise CannotStart(f"Maven could not build the HAPI record:\n{done.stdout[-3000:]}")
    BUILT.touch()


@dataclass(frozen=True, slots=True)
class RunningHapi:
    """HAPI that answers, and its PostgreSQL cluster (None with H2)."""

    server: Running
    database: Cluster | None
    validating: bool

    @property
    def base(self) -> str:
        """The FHIR base URL."""
        return self.server.base

    @property
    def port(self) -> int:
        """The loopback port, kept over a restart."""
        return int(self.server.base.rsplit(":", 1)[1].partition("/")[0])

    def kill(self) -> None:
        """End the server as a power cut would; its database goes on."""
        self.server.kill()

    def again(self) -> RunningHapi:
        """The server anew on the same port and database."""
        server = _serve(self.port, self.database, self.validating)
        return replace(self, server=server)

    def stop(self) -> None:
        """End both and remove the database."""
        self.server.stop()
        if self.database is not None:
            self.database.stop()


def start_hapi(
    port: int = 0, *, h2: bool = False, validating: bool = False, stay: bool = False
) -> RunningHapi:
    """Start an empty one on loopback; ``port`` 0 takes a free one. Raises CannotStart.

    ``validating`` refuses, with 422 and the reasons, what does not pass base R4.
    """
    build()
    database = None if h2 else start_postgres()
    try:
        return RunningHapi(_serve(port, database, validating, stay), database, validating)
    except BaseException:
        if database is not None:
            database.stop()
        raise


def _serve(port: int, database: Cluster | None, validating: bool, stay: bool = False) -> Running:
    return start(
        "hapi",
        [
            "java",
            f"-Xmx{HEAP}",
            "-XX:+UseSerialGC",
            "-cp",
            f"{FOLDER / 'target' / 'classes'}:{FOLDER / 'target' / 'lib'}/*",
            "example.handover.record.Main",
            "--settings",
            str(SETTINGS),
            "--port",
            str(port),
            *(["--validate"] if validating else []),
        ],
        patience=240,
        stay=stay,
        environment=IN_MEMORY if database is None else database.environment,
    )
