"""Tokens of texts, by Hugging Face's tokenizers: how they are cut, learnt and numbered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...core.errors import DataError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PADDING, UNKNOWN = 0, "[UNK]"
PIECES = 8000
"""Usual size of a vocabulary of pieces."""
_NO_LIMIT = 1 << 31
_CONTINUED = "##"
"""Begins a piece that is not the first of its word."""
# A word with what its apostrophes join (it's, o'clock), or any single mark.
_TOKEN = r"\w+(?:'\w+)*|[^\w\s]"


def learn(
    texts: Sequence[str], model: str, size: int | None, min_frequency: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The vocabulary of texts, the most frequent token first, and for ``"bpe"`` the merges.

    Raises:
        DataError: when no token occurs often enough, or tokenizers is not installed.
    """
    require_tokenizers()
    from tokenizers import models, trainers

    options: dict[str, Any] = {
        # Padding has a number too, which the trainer does not know of.
        "vocab_size": (size or (_NO_LIMIT if model == "word" else PIECES)) - 1,
        "min_frequency": min_frequency,
        "show_progress": False,
        "special_tokens": [UNKNOWN],
    }
    if model == "word":
        learner = _cutting(models.WordLevel(unk_token=UNKNOWN))
        learner.train_from_iterator(texts, trainers.WordLevelTrainer(**options))
    else:
        learner = _cutting(models.BPE(unk_token=UNKNOWN))
        options["continuing_subword_prefix"] = _CONTINUED
        # A letter takes two places: as the first of a word, and as a later one.
        options["limit_alphabet"] = (options["vocab_size"] - 1) // 2
        learner.train_from_iterator(texts, trainers.BpeTrainer(**options))
    found = learner.get_vocab()
    if len(found) < 2:
        raise DataError(
            f"the {len(texts):,} texts have no word that occurs {min_frequency} times or more. "
            "Lower min_frequency, or give more texts."
        )
    vocabulary = ("", *sorted(found, key=lambda token: found[token]))
    merges = json.loads(learner.to_str())["model"].get("merges", ())
    return vocabulary, tuple(" ".join(pair) for pair in merges)


def tokenizer(model: str, vocabulary: Sequence[str], merges: Sequence[str]) -> Tokenizer:
    """What cuts texts into these tokens, each numbered by its place in the vocabulary.

    Raises:
        DataError: when tokenizers is not installed.
    """
    require_tokenizers()
    from tokenizers import models

    ids = {token: number for number, token in enumerate(vocabulary)}
    if model == "word":
        return _cutting(models.WordLevel(ids, unk_token=UNKNOWN))
    pairs = [(first, second) for first, second in (merge.split(" ") for merge in merges)]
    return _cutting(models.BPE(ids, pairs, unk_token=UNKNOWN, continuing_subword_prefix=_CONTINUED))


def require_tokenizers() -> None:
    """Raise DataError, which says how to install it, when tokenizers is not there."""
    try:
        import tokenizers  # noqa: F401
    except ImportError as error:
        raise DataError(
            "texts are read with tokenizers, which is not installed: pip install 'lampas[app]'"
        ) from error


def _cutting(model: Any) -> Tokenizer:
    """Lower case, one form for letters that look alike, then cut into words and marks."""
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

    made = Tokenizer(model)
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace("’", "'")]
    )
    made.pre_tokenizer = pre_tokenizers.Split(Regex(_TOKEN), "removed", invert=True)
    return made
