"""Modules and variables: objects outside, plain trees of arrays inside."""
