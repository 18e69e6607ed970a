"""Thousands of damaged and hostile model files, each read within 5 seconds and 1 GB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scale import SCALE

FILES = 3000 * SCALE
PER_PROCESS = 500
SECONDS, BYTES = 5.0, 10**9


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, FILES, PER_PROCESS))
def test_no_model_file_takes_long_or_much_memory_or_loads_damaged_weights(first, tmp_path):
    command = [
        sys.executable,
        "-m",
        "tests.soak.test_model_files",
        str(tmp_path),
        str(first),
        str(PER_PROCESS),
    ]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stderr[-3000:]
    *failures, count = done.stdout.splitlines()
    assert json.loads(count) == PER_PROCESS
    assert not failures


def main(folder: Path, first: int, count: int) -> None:
    """Read files in this process, which may take 1 GB more than now; print each failure."""
    import resource
    import socket
    import time
    from random import Random

    import lampas as lp
    from tests.model_file_mutations import damage, files, forge, has_content

    def no_network(*args: object, **options: object) -> None:
        raise AssertionError("the network was reached")

    contents = files(folder)
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, no_network)
    subprocess.Popen.__init__ = no_network  # type: ignore[method-assign, assignment]
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for number in range(first, first + count):
        random = Random(number)
        content, other = random.sample(contents, 2)
        damaged = random.random() < 0.4
        mutated = damage(random, content, other) if damaged else forge(random, content)
        if mutated in contents:
            continue
        path = folder / "mutated"
        path.write_bytes(mutated)
        began, failure = time.perf_counter(), ""
        try:
            model = lp.load(path)
        except lp.FileError as error:
            causes: list[BaseException] = [error]
            while following := causes[-1].__cause__ or causes[-1].__context__:
                causes.append(following)
            if any(isinstance(e, MemoryError | AssertionError) for e in causes) or any(
                "RESOURCE_EXHAUSTED" in str(e) for e in causes
            ):
                failure = f"{error!r:.300} of {causes[-1]!r:.300}"
            if len(str(error)) > 1000:
                failure = f"a message of {len(str(error))} letters: {error!r:.200}"
        except BaseException as error:
            failure = f"{error!r:.300}"
        else:
            if damaged and not has_content(model, content):
                failure = "loaded with damaged weights"
        seconds = time.perf_counter() - began
        if seconds > SECONDS:
            failure += f" {seconds:.1f} s"
        if failure:
            (folder / f"failed-{number}").write_bytes(mutated)
            print(f"{number}: {failure}", flush=True)
    print(json.dumps(count))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
