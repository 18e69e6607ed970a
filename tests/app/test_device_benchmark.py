"""Devices are found, named and measured; the work is done on the device that is asked for."""

import subprocess
import sys

import jax
import pytest
from rich.console import Console

from lampas.app import device_benchmark as devices
from lampas.app.device_benchmark import (
    DeviceTimings,
    all_devices,
    device_name,
    median_seconds,
    timings_table,
)

TWO = """
import jax
from lampas.app import device_benchmark as devices
devices.BATCH_SIZE, devices.STEPS, devices.SECONDS = 4, 2, 0.0
second = devices.all_devices()[1]
with jax.default_device(second):
    model = devices.mlp()
    assert devices.step_seconds(model) > 0
print({variable.value.device == second for variable in model.variables().values()})
"""


def test_the_cpu_is_there_first_and_has_a_name():
    assert all_devices()[0].platform == "cpu"
    assert device_name(jax.devices("cpu")[0]) == "cpu (cpu:0)"


@pytest.mark.long
def test_the_work_is_done_on_the_device_that_is_asked_for(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    done = subprocess.run([sys.executable, "-c", TWO], capture_output=True, text=True, check=False)
    assert done.stdout == "{True}\n", done.stderr


def test_seconds_are_those_of_one_round_after_a_first(monkeypatch):
    now, rounds = [0.0], []

    def run(count):
        rounds.append(count)
        now[0] += 0.1 * count + (5.0 if len(rounds) == 1 else 0.0)

    monkeypatch.setattr(devices.time, "perf_counter", lambda: now[0])
    assert median_seconds(run) == pytest.approx(0.1)
    assert rounds == [1, 1, 3, 3, 3]


def test_the_table_has_milliseconds_and_ratios_to_the_cpu():
    cpu = jax.devices("cpu")[0]
    measured = [DeviceTimings(cpu, 0.1, 0.002, 0.03), DeviceTimings(cpu, 0.001, 0.001, 0.06)]
    console = Console(width=80)
    with console.capture() as capture:
        console.print(timings_table(measured))
    header, first, second = capture.get().splitlines()
    assert header.split() == ["device", "product", "2048²", "MLP", "step", "CNN", "step"]
    assert first.split()[2:] == ["100", "ms", "1×", "2", "ms", "1×", "30", "ms", "1×"]
    assert second.split()[2:] == ["1", "ms", "100×", "1", "ms", "2×", "60", "ms", "0.5×"]
