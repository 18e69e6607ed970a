"""Rows that depend on each other are split by time or group, or reported."""

import numpy as np
import pandas as pd
import pytest

import lampas as lp
from lampas.data.tables import profile_table, read_frame, table
from lampas.data.tables.row_structure import intraclass_correlation

DAYS = pd.date_range("2021-01-01", periods=200)


def patients(number=60, rows=10, constant=True):
    """Rows of patients, whose features are those of the patient, in random order."""
    random = np.random.default_rng(0)
    patient = np.repeat(np.arange(number), rows)
    state = random.choice(["ill", "well"], number)[patient]
    if not constant:
        state = random.choice(["ill", "well"], number * rows)
    frame = pd.DataFrame({"patient": patient, "x": random.normal(size=number)[patient]})
    frame["x"] += random.normal(0, 0.05, len(frame))
    return frame.assign(state=state).sample(frac=1, random_state=0)


def walk(**columns):
    """A random walk, day by day, beside other columns."""
    random = np.random.default_rng(1)
    price = 50 + np.cumsum(random.normal(size=200))
    return pd.DataFrame({"day": DAYS.strftime("%Y-%m-%d"), **columns, "price": price.round(2)})


def firms(number=5):
    """The prices of some firms below each other."""
    random = np.random.default_rng(2)
    series = {
        f"firm {n}": pd.DataFrame({"month": DAYS[:60], "price": np.cumsum(random.normal(size=60))})
        for n in range(number)
    }
    return pd.concat(series, names=["firm"]).reset_index(level=0)


def weather():
    return np.random.default_rng(3).choice(["rain", "sun"], 200)


def structure(frame, target, **arguments):
    return profile_table(frame, target, **arguments).structure


@pytest.mark.parametrize("form", ["p{:02}", "{}", "{:.1f}", "S-{:03}"])
def test_rows_of_one_patient_stay_in_one_split(form):
    frame = patients()
    frame["patient"] = frame["patient"].map(form.format)
    profile = profile_table(frame, "state")
    assert (profile.structure.group, profile.kinds) == ("patient", {"x": "number"})
    assert profile.structure.reason == (
        "the 60 values of 'patient' repeat in 600 rows, and rows with the same value are alike in "
        "'state'"
    )
    assert profile.warnings == ()


def test_an_enumerated_column_of_another_name_groups_the_rows():
    frame = patients().rename(columns={"patient": "Fall"})
    frame["Fall"] = "k" + frame["Fall"].astype(str)
    assert structure(frame, "state").group == "Fall"


def test_a_value_for_each_patient_is_alike_too():
    frame = patients().rename(columns={"patient": "patient_id"})
    frame["age"] = np.random.default_rng(0).uniform(20, 90, 60)[frame["patient_id"]]
    frame["age"] += np.random.default_rng(1).normal(0, 1, 600)
    assert structure(frame, "age").group == "patient_id"


@pytest.mark.parametrize("kind", ["leave-out", "category"])
def test_a_kind_that_the_user_chose_is_kept_with_a_warning(kind):
    profile = profile_table(patients(), "state", kinds={"patient": kind})
    assert profile.structure.group is None
    (warning,) = profile.warnings
    assert "even if the column is left out" in warning
    assert warning.endswith("keep rows together: --group patient.")
    assert profile_table(patients(), "state", group="patient").warnings == ()


def test_people_with_any_target_are_reported():
    frame = patients(constant=False)
    assert structure(frame, "state").group is None
    (warning,) = structure(frame, "state").warnings
    assert warning.startswith("the 60 values of 'patient' repeat in 600 rows, and a random split")


def test_words_that_decide_the_target_are_reported_not_as_leaks():
    frame = patients()
    names = [f"{a}{b}x" for a in "abcdef" for b in "klmnopqrst"]
    frame["model"] = frame.pop("patient").map(dict(enumerate(names)))
    profile = profile_table(frame, "state")
    assert profile.structure.group is None
    (warning,) = profile.warnings
    assert warning.endswith("--group model.")


def test_usual_features_are_no_groups():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"age": random.integers(18, 90, 600), "town": random.choice(list("abc"), 600)}
    )
    frame["old"] = np.where(frame["age"] > 60, "yes", "no")
    profile = profile_table(frame, "old")
    assert profile.structure.group is None
    assert [w for w in profile.warnings if "--group" in w] == []
    frame["rent"] = 300.0 + 9 * frame["age"]
    assert structure(frame, "rent").warnings == ()


