"""A PostgreSQL cluster of our own: in a folder, on a free loopback port, not root's."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers.running import CannotStart

DEBIAN = Path("/usr/lib/postgresql")
DATABASE = "record"
ROLE = "record"
LIKE_PRODUCTION = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "synchronous_commit": "on",
    "fsync": "on",
    "jit": "off",
}


def programs() -> Path | None:
    """The folder of the newest PostgreSQL's server programs, or None."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    found = [folder for folder in DEBIAN.glob("*/bin") if (folder / "initdb").is_file()]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


def install() -> None:
    """Install PostgreSQL from Debian's packages if it is missing and that is possible."""
    if programs() is not None:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise CannotStart("no PostgreSQL on this machine: install it (Debian: postgresql)")
    for step in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
        done = subprocess.run(
            ["apt-get", "-q", *step],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode != 0:
            raise CannotStart(f"apt-get {step[0]} failed for PostgreSQL:\n{done.stderr[-2000:]}")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that answers on ``port``; its files are all in ``folder``."""

    folder: Path
    port: int
    programs: Path

    @property
    def environment(self) -> dict[str, str]:
        """What deploy/hapi.properties takes from the environment."""
        return {
            "RECORD_DATABASE_URL": f"jdbc:postgresql://127.0.0.1:{self.port}/{DATABASE}",
            "RECORD_DATABASE_USER": ROLE,
            "RECORD_DATABASE_PASSWORD": (self.folder / "password").read_text().strip(),
        }

    def control(self, action: str, *more: str) -> None:
        """``pg_ctl`` start, stop or restart, waiting until it is done."""
        _as_owner(
            [
                str(self.programs / "pg_ctl"),
                action,
                "--wait",
                f"--pgdata={self.folder / 'data'}",
                f"--log={self.folder / 'postgres.log'}",
                *more,
            ]
        )

    def sql(self, statement: str) -> str:
        """What one statement answers, as unaligned text."""
        return _as_owner(
            [
                str(self.programs / "psql"),
                "--no-psqlrc",
                "--tuples-only",
                "--no-align",
                f"--dbname=postgresql://{ROLE}@127.0.0.1:{self.port}/{DATABASE}",
                f"--command={statement}",
            ],
            {"PGPASSWORD": self.environment["RECORD_DATABASE_PASSWORD"]},
        )

    def stop(self) -> None:
        """End it at once and remove its files."""
        try:
            self.control("stop", "--mode=immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def start_postgres() -> Cluster:
    """A new, empty cluster that answers. Raises CannotStart."""
    install()
    found = programs()
    if found is None:
        raise CannotStart("PostgreSQL's packages are installed but its programs are not found")
    folder = Path(tempfile.mkdtemp(prefix="handover-postgres-"))
    owner = _owner()
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    password = os.urandom(16).hex()
    (folder / "password").write_text(password)
    (folder / "password").chmod(0o600)
    if owner is not None:
        os.chown(folder / "password", owner.pw_uid, owner.pw_gid)
    cluster = Cluster(folder, _free_port(), found)
    _as_owner(
        [
            str(found / "initdb"),
            f"--pgdata={folder / 'data'}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            f"--username={ROLE}",
            "--auth=scram-sha-256",
            f"--pwfile={folder / 'password'}",
            "--no-instructions",
        ]
    )
    lines = [f"{name} = '{value}'" for name, value in LIKE_PRODUCTION.items()]
    with (folder / "data" / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write("\n".join([*lines, f"port = {cluster.port}", ""]))
    cluster.control("start")
    _as_owner(
        [
            str(found / "createdb"),
            f"--maintenance-db=postgresql://{ROLE}@127.0.0.1:{cluster.port}/postgres",
            DATABASE,
        ],
        {"PGPASSWORD": password},
    )
    return cluster


def _owner() -> pwd.struct_passwd | None:
    """Whose the cluster is when we are root, which PostgreSQL refuses to run as."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def _as_owner(command: Sequence[str], environment: dict[str, str] | None = None) -> str:
    owner = _owner()
    # A server that pg_ctl leaves running would hold a captured pipe open for ever: its own
    # log file has what it says, and a plain file has what the command says.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            command,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
            env={**os.environ, **(environment or {})},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        said.seek(0)
        words = said.read()
    if done.returncode != 0:
        raise CannotStart(f"{Path(command[0]).name} failed:\n{words[-2000:]}")
    return words


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
