"""Recurrent layers: a cell that remembers, run over the steps of a sequence."""

from .bidirectional import Bidirectional
from .cells import Cell, GRUCell, LSTMCell, SimpleRNNCell
from .gated import GRU, LSTM, SimpleRNN
from .rnn import RNN

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Bidirectional",
    "Cell",
    "GRUCell",
    "LSTMCell",
    "SimpleRNN",
    "SimpleRNNCell",
]