def test_the_intraclass_correlation_is_that_of_the_analysis_of_variance():
    # The data of Shrout and Fleiss (1979), whose ICC(1) is 0.17.
    ratings = np.array(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]]
    )
    codes = np.repeat(np.arange(6), 4)
    y = ratings.reshape(-1, 1) - ratings.mean()
    assert intraclass_correlation(codes, y) == pytest.approx(0.17, abs=0.005)
    assert intraclass_correlation(codes, codes[:, None] - 2.5) == pytest.approx(1)
    assert intraclass_correlation(np.arange(24), y) == 0


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%m/%d/%Y 0:00", "%b %d, %Y"])
@pytest.mark.parametrize("step", [1, -1])
def test_dates_in_order_split_the_rows_by_time(form, step):
    frame = walk(sky=weather())[::step].assign(day=DAYS[::step].strftime(form))
    profile = profile_table(frame, "price")
    assert profile.structure.time == "day"
    assert profile.structure.reason == "the rows are in the order of the times in 'day'"
    assert list(profile.kinds) == ["sky"]
    rows = table(frame, "price", columns={"sky": "category"}, time="day")
    assert set(rows.split()[2].times) == set(DAYS[170:].to_numpy())


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y"])
def test_times_are_read_in_the_format_that_the_user_chose(form):
    # Both formats fit: no day is later than the twelfth of its month.
    days = pd.date_range("2021-01-01", periods=500)
    days = days[days.day <= 12][:200]
    frame = walk(sky=weather()).assign(day=days.strftime(form))
    profile = profile_table(frame, "price", kinds={"day": form})
    assert (profile.structure.time, profile.kinds) == ("day", {"sky": "category"})
    for source in (frame, frame.sample(frac=1, random_state=0)):
        rows = table(source, "price", columns=profile.kinds, time="day", formats=profile.formats)
        train, _, test = rows.split()
        assert train.times.max() < test.times.min()
        assert set(test.times) == set(days[len(days) - len(test) :].to_numpy())


def test_the_decimal_comma_of_the_table_holds_for_times():
    number = np.arange(900, 1100)
    frame = walk(year=[f"{n:,}".replace(",", ".") for n in number]).drop(columns="day")
    frame["price"] = [f"{price:.2f}".replace(".", ",") for price in frame["price"]]
    frame["x"] = weather()
    assert structure(frame, "price").time == "year"
    rows = table(frame.sample(frac=1, random_state=0), "price", time="year")
    assert sorted(rows.split()[2].times) == list(range(1070, 1100))


def test_a_word_for_a_missing_time_is_an_error():
    frame = walk(sky=weather())
    frame.loc[7, "day"] = "unknown"
    with pytest.raises(lp.DataError, match=r"row 8: the time 'day' is empty \(1 row in all\)"):
        table(frame, "price", time="day")


@pytest.mark.parametrize(
    "name", ["walk.csv", "walk.csv.gz", "walk.parquet", "index.parquet", "walk.xlsx"]
)
def test_the_suffix_makes_no_difference(tmp_path, name):
    frame, path = walk(sky=weather()), tmp_path / name
    if name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
        frame = frame.assign(day=DAYS)
        (frame.set_index("day") if name == "index.parquet" else frame).to_parquet(path)
    elif name.endswith(".xlsx"):
        pytest.importorskip("openpyxl")
        frame.assign(day=DAYS).to_excel(path, index=False)
    else:
        frame.to_csv(path, index=False)
    assert structure(read_frame(path), "price").time == "day"


def test_numbers_that_rise_are_times_by_their_names():
    frame = walk(sky=weather()).drop(columns="day").assign(timestamp=np.arange(200) * 60 + 7)
    assert structure(frame, "price").time == "timestamp"
    # Survival times may be sorted, with ties; they are no order of the rows.
    times = np.sort(np.random.default_rng(0).integers(0, 90, 200))
    assert structure(frame.assign(timestamp=times), "price").time is None


def test_times_in_several_columns_are_an_order_too():
    hours = pd.date_range("2021-01-30", periods=200, freq="h")
    parts = {part: getattr(hours, part) for part in ("year", "month", "day", "hour")}
    frame = walk(**parts).drop(columns="day").assign(day=parts["day"])
    found = structure(frame, "price")
    assert found.time is None
    (warning,) = found.warnings
    assert warning.startswith(
        "the rows are in the order of the times in 'year', 'month', 'day', 'hour', and a random"
    )
    born = DAYS[np.random.default_rng(0).integers(0, 200, 200)]
    assert structure(frame.assign(born=born), "price").warnings == found.warnings
    assert structure(frame.assign(No=range(1, 201)), "price").time == "No"
    assert structure(frame.assign(No=range(1, 201)), "price").reason in warning
    assert structure(frame.sample(frac=1, random_state=0), "price").warnings == ()
    assert structure(frame[["hour", "price"]].assign(sky=weather()), "price").time is None


