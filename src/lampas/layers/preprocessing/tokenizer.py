"""Train and create tokenizers with Hugging Face's ``tokenizers``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...core.errors import DataError
from ...parsing.words import UNSPACED_LETTERS

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PADDING, UNKNOWN = 0, "[UNK]"
DEFAULT_BPE_SIZE = 8000
"""Default size of a byte-pair vocabulary."""
_NO_LIMIT = 1 << 31
_CONTINUATION_PREFIX = "##"
"""Prefix of a token that continues a word."""
# A word with its apostrophes (it's, o'clock), or a single punctuation mark.
_TOKEN = r"\w+(?:'\w+)*|[^\w\s]"
# The same, but for each letter of a script without blanks between words.
_LETTER = rf"[\w&&[^{UNSPACED_LETTERS}]]"
_WORD = rf"[{UNSPACED_LETTERS}]|{_LETTER}+(?:'{_LETTER}+)*|[^\w\s]"


def train_vocabulary(
    texts: Sequence[str], model: str, size: int | None, min_frequency: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The vocabulary of texts, the most frequent token first, and for ``"bpe"`` the merges.

    Raises:
        DataError: when no token is frequent enough, or ``tokenizers`` is not installed.
    """
    require_tokenizers()
    from tokenizers import models, trainers

    options: dict[str, Any] = {
        # One id is reserved for padding, which the trainer does not count.
        "vocab_size": (size or (_NO_LIMIT if model == "word" else DEFAULT_BPE_SIZE)) - 1,
        "min_frequency": min_frequency,
        "show_progress": False,
        "special_tokens": [UNKNOWN],
    }
    if model == "word":
        tokenizer = _with_text_rules(models.WordLevel(unk_token=UNKNOWN), _WORD)
        tokenizer.train_from_iterator(texts, trainers.WordLevelTrainer(**options))
    else:
        tokenizer = _with_text_rules(models.BPE(unk_token=UNKNOWN), _TOKEN)
        options["continuing_subword_prefix"] = _CONTINUATION_PREFIX
        # A letter needs two ids: one at the beginning of a word and one within it.
        options["limit_alphabet"] = (options["vocab_size"] - 1) // 2
        tokenizer.train_from_iterator(texts, trainers.BpeTrainer(**options))
    ids = tokenizer.get_vocab()
    if len(ids) < 2:
        raise DataError(
            f"the {len(texts):,} texts have no word that occurs {min_frequency} times or more. "
            "Lower min_frequency, or use more texts."
        )
    vocabulary = ("", *sorted(ids, key=lambda token: ids[token]))
    merges = json.loads(tokenizer.to_str())["model"].get("merges", ())
    return vocabulary, tuple(" ".join(pair) for pair in merges)


def make_tokenizer(model: str, vocabulary: Sequence[str], merges: Sequence[str]) -> Tokenizer:
    """A tokenizer for this vocabulary, in which a token's id is its position.

    Raises:
        DataError: when ``tokenizers`` is not installed.
    """
    require_tokenizers()
    from tokenizers import models

    ids = {token: number for number, token in enumerate(vocabulary)}
    if model == "word":
        return _with_text_rules(models.WordLevel(ids, unk_token=UNKNOWN), _WORD)
    pairs = [(first, second) for first, second in (merge.split(" ") for merge in merges)]
    pieces = models.BPE(
        ids, pairs, unk_token=UNKNOWN, continuing_subword_prefix=_CONTINUATION_PREFIX
    )
    return _with_text_rules(pieces, _TOKEN)


def require_tokenizers() -> None:
    """Raise a DataError that says how to install ``tokenizers`` if it is missing."""
    try:
        import tokenizers  # noqa: F401
    except ImportError as error:
        raise DataError(
            "texts need the package tokenizers, which is not installed: pip install 'lampas[app]'"
        ) from error


def _with_text_rules(model: Any, token: str) -> Tokenizer:
    """A tokenizer that normalizes Unicode and case, and splits into words and punctuation."""
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace("’", "'")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(token), "removed", invert=True)
    return tokenizer
