"""Index and load labelled texts."""
