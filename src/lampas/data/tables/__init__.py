"""Tables: files of rows with columns of numbers, categories, booleans, dates and texts."""

from .column_types import Column, ColumnKind
from .convert import convert_rows, unknown_columns
from .dataset import Table
from .load import load_labelled, table
from .profile import TableProfile, profile_table
from .read import read_chunks, read_frame

__all__ = [
    "Column",
    "ColumnKind",
    "Table",
    "TableProfile",
    "convert_rows",
    "load_labelled",
    "profile_table",
    "read_chunks",
    "read_frame",
    "table",
    "unknown_columns",
]
