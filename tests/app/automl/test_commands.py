"""The commands, each in its own process, on every kind of data."""

import csv
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image

from lampas.datasets import synthetic_flowers

pytestmark = pytest.mark.long

LAMPAS = [sys.executable, "-c", "from lampas.app.cli import main; main()"]


def command(*words, folder):
    done = subprocess.run(
        [*LAMPAS, *map(str, words)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def wine(folder):
    from sklearn.datasets import load_wine

    load_wine(as_frame=True).frame.to_csv(folder / "wine.csv", index=False)
    return "wine.csv", "target"


def diabetes(folder):
    from sklearn.datasets import load_diabetes

    load_diabetes(as_frame=True).frame.to_csv(folder / "diabetes.csv", index=False)
    return "diabetes.csv", "target"


def mixed(folder):
    """Numbers with missing values, categories, dates, booleans, and row numbers."""
    random = np.random.default_rng(0)
    rows = []
    for n in range(400):
        size, city = random.normal(10, 3), random.choice(["Rome", "Oslo", "Lima"])
        day = np.datetime64("2024-01-01") + int(random.integers(0, 365))
        garden = random.choice(["yes", "no"])
        worth = size + 5 * (city == "Oslo") + 3 * (garden == "yes") + random.normal(0, 0.5)
        shown = "" if n % 9 == 0 else f"{size:.2f}"
        rows.append([n, shown, city, day, garden, "dear" if worth > 13 else "cheap"])
    with (folder / "homes.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "size", "city", "sold", "garden", "price"], *rows])
    return "homes.csv", "price"


def images(folder):
    x, y = synthetic_flowers(200, 48, 0)
    for number, (picture, label) in enumerate(zip(x, y, strict=True)):
        path = folder / "flowers" / f"kind {label}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
    return "flowers", None


def texts(folder):
    random = np.random.default_rng(0)
    words = {"good": ["bright", "moving", "funny"], "bad": ["dull", "clumsy", "stale"]}
    with (folder / "said.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for number in range(400):
            label = ("good", "bad")[number % 2]
            first, second = random.choice(words[label], 2)
            writer.writerow([f"Scene {number}: the story is {first}, even {second}.", label])
    return "said.csv", "label"


def series(folder):
    days = np.arange("2021-01-01", "2023-01-01", dtype="datetime64[D]")
    noise = np.random.default_rng(0).normal(0, 0.3, len(days))
    values = 20 + 0.01 * np.arange(len(days)) + 3 * np.sin(2 * np.pi * np.arange(len(days)) / 7)
    with (folder / "visits.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["day", "visits"], *zip(days, values + noise, strict=True)])
    return "visits.csv", None


def audio(folder):
    random, time = np.random.default_rng(0), np.arange(8000) / 16000
    for number in range(60):
        pitch = (300, 900)[number % 2] * random.uniform(0.9, 1.1)
        wave = np.sin(2 * np.pi * pitch * time) + random.normal(0, 0.1, len(time))
        path = folder / "tones" / ("low", "high")[number % 2] / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.3 * wave, 16000)
    return "tones", None


def comments(folder):
    """Comments beside a number, which decide together."""
    random = np.random.default_rng(0)
    plain = ["the", "pump", "ran", "with", "noise", "and", "steam", "near", "valve", "again"]
    with (folder / "shifts.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["heat", "comment", "state"])
        for _ in range(300):
            heat, leaks = random.normal(70, 10), random.random() < 0.5
            words = [*random.choice(plain, 5, replace=False), "leaking" if leaks else "tight"]
            comment = " ".join(random.permutation(words))
            writer.writerow([f"{heat:.3f}", comment, "stop" if leaks and heat > 70 else "go"])
    return "shifts.csv", "state"


@pytest.mark.parametrize(
    "make",
    [wine, diabetes, mixed, comments, images, texts, series, audio],
    ids=lambda make: make.__name__,
)
def test_from_raw_files_to_answers(tmp_path, make):
    path, target = make(tmp_path)
    options = () if target is None else ("--target", target)
    output = command("train", path, *options, "--out", "run", folder=tmp_path)
    result = json.loads((tmp_path / "run" / "result.json").read_text())["result"]
    assert output.splitlines()[-1].split() == ["report", "run/report.html"]
    assert result["baseline"] in (tmp_path / "run" / "report.html").read_text()

    output = command("predict", "run", path, "--out", "answers.csv", folder=tmp_path)
    with (tmp_path / "answers.csv").open() as file:
        assert len(list(csv.reader(file))) > 1
    assert "predictions written to answers.csv" in output
    assert result["metric"] in command("evaluate", "run", path, folder=tmp_path)

    script = subprocess.run(
        [sys.executable, "run/train.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    name, *_, score = script.stdout.splitlines()[-1].rpartition(" ")
    assert name.endswith(result["metric"])
    written = ".4f" if result["metric"] == "accuracy" else ".6g"
    assert score == f"{result['score']:{written}}"


def test_a_sheet_of_a_workbook(tmp_path):
    random = np.random.default_rng(0)
    with pd.ExcelWriter(tmp_path / "book.xlsx") as writer:
        for sheet in ("old", "new homes"):
            size = random.normal(size=60)
            frame = pd.DataFrame({"size": size, "dear": np.where(size > 0, sheet, "cheap")})
            frame.to_excel(writer, sheet_name=sheet, index=False)
    options = ("--target", "dear", "--sheet", "new homes", "--epochs", 2, "--rate", 0.01)
    command("train", "book.xlsx", *options, "--out", "run", folder=tmp_path)
    settings = json.loads((tmp_path / "run" / "run.json").read_text())["settings"]
    assert settings["sheet"] == "new homes"
    assert "60 examples" in command("evaluate", "run", "book.xlsx", folder=tmp_path)
    command("predict", "run", "book.xlsx", "--sheet", 1, "--out", "old.csv", folder=tmp_path)
    assert len((tmp_path / "old.csv").read_text().splitlines()) == 61
