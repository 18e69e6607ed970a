"""Tables as data: files of rows, what their columns are, and what is to be learnt from them."""

from .columns import Column, ColumnKind
from .files import chunks, read_frame
from .held import Held
from .load import labelled, table
from .survey import Survey, survey
from .table import Table
from .typed import rows, unknown_columns

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
