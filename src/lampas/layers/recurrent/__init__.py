"""Recurrent layers, which run a cell with a state over the steps of a sequence."""

from .cells import Cell, GRUCell, LSTMCell, SimpleRNNCell
from .lstm_gru import GRU, LSTM, SimpleRNN
from .rnn import RNN
from .wrappers import Bidirectional, TimeDistributed

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
    "TimeDistributed",
]
