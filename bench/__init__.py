"""The same training work in Lampas and in its peers, side by side: ``python -m bench``."""
