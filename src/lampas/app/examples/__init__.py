"""Use cases, each from data to report, to be run and to be read as a lesson."""
