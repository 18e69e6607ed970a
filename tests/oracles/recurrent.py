"""Recurrent cells and backpropagation through time, one step after the other, from the formulas.

A cell goes forward from ``(x, states)`` to the next states and what it must remember of the step,
and backward from the gradients of the next states to those of x, the states and the weights. The
first state is the output. Gate order and shapes of the weights are Keras's.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

Arrays = dict[str, np.ndarray]
States = tuple[np.ndarray, ...]


class Cell(Protocol):
    def forward(self, x: np.ndarray, states: States, w: Arrays) -> tuple[States, tuple]: ...

    def backward(self, d: States, memory: tuple, w: Arrays) -> tuple[np.ndarray, States, Arrays]:
        """Gradients of x, of the states before the step, and of the weights."""
        ...


class Simple:
    """``h' = tanh(x W + h U + b)``."""

    def forward(self, x: np.ndarray, states: States, w: Arrays) -> tuple[States, tuple]:
        (h,) = states
        new = np.tanh(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"])
        return (new,), (x, h, new)

    def backward(self, d: States, memory: tuple, w: Arrays) -> tuple[np.ndarray, States, Arrays]:
        x, h, new = memory
        da = d[0] * (1 - new**2)
        return _affine(da, x, h, w)


class LSTM:
    """``c' = f c + i g; h' = o tanh(c')``; gates in the order i f g o."""

    def forward(self, x: np.ndarray, states: States, w: Arrays) -> tuple[States, tuple]:
        h, c = states
        a = np.split(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4, axis=-1)
        i, f, o = sigmoid(a[0]), sigmoid(a[1]), sigmoid(a[3])
        g = np.tanh(a[2])
        new = f * c + i * g
        return (o * np.tanh(new), new), (x, h, c, i, f, g, o, new)

    def backward(self, d: States, memory: tuple, w: Arrays) -> tuple[np.ndarray, States, Arrays]:
        x, h, c, i, f, g, o, new = memory
        dc = d[1] + d[0] * o * (1 - np.tanh(new) ** 2)
        da = [
            dc * g * i * (1 - i),
            dc * c * f * (1 - f),
            dc * i * (1 - g**2),
            d[0] * np.tanh(new) * o * (1 - o),
        ]
        dx, (dh,), dw = _affine(np.concatenate(da, -1), x, h, w)
        return dx, (dh, dc * f), dw


class GRU:
    """``h' = z h + (1 - z) n`` with ``n = tanh(x W + r (h U + b))``; gates in the order z r n."""

    def forward(self, x: np.ndarray, states: States, w: Arrays) -> tuple[States, tuple]:
        (h,) = states
        ours = np.split(x @ w["kernel"] + w["bias"][0], 3, axis=-1)
        theirs = np.split(h @ w["recurrent_kernel"] + w["bias"][1], 3, axis=-1)
        z, r = sigmoid(ours[0] + theirs[0]), sigmoid(ours[1] + theirs[1])
        n = np.tanh(ours[2] + r * theirs[2])
        return (z * h + (1 - z) * n,), (x, h, z, r, n, theirs[2])

    def backward(self, d: States, memory: tuple, w: Arrays) -> tuple[np.ndarray, States, Arrays]:
        x, h, z, r, n, inner = memory
        dn = d[0] * (1 - z) * (1 - n**2)
        dz = d[0] * (h - n) * z * (1 - z)
        dr = dn * inner * r * (1 - r)
        ours, theirs = np.concatenate([dz, dr, dn], -1), np.concatenate([dz, dr, dn * r], -1)
        dw = {
            "kernel": x.T @ ours,
            "recurrent_kernel": h.T @ theirs,
            "bias": np.stack([ours.sum(0), theirs.sum(0)]),
        }
        dh = d[0] * z + theirs @ w["recurrent_kernel"].T
        return ours @ w["kernel"].T, (dh,), dw


class GRUResetBefore:
    """As :class:`GRU` with ``n = tanh(x W + (r h) U + b)`` (Cho et al., 2014)."""

    def forward(self, x: np.ndarray, states: States, w: Arrays) -> tuple[States, tuple]:
        (h,) = states
        a = np.split(x @ w["kernel"] + w["bias"], 3, axis=-1)
        u = np.split(w["recurrent_kernel"], 3, axis=-1)
        z, r = sigmoid(a[0] + h @ u[0]), sigmoid(a[1] + h @ u[1])
        n = np.tanh(a[2] + (r * h) @ u[2])
        return (z * h + (1 - z) * n,), (x, h, z, r, n)

    def backward(self, d: States, memory: tuple, w: Arrays) -> tuple[np.ndarray, States, Arrays]:
        x, h, z, r, n = memory
        u = np.split(w["recurrent_kernel"], 3, axis=-1)
        dn = d[0] * (1 - z) * (1 - n**2)
        dz = d[0] * (h - n) * z * (1 - z)
        drh = dn @ u[2].T
        dr = drh * h * r * (1 - r)
        da = np.concatenate([dz, dr, dn], -1)
        dw = {
            "kernel": x.T @ da,
            "recurrent_kernel": np.concatenate([h.T @ dz, h.T @ dr, (r * h).T @ dn], -1),
            "bias": da.sum(0),
        }
        dh = d[0] * z + dz @ u[0].T + dr @ u[1].T + drh * r
        return da @ w["kernel"].T, (dh,), dw


class Run(NamedTuple):
    """Outputs ``(batch, steps, units)`` in the order of the walk, the last states, the steps."""

    outputs: np.ndarray
    states: States
    memory: list[tuple]


def run(
    cell: Cell,
    x: np.ndarray,
    states: States,
    w: Arrays,
    mask: np.ndarray | None = None,
    backwards: bool = False,
) -> Run:
    """Walk along x ``(batch, steps, features)``; rows that are masked stand still."""
    x, mask = _walked(x, mask, backwards)
    outputs, memory = [], []
    for t in range(x.shape[1]):
        moved, remembered = cell.forward(x[:, t], states, w)
        states = _choose(mask[:, t], moved, states)
        outputs.append(states[0])
        memory.append(remembered)
    return Run(np.stack(outputs, 1), states, memory)


def gradients(
    cell: Cell,
    x: np.ndarray,
    states: States,
    w: Arrays,
    doutputs: np.ndarray,
    dstates: States,
    mask: np.ndarray | None = None,
    backwards: bool = False,
) -> Arrays:
    """Of ``sum(doutputs * outputs) + sum(dstates * last states)``: for x, weights, first states."""
    memory = run(cell, x, states, w, mask, backwards).memory
    _, mask = _walked(x, mask, backwards)
    gradient_sums = {name: np.zeros(value.shape) for name, value in w.items()}
    dx = np.zeros(x.shape)
    for t in reversed(range(x.shape[1])):
        dstates = (dstates[0] + doutputs[:, t], *dstates[1:])
        zero = tuple(np.zeros(d.shape) for d in dstates)
        moving = _choose(mask[:, t], dstates, zero)
        dx[:, t], back, dw = cell.backward(moving, memory[t], w)
        dstates = _choose(mask[:, t], back, dstates)
        gradient_sums = {name: value + dw[name] for name, value in gradient_sums.items()}
    dx = dx[:, ::-1] if backwards else dx
    return {"x": dx, **gradient_sums, **{f"state {i}": d for i, d in enumerate(dstates)}}


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def _affine(
    da: np.ndarray, x: np.ndarray, h: np.ndarray, w: Arrays
) -> tuple[np.ndarray, States, Arrays]:
    """Backward through ``a = x W + h U + b``."""
    dw = {"kernel": x.T @ da, "recurrent_kernel": h.T @ da, "bias": da.sum(0)}
    return da @ w["kernel"].T, (da @ w["recurrent_kernel"].T,), dw


def _walked(
    x: np.ndarray, mask: np.ndarray | None, backwards: bool
) -> tuple[np.ndarray, np.ndarray]:
    mask = np.ones(x.shape[:2], bool) if mask is None else np.asarray(mask, bool)
    return (x[:, ::-1], mask[:, ::-1]) if backwards else (x, mask)


def _choose(rows: np.ndarray, yes: States, no: States) -> States:
    return tuple(np.where(rows[:, None], a, b) for a, b in zip(yes, no, strict=True))
