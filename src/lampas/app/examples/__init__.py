"""Examples that go from data to a report, to be run (``lampas run``) and to be read."""
