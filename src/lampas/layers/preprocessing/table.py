"""TableReader: the raw rows of a table to numbers, and codes of categories and words."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError, NotBuiltError, unknown_name
from ...parsing.columns import (
    FactorizedColumn,
    example_cell,
    factorize,
    infer_decimal,
    infer_format,
    parse_column,
    read_as_missing,
)
from ...parsing.dates import date_warning
from ...parsing.numbers import PLAIN, number_warning
from .base import RawInputLayer
from .normalization import FLOAT64_PRECISION
from .text_vectorization import TextVectorization
from .tokenizer import require_tokenizers

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from ...core.module import Module
    from ...core.variable import Variable

ColumnKind = Literal["number", "category", "boolean", "date", "text"]
Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]
MISSING, UNKNOWN = 0, 1
"""Codes of missing values, and of categories that are rare or absent in the training data."""
MAX_DISTANCE = 1e30
"""Larger distances from the median are clipped, so that float32 can hold all of them."""
MIN_CATEGORY_ROWS = 3
"""Rows from which on a category has a code of its own."""
MIN_WORD_COUNT, MAX_WORDS, MAX_TEXT_LENGTH = 2, 20_000, 200
"""Occurrences from which on a word has a code, number of such words, and words read of a text."""
YEAR, WEEK = 365.2425, 7.0
DATE_FEATURES = 5
"""A date becomes its day, and sine and cosine of its position in the year and in the week."""
FIRST_MONDAY = 4.0
"""Days since 1970-01-01, a Thursday, of the first Monday."""
_DAY = np.timedelta64(1, "D") / np.timedelta64(1, "us")


class NewCategoryWarning(UserWarning):
    """A category that the training rows did not have, or not often enough."""


class TableReader(RawInputLayer):
    """Convert rows of a table to numbers, followed by the codes of categories and of words.

    ``adapt`` computes the statistics of the training rows. A number becomes its distance from the
    median of its column, and a missing one 0; where the training data had missing values a further
    number indicates them. A date becomes days, and its position in the year and the week. A
    category in fewer than three rows, or a new one, has the code 1, and a missing one 0. A text
    becomes the codes of its words, by a `TextVectorization` for each column. Cells may be written
    in the formats of the training data. A number that float32 cannot hold and a boolean that is
    neither true nor false count as missing, with a warning; there is one for new categories as
    well. Put `TableEncoding` next.

    Args:
        columns: the columns to read, in order, each with its kind: ``"number"``, ``"category"``,
            ``"boolean"``, ``"date"`` or ``"text"``.
        medians: of the numbers, instead of ``adapt``.
        scales: of the numbers, instead of ``adapt``: their interquartile ranges.
        gaps: names of the columns with missing values in the training data.
        categories: the values of each column of categories that have a code of their own.
        name: the layer's name in paths and summaries.
        formats: how texts write the numbers and dates of a column, if not in the plain way:
            ``{"price": "1.234,5", "day": "%d.%m.%Y"}``. None to infer it in ``adapt``; `Table` has
            those of a file as ``table.formats``.
        texts: the layer that converts each column of texts; for others, words that occur at least
            twice have a code, and up to 200 words of a text are read.

    Shape: ``n`` rows, a data frame or a list of dicts, to ``(n, numbers + categories + words)``,
    float32.

    Raises:
        NotBuiltError: before ``adapt``.
        DataError: for a missing column, and for a cell that is not of its column's kind.

    Example:
        >>> import lampas as lp
        >>> rows = [{"price": "1.234,5", "day": "28.2.2026"}, {"price": "7,5", "day": "1.3.2026"}]
        >>> reader = lp.TableReader({"price": "number", "day": "date"})
        >>> reader.adapt(rows)
        >>> reader.formats
        {'price': '1.234,5', 'day': '%d.%m.%Y'}
        >>> reader(rows).shape
        (2, 6)
    """

    def __init__(
        self,
        columns: Mapping[str, ColumnKind],
        medians: Sequence[float] = (),
        scales: Sequence[float] = (),
        gaps: Sequence[str] = (),
        categories: Mapping[str, Sequence[str]] | None = None,
        name: str | None = None,
        formats: Mapping[str, str] | None = None,
        texts: Mapping[str, TextVectorization] | None = None,
    ) -> None:
        if not columns:
            raise ArgumentError("columns is empty: name the columns to read, each with its kind.")
        for kind in columns.values():
            if kind not in get_args(ColumnKind):
                raise unknown_name("kind of column", kind, get_args(ColumnKind))
        self.columns = dict(columns)
        self.medians, self.scales = tuple(medians), tuple(scales)
        self.gaps = tuple(gaps)
        self.categories = {key: tuple(values) for key, values in (categories or {}).items()}
        self.name = name
        self.formats = {key: format for key, format in (formats or {}).items() if key in columns}
        self._infers_formats = formats is None
        self.texts = {
            key: (texts or {}).get(key) or _default_vectorization()
            for key, kind in columns.items()
            if kind == "text"
        }
        self._rare_categories: dict[str, frozenset[str]] = {}

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of codes of each column of categories, with those for missing and unknown."""
        return tuple(len(values) + 2 for values in self.categories.values())

    @property
    def text_sizes(self) -> tuple[tuple[int, int], ...]:
        """Of each column of texts, how many words of a text are read, and the number of codes."""
        return tuple(
            (words.output_sequence_length or 0, words.vocabulary_size)
            for words in self.texts.values()
        )

    @property
    def steps(self) -> tuple[float, ...]:
        """The scale of each number, with those that indicate missing values."""
        return (*self.scales, *(1.0 for _ in self.gaps))

    @property
    def sources(self) -> tuple[str, ...]:
        """The column that each number of an output row comes from."""
        features = {"category": 0, "text": 0, "date": DATE_FEATURES}
        numbers = [n for n, kind in self.columns.items() for _ in range(features.get(kind, 1))]
        lengths = zip(self.texts, self.text_sizes, strict=True)
        words = [name for name, (length, _) in lengths for _ in range(length)]
        return (*numbers, *self.gaps, *self.categories, *words)

    def adapt(self, rows: Any) -> None:
        """Compute medians, scales, categories and vocabularies of the training rows.

        Raises:
            DataError: as the layer does, and when there are no rows.
        """
        frame = _select_columns(rows, self.columns)
        if not len(frame):
            raise DataError("adapt needs rows of the table, got none.")
        if self._infers_formats:
            cells = {name: factorize(frame[name]) for name in self.columns}
            decimal = infer_decimal(cells.values())
            self.formats = {
                name: format
                for name, kind in self.columns.items()
                if (format := _column_format(name, cells[name], kind, decimal)) != PLAIN
            }
        self.categories = {}
        for name, kind in self.columns.items():
            if kind == "category":
                frequent, rare = _split_by_frequency(self._parse(frame, name))
                self.categories[name], self._rare_categories[name] = frequent, rare
        self.texts = {
            name: _adapted(words, name, self._texts(frame, name))
            for name, words in self.texts.items()
        }
        numbers = self._numbers(frame)
        self.gaps = tuple(
            name for name in self.columns if name in numbers and np.isnan(numbers[name]).any()
        )
        self.medians = tuple(_median(values) for values in numbers.values())
        self.scales = tuple(_interquartile_range(values) for values in numbers.values())
        # Constructor arguments that reproduce the adapted reader.
        arguments = {
            "columns": self.columns,
            "medians": list(self.medians),
            "scales": list(self.scales),
            "gaps": list(self.gaps),
            "categories": {key: list(values) for key, values in self.categories.items()},
            "name": self._name,
            "formats": self.formats,
            "texts": self.texts,
        }
        self.init_arguments = ((), arguments)

    def children(self) -> Iterator[tuple[str, Module | Variable]]:
        """None: its statistics are not variables, and those of wide tables take long to search."""
        return iter(())

    def accepts(self, x: Any) -> bool:
        """Whether ``x`` is a data frame, or a list of dicts."""
        frame = hasattr(x, "columns") and hasattr(x, "iloc")
        return frame or (isinstance(x, list) and any(isinstance(row, Mapping) for row in x))

    def convert(self, x: Any) -> npt.NDArray[np.float32]:
        """The numbers of rows, ``(n, numbers + categories + words)``."""
        if not self._is_adapted:
            raise NotBuiltError(
                "TableReader has no statistics of the table yet: call adapt(rows) with the "
                "training rows first."
            )
        frame = _select_columns(x, self.columns)
        numbers = self._numbers(frame)
        for name, median in zip(numbers, self.medians, strict=True):
            if "1.234,5" in self.formats.get(name, PLAIN):
                _warn_of_points(name, numbers[name], median)
        distances = [v - m for v, m in zip(numbers.values(), self.medians, strict=True)]
        indicators = [np.isnan(numbers[name]).astype(float) for name in self.gaps]
        columns: list[npt.NDArray[Any]] = [
            np.nan_to_num(column).clip(-MAX_DISTANCE, MAX_DISTANCE)
            for column in (*distances, *indicators)
        ]
        columns += [self._category_codes(frame, name) for name in self.categories]
        columns += [words.convert(self._texts(frame, name)) for name, words in self.texts.items()]
        return np.column_stack([column.astype(np.float32) for column in columns])

    def _numbers(self, frame: DataFrame) -> dict[str, Floats]:
        """The numbers of each column but the categories, NaN where they are missing."""
        numbers: dict[str, Floats] = {}
        for name, kind in self.columns.items():
            if kind == "date":
                days = _days(self._parse(frame, name))
                numbers[name] = days
                cycles = {"year": days / YEAR, "week": (days - FIRST_MONDAY) / WEEK}
                for period, turns in cycles.items():
                    # Rounded, since rounding errors near 0 would count as a spread.
                    for wave, function in {"sine": np.sin, "cosine": np.cos}.items():
                        values = function(2 * np.pi * (turns % 1)).round(9)
                        numbers[f"{name}: {wave} of the {period}"] = values
            elif kind in ("number", "boolean"):
                numbers[name] = self._parse(frame, name)
        return numbers

    def _category_codes(self, frame: DataFrame, name: str) -> Floats:
        """The codes of a column of categories; warns of those that training did not have."""
        values, rare = self._parse(frame, name), self._rare_categories.get(name, frozenset())
        codes: dict[str | None, int] = {None: MISSING, **dict.fromkeys(rare, UNKNOWN)}
        codes |= {text: code for code, text in enumerate(self.categories[name], 2)}
        encoded = np.array([codes.get(text, -1) for text in values], np.float64)
        if (new := np.flatnonzero(encoded < 0)).size:
            _warn_of_new_categories(frame[name], new, values[new])
        return np.where(encoded < 0, UNKNOWN, encoded)

    def _texts(self, frame: DataFrame, name: str) -> list[str]:
        """The texts of a column, empty where they are missing."""
        return [text or "" for text in self._parse(frame, name)]

    def _parse(self, frame: DataFrame, name: str) -> npt.NDArray[Any]:
        """The values of a column. Raises DataError for the first cell of another kind."""
        column, kind, format = frame[name], self.columns[name], self.formats.get(name, PLAIN)
        values, invalid = parse_column(column, kind, format)
        unusable = np.isinf(values) if kind == "number" else invalid & (kind == "boolean")
        read_as_missing(name, column.array, unusable, lambda row: _location(column, row))
        if kind != "boolean" and invalid.any():
            raise _invalid_cell_error(column, np.flatnonzero(invalid), kind, format)
        return np.where(unusable, np.nan, values) if unusable.any() else values

    @property
    def _is_adapted(self) -> bool:
        words = [layer.vocabulary for layer in self.texts.values()]
        return any((self.medians, self.categories, *words))

    def __repr__(self) -> str:
        state = "adapted" if self._is_adapted else "not adapted"
        return f"TableReader({len(self.columns)} columns, {state})"


