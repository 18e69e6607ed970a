"""One file for each kind of data: how it is read, what learns from it, what it is measured by."""
