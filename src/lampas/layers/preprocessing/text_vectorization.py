"""TextVectorization: texts to rows of token ids."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...core.arguments import PositiveInt
from ...core.errors import ArgumentError, DataError, NotBuiltError, format_shape, unknown_name
from .base import RawInputLayer
from .tokenizer import PADDING, UNKNOWN, make_tokenizer, train_vocabulary

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TokenModel = Literal["word", "bpe"]
LENGTH_QUANTILE = 0.98
"""Fraction of the training texts that fit into the length chosen by ``adapt``."""
_BATCH_SIZE = 1024


class TextVectorization(RawInputLayer):
    """Convert texts to rows of token ids: the first layer of a model that accepts raw texts.

    ``adapt`` learns the vocabulary from the training texts. Tokens are lower-case words, or pieces
    of words, and punctuation marks; in scripts without blanks between words, such as Chinese, each
    letter is a word. Id 0 is padding, id 1 stands for all unknown tokens, and the
    others are ordered by frequency. Texts are truncated to ``output_sequence_length`` tokens, and
    shorter ones are padded at the end; follow this layer with ``Embedding(mask_zero=True)``.

    Args:
        max_tokens: largest size of the vocabulary, with padding and the unknown token; None for no
            limit with ``"word"`` and 8,000 with ``"bpe"``.
        output_sequence_length: number of ids per text; None lets ``adapt`` choose a length into
            which 98 % of the training texts fit.
        model: ``"word"``, or ``"bpe"`` for pieces of words by byte-pair encoding (Sennrich et al.,
            2016), which can represent words that are not in the training texts.
        min_frequency: number of occurrences in the training texts that a token needs to enter the
            vocabulary.
        vocabulary: all tokens in the order of their ids, in place of ``adapt``.
        merges: for ``"bpe"``, the pairs of pieces to merge, in order.
        name: name of the layer in paths and summaries.

    Shape: ``n`` texts to ``(n, output_sequence_length)``, int32.

    Raises:
        NotBuiltError: when called before ``adapt``.
        DataError: when an input is not a text.

    Example:
        >>> import lampas as lp
        >>> layer = lp.TextVectorization(output_sequence_length=4)
        >>> layer.adapt(["The cat sat.", "The dog."])
        >>> layer.get_vocabulary()[:4]
        ['', '[UNK]', '.', 'the']
        >>> layer(["the bird sat"]).tolist()
        [[3, 1, 6, 0]]
    """

    def __init__(
        self,
        max_tokens: PositiveInt | None = None,
        *,
        output_sequence_length: PositiveInt | None = None,
        model: TokenModel = "word",
        min_frequency: PositiveInt = 1,
        vocabulary: Sequence[str] | None = None,
        merges: Sequence[str] | None = None,
        name: str | None = None,
    ) -> None:
        if model not in get_args(TokenModel):
            raise unknown_name("token model", model, get_args(TokenModel))
        # With "bpe" a letter has one id at the beginning of a word and one within it.
        minimum = 3 if model == "word" else 4
        if max_tokens is not None and max_tokens < minimum:
            raise ArgumentError(f"max_tokens must be {minimum} or more, got {max_tokens}.")
        self.max_tokens = max_tokens
        self.output_sequence_length = self._requested_length = output_sequence_length
        self.model: TokenModel = model
        self.min_frequency = min_frequency
        self.vocabulary = _check_vocabulary(vocabulary)
        self.merges = tuple(merges or ())
        self.name = name

    def adapt(self, texts: Iterable[str]) -> None:
        """Learn the vocabulary, and the length if it is not set, from the training texts.

        Args:
            texts: the training texts.

        Raises:
            DataError: when an element is not a text, or the texts contain no words.
        """
        checked = _check_texts(texts)
        self.vocabulary, self.merges = train_vocabulary(
            checked, self.model, self.max_tokens, self.min_frequency
        )
        self.__dict__.pop("_tokenizer", None)
        self.output_sequence_length = self._requested_length
        if self.output_sequence_length is None:
            lengths = [len(row) for row in self._encode(checked)]
            self.output_sequence_length = max(1, int(np.quantile(lengths, LENGTH_QUANTILE)))
        # Constructor arguments that reproduce the adapted layer.
        arguments = {
            "max_tokens": self.max_tokens,
            "output_sequence_length": self.output_sequence_length,
            "model": self.model,
            "min_frequency": self.min_frequency,
            "vocabulary": list(self.vocabulary),
            "merges": list(self.merges),
            "name": self._name,
        }
        self.init_arguments = ((), arguments)

    def accepts(self, x: Any) -> bool:
        """Whether ``x`` consists of texts, or of objects instead of numbers."""
        if isinstance(x, list | tuple):
            return any(isinstance(item, str | bytes) or item is None for item in x)
        kind = getattr(getattr(x, "dtype", None), "kind", None)
        return isinstance(x, str) or (kind is not None and kind not in "biufcV")

    def convert(self, x: Any) -> npt.NDArray[np.int32]:
        """Token ids of texts, ``(n, output_sequence_length)``."""
        texts, length = _check_texts(x), self.output_sequence_length
        self._check_adapted()
        assert length is not None
        rows = np.full((len(texts), length), PADDING, np.int32)
        for row, ids in zip(rows, self._encode(texts), strict=True):
            row[: len(ids)] = ids[:length]
        return rows

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Begin and end of each token in a text, without the tokens that are truncated.

        ``text[begin:end]`` is the token as written, before normalization.
        """
        self._check_adapted()
        offsets: list[tuple[int, int]] = self._tokenizer.encode(text).offsets
        return offsets[: self.output_sequence_length]

    def get_vocabulary(self) -> list[str]:
        """All tokens in the order of their ids; ``""`` is padding, ``"[UNK]"`` is unknown."""
        return list(self.vocabulary)

    @property
    def vocabulary_size(self) -> int:
        """Number of ids, which is the ``input_dim`` of the embedding that follows.

        Raises:
            NotBuiltError: before ``adapt``.
        """
        self._check_adapted()
        return len(self.vocabulary)

    @functools.cached_property
    def _tokenizer(self) -> Tokenizer:
        return make_tokenizer(self.model, self.vocabulary, self.merges)

    def _encode(self, texts: Sequence[str]) -> Iterable[list[int]]:
        for start in range(0, len(texts), _BATCH_SIZE):
            batch = texts[start : start + _BATCH_SIZE]
            for encoding in self._tokenizer.encode_batch_fast(batch):
                yield encoding.ids

    def _check_adapted(self) -> None:
        if not self.vocabulary or self.output_sequence_length is None:
            raise NotBuiltError(
                "TextVectorization has no vocabulary yet: call adapt(texts) with the training "
                "texts first."
            )

    def __repr__(self) -> str:
        size = f"{len(self.vocabulary):,} tokens" if self.vocabulary else "not adapted"
        length = self.output_sequence_length
        return f"TextVectorization({self.model!r}, {size}, output_sequence_length={length})"


