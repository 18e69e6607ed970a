"""Texts as rows of whole numbers, one for each word or piece of a word."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError, NotBuiltError, show_shape, unknown_name
from .base import Reader
from .tokenizer import PADDING, UNKNOWN, learn, tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TokenModel = Literal["word", "bpe"]
FITTING = 0.98
"""Share of the training texts that is not cut, where the length is chosen by `adapt`."""
_PIECE = 1024


class TextVectorization(Reader):
    """Texts to rows of token numbers: the first layer of a model that takes raw texts.

    ``adapt`` learns the vocabulary from the training texts. Tokens are lower-case words, or pieces
    of words, and single marks. 0 is padding and 1 every unknown token; words are numbered from the
    most frequent on. Texts are cut after ``output_sequence_length`` tokens and shorter ones
    padded behind, so an empty text is padding alone: put ``Embedding(mask_zero=True)`` next.

    Args:
        max_tokens: most numbers in use, padding and unknown included; None for no limit with words
            and 8,000 with pieces.
        output_sequence_length: tokens of a text; None lets ``adapt`` choose one that 98 of 100
            training texts fit in.
        model: ``"word"``, or ``"bpe"`` for pieces of words by byte-pair encoding (Sennrich et al.,
            2016), which has a number for words it has not seen.
        min_frequency: how often a token must occur in the training texts to be known.
        vocabulary: all tokens in the order of their numbers, in place of ``adapt``.
        merges: for ``"bpe"``, the pairs of pieces that are joined, in order.
        name: the layer's name in paths and summaries.

    Shape: ``n`` texts to ``(n, output_sequence_length)``, int32.
    Raises NotBuiltError before ``adapt``, and DataError for what is no text.
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        output_sequence_length: int | None = None,
        model: TokenModel = "word",
        *,
        min_frequency: int = 1,
        vocabulary: Sequence[str] | None = None,
        merges: Sequence[str] | None = None,
        name: str | None = None,
    ) -> None:
        if model not in get_args(TokenModel):
            raise unknown_name("token model", model, get_args(TokenModel))
        # A letter is known by itself and as the next of a word.
        fewest = 3 if model == "word" else 4
        if max_tokens is not None and max_tokens < fewest:
            raise ArgumentError(f"max_tokens must be {fewest} or more, got {max_tokens}.")
        if output_sequence_length is not None and output_sequence_length < 1:
            raise ArgumentError(
                f"output_sequence_length must be 1 or more, got {output_sequence_length}."
            )
        self.max_tokens = max_tokens
        self.output_sequence_length = self._wanted_length = output_sequence_length
        self.model: TokenModel = model
        self.min_frequency = min_frequency
        self.vocabulary = _checked(vocabulary)
        self.merges = tuple(merges or ())
        self.name = name

    def adapt(self, texts: Iterable[str]) -> None:
        """Learn the vocabulary, and the length unless it was given, from the training texts.

        Raises:
            DataError: for what is no text, and when the texts have no word.
        """
        given = _texts(texts)
        self.vocabulary, self.merges = learn(given, self.model, self.max_tokens, self.min_frequency)
        self.__dict__.pop("_tokenizer", None)
        self.output_sequence_length = self._wanted_length
        if self.output_sequence_length is None:
            lengths = [len(row) for row in self._encoded(given)]
            self.output_sequence_length = max(1, int(np.quantile(lengths, FITTING)))
        self._arguments = ((), self._learnt())

    def reads(self, x: Any) -> bool:
        """Whether ``x`` are texts, or are meant to be: no numbers."""
        if isinstance(x, list | tuple):
            return any(isinstance(item, str | bytes) or item is None for item in x)
        kind = getattr(getattr(x, "dtype", None), "kind", None)
        return isinstance(x, str) or (kind is not None and kind not in "biufcV")

    def read(self, x: Any) -> npt.NDArray[np.int32]:
        """Token numbers of texts, ``(n, output_sequence_length)``."""
        texts, length = _texts(x), self.output_sequence_length
        self._ready()
        assert length is not None
        rows = np.full((len(texts), length), PADDING, np.int32)
        for row, ids in zip(rows, self._encoded(texts), strict=True):
            row[: len(ids)] = ids[:length]
        return rows

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of a text begins and ends in it; tokens that are cut off are left out.

        Only known to be there are the letters: ``text[begin:end]`` is the token as it was written.
        """
        self._ready()
        offsets: list[tuple[int, int]] = self._tokenizer.encode(text).offsets
        return offsets[: self.output_sequence_length]

    def get_vocabulary(self) -> list[str]:
        """All tokens in the order of their numbers; ``""`` is padding and ``"[UNK]"`` unknown."""
        return list(self.vocabulary)

    @property
    def vocabulary_size(self) -> int:
        """How many numbers are in use: the ``input_dim`` of the embedding that follows.

        Raises NotBuiltError before ``adapt``.
        """
        self._ready()
        return len(self.vocabulary)

    @functools.cached_property
    def _tokenizer(self) -> Tokenizer:
        return tokenizer(self.model, self.vocabulary, self.merges)

    def _encoded(self, texts: Sequence[str]) -> Iterable[list[int]]:
        for start in range(0, len(texts), _PIECE):
            for found in self._tokenizer.encode_batch_fast(texts[start : start + _PIECE]):
                yield found.ids

    def _ready(self) -> None:
        if not self.vocabulary or self.output_sequence_length is None:
            raise NotBuiltError(
                "TextVectorization does not know any words yet: call adapt(texts) with the "
                "training texts first."
            )

    def _learnt(self) -> dict[str, Any]:
        """Arguments that make a layer which has learnt the same."""
        return {
            "max_tokens": self.max_tokens,
            "output_sequence_length": self.output_sequence_length,
            "model": self.model,
            "min_frequency": self.min_frequency,
            "vocabulary": list(self.vocabulary),
            "merges": list(self.merges),
            "name": self.name,
        }

    def __repr__(self) -> str:
        words = f"{len(self.vocabulary):,} tokens" if self.vocabulary else "not adapted"
        return f"TextVectorization({self.model!r}, {words}, {self.output_sequence_length} a text)"


def _checked(vocabulary: Sequence[str] | None) -> tuple[str, ...]:
    known = tuple(vocabulary or ())
    if known and known[:2] != ("", UNKNOWN):
        raise ArgumentError(
            f"a vocabulary begins with '' for padding and {UNKNOWN!r} for unknown tokens, got "
            f"{', '.join(map(repr, known[:3]))}."
        )
    if len(set(known)) < len(known):
        twice = next(token for number, token in enumerate(known) if token in known[:number])
        raise ArgumentError(f"the vocabulary has {twice!r} more than once.")
    return known


def _texts(x: Any) -> list[str]:
    """A list of texts, checked one by one."""
    if isinstance(x, str):
        raise DataError(f"expects a list of texts, got a single one: [{x[:40]!r}] is such a list.")
    if isinstance(x, np.ndarray) and x.shape not in ((x.size,), (x.size, 1)):
        raise DataError(f"expects one text a row, got an array of shape {show_shape(x.shape)}.")
    texts = np.ravel(x).tolist() if isinstance(x, np.ndarray) else list(x)
    wrong = [number for number, text in enumerate(texts) if not isinstance(text, str)]
    if wrong:
        more = f", and so are {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
        raise DataError(
            f"text {wrong[0]} is {texts[wrong[0]]!r}, which is no text{more}. Drop or fill in such "
            "rows; an empty text is ''."
        )
    return texts
