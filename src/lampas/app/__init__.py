"""Command-line programs, automatic training, reports and a prediction server."""