def _select_columns(rows: Any, columns: Mapping[str, str]) -> DataFrame:
    """The columns of rows as a data frame. Raises DataError for one that does not exist."""
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise DataError(
            "tables are read with pandas, which is not installed: pip install 'lampas[app]'"
        ) from error
    frame = rows if hasattr(rows, "iloc") else DataFrame(list(rows))
    for name in columns:
        if name not in frame.columns:
            similar = difflib.get_close_matches(name, map(str, frame.columns), n=1)
            hint = f" Is it {similar[0]!r}?" if similar else ""
            raise DataError(
                f"the rows have no column {name!r}, which the model was trained with.{hint} The "
                f"model takes {', '.join(map(repr, columns))}; cells may be empty."
            )
    selected: DataFrame = frame[list(columns)]
    return selected


def _column_format(
    name: str, cells: FactorizedColumn, kind: ColumnKind, decimal: str | None
) -> str:
    """How the texts of a column write its numbers or dates; warns if that is ambiguous."""
    if kind not in ("number", "date"):
        return PLAIN
    format = infer_format(kind, cells, decimal)
    texts = cells.without_missing_words().texts
    if kind == "number":
        warning = number_warning(name, texts, format, decimal)
    else:
        warning = date_warning(name, texts, format) if format != PLAIN else ""
    if warning:
        warnings.warn(warning, stacklevel=3)
    return format


