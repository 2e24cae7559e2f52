"""What outlives a process: accepted jobs, results, files, the port. Also when it is killed."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from fal_experiments.sandbox.server import SandboxServer
from tests.sandbox.lab import MOVER, TELLER, Lab, config, picture

MINUTES_OF_WORK = {"prompt": "a long one", "num_frames": 3600, "resolution": "2160p"}
SERVE = """
import sys
from pathlib import Path
from fal_experiments.sandbox.server import SandboxServer
from tests.sandbox.lab import config, without_schemas

if __name__ == "__main__":
    endpoints = without_schemas()
    server = SandboxServer(config(Path(sys.argv[1]), time_scale=10_000, catalogue=endpoints))
    server.start()
    print(server.port, flush=True)
    sys.stdin.read()
"""


def descendants(pid: int) -> set[int]:
    """Return the processes below one, however deep."""
    table = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
    found, fresh = set[int](), {pid}
    while fresh:
        fresh = {child for child, parent in pairs if parent in fresh} - found
        found |= fresh
    return found


def test_a_finished_job_reads_the_same_after_a_restart(tmp_path: Path) -> None:
    with SandboxServer(config(tmp_path)) as server:
        lab = Lab(server)
        ticket = lab.submit(TELLER, {"prompt": "keep me"})
        before = lab.result(ticket)
        file_before = httpx.get(before.json()["video"]["url"]).content
        stats_before = server.stats()
        lab.close()

    with SandboxServer(config(tmp_path)) as server:
        lab = Lab(server)
        after = lab.get(ticket["response_url"])
        file_after = httpx.get(after.json()["video"]["url"]).content
        lab.close()

    assert after.json() == before.json()
    assert after.headers["x-fal-billable-units"] == before.headers["x-fal-billable-units"]
    assert file_after == file_before
    assert server.stats() == stats_before


def test_a_queued_job_runs_after_a_restart(tmp_path: Path) -> None:
    with SandboxServer(config(tmp_path, time_scale=10_000)) as server:
        lab = Lab(server)
        image_url = lab.upload(picture())
        ticket = lab.submit(MOVER, {"prompt": "later", "image_url": image_url, "seed": 1})
        lab.close()

    with SandboxServer(config(tmp_path)) as server:
        lab = Lab(server)
        result = lab.result(ticket)
        lab.close()

    assert result.status_code == 200
    assert server.stats().accepted == 1


def test_a_state_is_served_on_its_last_port_while_that_is_free(tmp_path: Path) -> None:
    with SandboxServer(config(tmp_path / "a")) as first:
        port = first.port
    with SandboxServer(config(tmp_path / "a")) as again:
        assert again.port == port
        with SandboxServer(config(tmp_path / "b", port=0)) as other:
            assert other.port != port


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for processes by pidfd (Linux)")
def test_a_killed_server_forgets_no_job_and_leaves_no_process(tmp_path: Path) -> None:
    """The worker is in the midst of a clip that would take it minutes."""
    child = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    assert child.stdin is not None
    base_url = f"http://127.0.0.1:{int(child.stdout.readline())}"
    client = httpx.Client(headers={"Authorization": "Key sandbox:local"})
    tickets = [
        client.post(f"{base_url}/queue/{TELLER}", json={"prompt": f"{index}"}).json()
        for index in range(2)
    ]
    with pytest.raises(httpx.ReadTimeout):
        client.post(f"{base_url}/run/{TELLER}", json=MINUTES_OF_WORK, timeout=2)
    client.close()
    workers = [os.pidfd_open(pid) for pid in descendants(child.pid)]

    child.kill()
    child.wait()

    child.stdin.close()
    child.stdout.close()
    assert len(workers) >= 2  # the fork server or its tracker, and a worker
    late = [worker for worker in workers if not select.select([worker], [], [], 15)[0]]
    for worker in late:
        signal.pidfd_send_signal(worker, signal.SIGKILL)
    for worker in workers:
        os.close(worker)
    assert not late, "a worker outlived its parent"
    with SandboxServer(config(tmp_path)) as server:
        lab = Lab(server)
        assert all(lab.result(ticket).status_code == 200 for ticket in tickets)
        assert server.stats().accepted == 3
        lab.close()
