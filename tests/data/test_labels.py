"""Small helpers for messages."""

import pytest

from lampas.data.labels import encode_labels, format_share, spelling_warning


@pytest.mark.parametrize(
    ("number", "total", "text"),
    [
        *((0, 9, "0%"), (9, 9, "100%"), (1, 3, "33%"), (998, 1000, "99.8%"), (2, 1000, "0.2%")),
        *((9_999, 10_000, ">99.9%"), (1, 10_000, "<0.1%"), (995, 1000, "99.5%"), (1, 2, "50%")),
    ],
)
def test_shares_do_not_round_to_none_or_all(number, total, text):
    assert format_share(number, total) == text


def test_spellings_of_one_class_are_reported():
    classes = ["NO", "No", "no", "yes", "New York", "new-york", "-1", "1", "+", "-", "A", "B"]
    message = spelling_warning(classes)
    assert message.startswith("classes whose names differ only in case, blanks or punctuation: ")
    assert "'NO', 'No', 'no'; 'New York', 'new-york'. If they mean the same" in message
    assert spelling_warning(["yes", "no", "1.5", "15", "-1", "1"]) == ""
    with pytest.warns(UserWarning, match=r"a\.csv has classes whose names .*: 'No', 'no'\. If"):
        encode_labels(["no", "No"], None, "a.csv")
    labels, names = encode_labels(["no", "No"], ["no", "No"], "a.csv")
    assert (labels.tolist(), names) == ([0, 1], ("no", "No"))