def _warn_of_points(name: str, values: Floats, median: float) -> None:
    """Warn if points that separate thousands were perhaps read as decimal signs."""
    fractions = values[np.isfinite(values) & (values != np.round(values))]
    has_three_digits = (fractions == np.round(fractions, 3)).all() and (
        fractions != np.round(fractions, 2)
    ).any()
    if has_three_digits and np.nanmax(np.abs(values)) < 1000 <= abs(median):
        warnings.warn(
            f"{name!r} has numbers such as {fractions[0]:.10g}, and the median of the training "
            f"data is {median:.10g}, where points separate thousands. If they were read as decimal "
            "signs, read the file with dtype=str.",
            stacklevel=4,
        )


def _split_by_frequency(column: Texts) -> tuple[tuple[str, ...], frozenset[str]]:
    """The values that are frequent enough, in order, and the others."""
    values, counts = np.unique([text for text in column if text is not None], return_counts=True)
    is_frequent = counts >= MIN_CATEGORY_ROWS
    return tuple(map(str, values[is_frequent])), frozenset(map(str, values[~is_frequent]))


def _warn_of_new_categories(column: Series, rows: npt.NDArray[np.intp], values: Texts) -> None:
    """Warn of the values of these rows, which training did not have often enough."""
    more = ""
    if len(rows) > 1:
        examples = ", ".join(f"{value!r:.60}" for value in list(dict.fromkeys(values))[1:4])
        more = f", and {len(rows) - 1:,} more of {len(column):,} cells"
        more += f" ({examples})" if examples else ""
    warnings.warn(
        f"{_location(column, int(rows[0]))}: {column.name!r} is {values[0]!r:.60}, which fewer "
        f"than {MIN_CATEGORY_ROWS} rows of the training data have; it is read as an unknown "
        f"category{more}.",
        NewCategoryWarning,
        stacklevel=4,
    )


