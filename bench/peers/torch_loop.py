"""PyTorch, eager: the loop of its tutorials, plain and tuned."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from ..machine import cores
from ..workloads import VOCABULARY, Workload

relu = partial(nn.ReLU, inplace=True)  # as in torchvision's models: it saves one array
pool = partial(nn.MaxPool2d, 3, 2)


def block(*filters: int) -> list[nn.Module]:
    """3x3 convolutions from each number of filters to the next, and a pooling."""
    convs = [nn.Conv2d(before, after, 3, padding=1) for before, after in pairwise(filters)]
    return [*(layer for conv in convs for layer in (conv, relu())), nn.MaxPool2d(2)]


def head(features: int) -> list[nn.Module]:
    """The dense layers of AlexNet and VGG-16."""
    return [
        nn.Flatten(),
        nn.Linear(features, 4096),
        relu(),
        nn.Dropout(0.5),
        nn.Linear(4096, 4096),
        relu(),
        nn.Dropout(0.5),
        nn.Linear(4096, 1000),
    ]


class Last(nn.Module):
    """The last states of a recurrent layer, concatenated over both directions."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        states = self.layer(x)[1]
        h = states[0] if isinstance(states, tuple) else states
        return h.transpose(0, 1).flatten(1)


def recurrent(kind: type[nn.RNNBase], features: int, units: int) -> list[nn.Module]:
    """A recurrent layer whose last output is classified."""
    return [Last(kind(features, units, batch_first=True)), nn.Linear(units, 10)]


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
    "vgg_style": lambda: [
        *block(3, 32, 32),
        *block(32, 64, 64),
        *block(64, 128, 128),
        nn.Flatten(),
        nn.Linear(128 * 4 * 4, 128),
        relu(),
        nn.Linear(128, 10),
    ],
    "alexnet": lambda: [
        nn.Conv2d(3, 64, 11, 4, padding=2),
        relu(),
        pool(),
        nn.Conv2d(64, 192, 5, padding=2),
        relu(),
        pool(),
        *block(192, 384, 256, 256)[:-1],
        pool(),
        *head(256 * 6 * 6),
    ],
    "vgg16": lambda: [
        *block(3, 64, 64),
        *block(64, 128, 128),
        *block(128, 256, 256, 256),
        *block(256, 512, 512, 512),
        *block(512, 512, 512, 512),
        *head(512 * 7 * 7),
    ],
    "lstm_small": lambda: recurrent(nn.LSTM, 1, 64),
    "lstm": lambda: recurrent(nn.LSTM, 64, 128),
    "gru_small": lambda: recurrent(nn.GRU, 1, 64),
    "gru": lambda: recurrent(nn.GRU, 64, 128),
    "simple_rnn_small": lambda: recurrent(nn.RNN, 1, 64),
    "simple_rnn": lambda: recurrent(nn.RNN, 64, 128),
    "bilstm_text": lambda: [
        nn.Embedding(VOCABULARY, 64),
        Last(nn.LSTM(64, 64, batch_first=True, bidirectional=True)),
        nn.Linear(128, 2),
    ],
}

LOSSES = {"cross_entropy": nn.CrossEntropyLoss, "mean_squared_error": nn.MSELoss}


class Trainer:
    """A model with a plain PyTorch training loop; the data are tensors, batches are slices."""

    def __init__(
        self, workload: Workload, *, adam: str = "default", channels_last: bool = False
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
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), workload.learning_rate, **options
        )

    def train(self, epochs: int) -> float:
        for _ in range(epochs):
            losses = []  # read at the end, since reading one waits for its step
            for rows in torch.randperm(len(self.x)).split(self.batch):
                self.optimizer.zero_grad(set_to_none=True)
                loss = self.loss(self.model(self.x[rows]), self.y[rows])
                loss.backward()
                self.optimizer.step()
                losses.append(loss.detach())
        return torch.stack(losses).mean().item()

    def parameters(self) -> int:
        return sum(p.numel() for p in self.model.parameters())


class Tuned(Trainer):
    """The options that ``python -m bench.tune`` found fastest."""

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload, adam="fused", channels_last=True)
