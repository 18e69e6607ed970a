"""Parsers of what people write: CSV files, numbers, dates, booleans and missing values."""
