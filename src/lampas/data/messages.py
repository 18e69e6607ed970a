"""What was found among the pictures, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .labels import count, few

_BAR = 24
_MOST_CLASSES = 20


def describe(
    first: str,
    counts: Mapping[str, int],
    duplicates: Sequence[Sequence[Path]],
    conflicts: Sequence[Sequence[Path]],
    skipped: Sequence[tuple[Path, str]],
    left_out: Mapping[str, int],
) -> str:
    """Lines of text: size, balance of the classes, duplicates, and what is not there."""
    lines = [f"{first}, {count(len(counts), 'class', 'classes')}", *_balance(counts)]
    if duplicates:
        copies = sum(map(len, duplicates)) - len(duplicates)
        lines.append(
            f"{count(copies, 'picture')} {'repeats' if copies == 1 else 'repeat'} another exactly; "
            "a split keeps them together"
        )
    lines += [f"under two labels: {few(group)}" for group in conflicts[:5]]
    if skipped:
        named = few((f"{path} ({reason})" for path, reason in skipped), 3)
        lines.append(f"{count(len(skipped), 'broken file')} skipped: {named}")
    if left_out:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in left_out.items())
        lines.append(f"left out: {kinds}")
    return "\n".join(lines)


def _balance(counts: Mapping[str, int]) -> list[str]:
    """A line and a bar for each class; of many classes the largest and the smallest."""
    total, most = sum(counts.values()), max(counts.values(), default=0)
    names = list(counts)
    if len(names) > _MOST_CLASSES:
        by_size = sorted(names, key=lambda name: -counts[name])
        names = by_size[: _MOST_CLASSES // 2] + by_size[-_MOST_CLASSES // 2 :]
    name_width, width = max(map(len, names), default=0), len(f"{most:,}")
    lines = [
        f"  {name:{name_width}}  {counts[name]:{width},}  {counts[name] / max(total, 1):6.1%}  "
        f"{'█' * round(_BAR * counts[name] / max(most, 1))}".rstrip()
        for name in names
    ]
    if len(counts) > _MOST_CLASSES:
        lines.insert(_MOST_CLASSES // 2, f"  ... {len(counts) - _MOST_CLASSES:,} between these ...")
    return lines