def test_a_series_in_any_order_is_split_by_time():
    frame = walk(x=np.random.default_rng(0).normal(size=200)).sample(frac=1, random_state=0)
    found = structure(frame, "price")
    assert (found.time, found.reason) == (
        "day",
        "the times in 'day' are evenly spaced, so the rows are those of a series",
    )


def test_rows_alike_at_near_times_are_reported():
    frame = walk(sky=weather()).sample(frac=3, replace=True, random_state=0)
    frame["x"] = np.random.default_rng(0).normal(size=600)
    found = structure(frame, "price")
    assert found.time is None
    (warning,) = found.warnings
    assert warning.startswith("rows that are near in 'day' are alike in 'price'")
    assert warning.endswith("Hold out the latest rows: --time day.")
    random = np.random.default_rng(5).normal(size=600)
    assert structure(frame.assign(price=random), "price").warnings == ()


@pytest.mark.parametrize("order", ["firm", "month", "any"])
def test_several_series_are_split_by_time(order):
    frame = firms().sample(frac=1, random_state=0)
    if order != "any":
        frame = frame.sort_values([order, "month"])
    found = structure(frame, "price")
    assert (found.time, found.series) == ("month", "firm")
    assert found.reason == "the rows are 5 series in time, one for each value of 'firm'"


def test_short_series_are_reported():
    frame = firms(20).groupby("firm").head(8)
    found = structure(frame, "price")
    assert (found.time, found.group) == (None, None)
    assert found.warnings[0].startswith("the rows are 20 series in time, one for each value of 'f")


def test_times_are_not_split_by_if_the_user_or_the_classes_forbid():
    frame = walk(sky=weather())
    profile = profile_table(frame, "price", kinds={"day": "date"})
    assert profile.structure.time is None
    assert "--time day" in profile.warnings[0]
    assert structure(frame, "price", kinds={"day": "leave-out"}).time == "day"
    # A class that occurs in the last rows alone cannot be learned from the first.
    late = frame.assign(price=np.repeat(["a", "b"], [160, 40]))
    assert structure(late, "price").time is None
    assert "--time day" in structure(late, "price").warnings[0]
    few = profile_table(frame[:15], "price")
    assert (few.structure.time, few.kinds["day"]) == (None, "date")
    assert "--time day" in few.warnings[0]
    only = frame[["day", "price"]]
    assert structure(only, "price").time is None
    assert "as a series instead (--task forecast)" in structure(only, "price").warnings[0]


def test_times_that_cannot_be_divided_are_reported():
    # Nearly half of the rows are of the last day, so that no validation rows are left.
    frame = walk(sky=weather()).iloc[np.minimum(np.arange(200), 110)]
    frame["x"] = np.random.default_rng(0).normal(size=200)
    found = structure(frame, "price")
    assert found.time is None
    assert found.warnings[0].startswith("the rows are in the order of the times in 'day'")


def test_the_rows_of_one_patient_count_more_than_their_order():
    frame = patients().sort_values("patient")
    frame["visit"] = pd.date_range("2020-01-01", periods=600)
    found = structure(frame, "state")
    assert (found.group, found.time) == ("patient", None)


def test_a_table_of_a_frame_warns_before_a_random_split():
    with pytest.warns(UserWarning, match=r"order of the times in 'day'.*pass time='day'"):
        table(walk(sky=weather()), "price")
    with pytest.warns(UserWarning, match=r"values of 'patient' repeat.*pass group='patient'"):
        table(patients(), "state")
    with pytest.warns(UserWarning, match=r"keep rows together: group='patient'"):
        table(patients(constant=False), "state")
    with pytest.warns(UserWarning, match=r"times in the index, .*reset_index\(\), and pass time="):
        table(walk(sky=weather()).drop(columns="day").set_index(DAYS), "price")
    table(walk(sky=weather()), "price", time="day")
    table(patients(), "state", columns={"x": "number"})


def test_independent_rows_are_split_at_random():
    random = np.random.default_rng(0)
    born = DAYS[random.integers(0, 200, 300)].strftime("%Y-%m-%d")
    frame = pd.DataFrame({"born": born, "x": random.normal(size=300), "id": range(300)})
    profile = profile_table(frame.assign(y=random.normal(size=300)), "y")
    assert (profile.structure.group, profile.structure.time) == (None, None)
    assert (profile.structure.reason, profile.warnings) == ("", ())