def _default_vectorization() -> TextVectorization:
    return TextVectorization(MAX_WORDS, min_frequency=MIN_WORD_COUNT)


def _adapted(words: TextVectorization, name: str, texts: Sequence[str]) -> TextVectorization:
    """The layer, adapted to the texts of a column; of long texts the beginning is read."""
    require_tokenizers()
    try:
        words.adapt(texts)
    except DataError as error:
        raise DataError(
            f"no word of the column {name!r} occurs in {words.min_frequency} of its "
            f"{len(texts):,} texts or more, so that nothing can be learned from it. Leave it out."
        ) from error
    arguments = words.init_arguments[1]
    length = min(arguments["output_sequence_length"], MAX_TEXT_LENGTH)
    return TextVectorization(**arguments | {"output_sequence_length": length})


def _median(values: Floats) -> float:
    return float(np.nanmedian(values)) if not np.isnan(values).all() else 0.0


def _interquartile_range(values: Floats) -> float:
    """The interquartile range; if it is 0 up to rounding the standard deviation, or else 1."""
    present = values[~np.isnan(values)]
    if not present.size:
        return 1.0
    low, high = np.quantile(present, [0.25, 0.75])
    for spread, location in ((high - low, high), (present.std(), present.mean())):
        if spread > FLOAT64_PRECISION * abs(location):
            return float(spread)
    return 1.0


def _days(times: npt.NDArray[np.datetime64]) -> Floats:
    """Days since 1970, NaN where a time is missing."""
    days: Floats = times.astype("datetime64[us]").astype(np.int64) / _DAY
    days[np.isnat(times)] = np.nan
    return days


def _invalid_cell_error(
    column: Series, rows: npt.NDArray[np.intp], kind: ColumnKind, format: str
) -> DataError:
    more = f", and neither are {rows.size - 1:,} more cells" if rows.size > 1 else ""
    return DataError(
        f"{_location(column, int(rows[0]))}: {column.iloc[rows[0]]!r} in the column "
        f"{column.name!r} is not a {kind}{more}. Write it as {example_cell(kind, format)}, or "
        "leave it empty."
    )


def _location(column: Series, row: int) -> str:
    return f"{column.index.name or 'row'} {column.index[row]}"
