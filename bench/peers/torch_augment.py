"""PyTorch: ``affine_grid`` and ``grid_sample`` on batches.

As in torchvision, but with random parameters for each image. torchvision itself is not used: its
wheels for Linux do not load together with a CPU build of PyTorch.
"""

from __future__ import annotations

from math import tau

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from ..data import change
from ..machine import cores
from ..workloads import ROTATION, SHIFT, ZOOM, Workload


class Trainer:
    """Four transforms, one after the other."""

    note = "augmentation with a `grid_sample` each for rotation, translation and zoom"

    def __init__(self, workload: Workload) -> None:
        torch.set_num_threads(cores())
        torch.manual_seed(0)
        self.x = torch.from_numpy(workload.data().x).permute(0, 3, 1, 2).contiguous()
        self.batch = workload.batch

    def train(self, epochs: int) -> float:
        for _ in range(epochs):
            for rows in torch.randperm(len(self.x)).split(self.batch):
                y = self.augment(self.x[rows].float())
        return change(self.x[rows], y)

    def parameters(self) -> int:
        return 0

    def augment(self, x: Tensor) -> Tensor:
        flips = torch.rand(len(x), 1, 1, 1) < 0.5
        x = torch.where(flips, x.flip(3), x)
        for draw in (rotation, translation, zoom):
            x = warp(x, draw(len(x)))
        return x


class Tuned(Trainer):
    """All four transformations as one affine map: images are read and written once."""

    note = "augmentation in one `grid_sample`"

    def augment(self, x: Tensor) -> Tensor:
        n = len(x)
        return warp(x, flip(n) @ rotation(n) @ translation(n) @ zoom(n))


def warp(x: Tensor, matrices: Tensor) -> Tensor:
    """Warp images ``(n, channels, height, width)`` by matrices ``(n, 3, 3)``; x, y in -1 .. 1."""
    grid = affine_grid(matrices[:, :2], list(x.shape), align_corners=False)
    return grid_sample(x, grid, padding_mode="reflection", align_corners=False)


def flip(n: int) -> Tensor:
    matrices = torch.eye(3).repeat(n, 1, 1)
    matrices[:, 0, 0] = torch.randint(0, 2, (n,)) * 2.0 - 1
    return matrices


def rotation(n: int) -> Tensor:
    angle = _uniform(n, ROTATION * tau)
    matrices = torch.eye(3).repeat(n, 1, 1)
    matrices[:, 0, 0] = matrices[:, 1, 1] = angle.cos()
    matrices[:, 1, 0] = angle.sin()
    matrices[:, 0, 1] = -matrices[:, 1, 0]
    return matrices


def translation(n: int) -> Tensor:
    matrices = torch.eye(3).repeat(n, 1, 1)
    matrices[:, 0, 2], matrices[:, 1, 2] = _uniform(n, 2 * SHIFT), _uniform(n, 2 * SHIFT)
    return matrices


def zoom(n: int) -> Tensor:
    matrices = torch.eye(3).repeat(n, 1, 1)
    matrices[:, 0, 0] = matrices[:, 1, 1] = 1 + _uniform(n, ZOOM)
    return matrices


def _uniform(n: int, limit: float) -> Tensor:
    return torch.empty(n).uniform_(-limit, limit)
