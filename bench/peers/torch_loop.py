"""PyTorch, eager: the plain loop with the options that ``python -m bench.tune`` found quickest."""

from __future__ import annotations

import torch
from torch import nn

from ..machine import cores
from ..workloads import LEARNING_RATE, Workload

MODELS = {
    "xor": lambda: [nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2)],
    "function": lambda: [nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 1)],
    "mlp": lambda: [
        nn.Linear(784, 512),
        nn.ReLU(),
        nn.Linear(512, 512),
        nn.ReLU(),
        nn.Linear(512, 10),
    ],
    "mnist_cnn": lambda: [
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 5 * 5, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    ],
    "small_cnn": lambda: [
        nn.Conv2d(3, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 16, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 6 * 6, 10),
    ],
}

LOSSES = {"cross_entropy": nn.CrossEntropyLoss, "mean_squared_error": nn.MSELoss}


class Trainer:
    """A model with the loop that PyTorch's users write; the data are tensors, batches slices."""

    def __init__(
        self, workload: Workload, *, adam: str = "fused", channels_last: bool = True
    ) -> None:
        torch.set_num_threads(cores())
        torch.manual_seed(0)
        self.model = nn.Sequential(*MODELS[workload.name]())
        self.x, self.y = (torch.from_numpy(array) for array in workload.data())
        if workload.loss == "cross_entropy":
            self.y = self.y.long()
        self.note = f"{adam} Adam"
        if self.x.ndim == 4:
            layout = torch.channels_last if channels_last else torch.contiguous_format
            self.x = self.x.permute(0, 3, 1, 2).contiguous(memory_format=layout)
            self.model.to(memory_format=layout)
            self.note += ", channels last" if channels_last else ", channels first"
        self.batch = workload.batch
        self.loss = LOSSES[workload.loss]()
        options = {} if adam == "default" else {adam: True}
        self.optimizer = torch.optim.Adam(self.model.parameters(), LEARNING_RATE, **options)

    def train(self, epochs: int) -> float:
        for _ in range(epochs):
            losses = []  # read once at the end: reading one waits for its step
            for rows in torch.randperm(len(self.x)).split(self.batch):
                self.optimizer.zero_grad(set_to_none=True)
                loss = self.loss(self.model(self.x[rows]), self.y[rows])
                loss.backward()
                self.optimizer.step()
                losses.append(loss.detach())
        return torch.stack(losses).mean().item()

    def parameters(self) -> int:
        return sum(p.numel() for p in self.model.parameters())