def _check_vocabulary(vocabulary: Sequence[str] | None) -> tuple[str, ...]:
    tokens = tuple(vocabulary or ())
    if tokens and tokens[:2] != ("", UNKNOWN):
        raise ArgumentError(
            f"a vocabulary begins with '' for padding and {UNKNOWN!r} for unknown tokens, got "
            f"{', '.join(map(repr, tokens[:3]))}."
        )
    if len(set(tokens)) < len(tokens):
        duplicate = next(token for i, token in enumerate(tokens) if token in tokens[:i])
        raise ArgumentError(f"the vocabulary contains {duplicate!r} more than once.")
    return tokens


def _check_texts(x: Any) -> list[str]:
    """Convert ``x`` to a list and check that it contains only texts."""
    if isinstance(x, str):
        raise DataError(f"expects a list of texts, got a single text; pass [{x[:40]!r}].")
    if isinstance(x, np.ndarray) and x.shape not in ((x.size,), (x.size, 1)):
        raise DataError(f"expects one text per row, got an array of shape {format_shape(x.shape)}.")
    texts = np.ravel(x).tolist() if isinstance(x, np.ndarray) else list(x)
    wrong = [index for index, text in enumerate(texts) if not isinstance(text, str)]
    if wrong:
        more = f" ({len(wrong) - 1:,} more are not either)" if len(wrong) > 1 else ""
        raise DataError(
            f"text {wrong[0]} is {texts[wrong[0]]!r}, which is not a text{more}. Drop such rows or "
            "fill them in; an empty text is ''."
        )
    return texts
