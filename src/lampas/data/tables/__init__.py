"""Tables as data: files of rows, what their columns are, and what is to be learnt from them."""

from ..memory_file import Held
from .column_types import Column, ColumnKind
from .convert import rows, unknown_columns
from .dataset import Table
from .load import labelled, table
from .profile import Survey, survey
from .read import chunks, read_frame

__all__ = [
    "Column",
    "ColumnKind",
    "Held",
    "Survey",
    "Table",
    "chunks",
    "labelled",
    "read_frame",
    "rows",
    "survey",
    "table",
    "unknown_columns",
]
