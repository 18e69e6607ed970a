"""Words are counted in scripts with and without blanks."""

import pytest

from lampas.parsing.words import count_words


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("", 0), ("two words", 2), (" it's  fine!\n", 2), ("今天天气很好", 6), ("AI 很好", 3)),
        *(("ภาษาไทย", 7), ("カタカナ と ひらがな", 9), ("한국어 문장", 2), ("naïve café", 2)),
    ],
)
def test_count_words(text, number):
    assert count_words(text) == number
