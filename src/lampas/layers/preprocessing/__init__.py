"""Layers that prepare raw inputs: numbers, audio, texts and table rows."""
