"""Recurrent networks over whole sequences, with custom gradients.

What does not depend on the previous step is computed for all steps at once: the input's part of
the gates is one matrix product, and so are the gradients of the weights. Only the sequential part
is inside the loop. In the backward pass the gradients of all gates are computed in bulk from the
residuals of the forward pass; the loop only scales them and multiplies by the recurrent kernel.
``sigmoid(x) = (1 + tanh(x / 2)) / 2``, so one tanh computes all gates; the factors 1/2 are
multiplied into the weights.

All functions take: ``x`` (batch, steps, features), weights ``kernel`` (features, gates * units),
``recurrent_kernel`` (units, gates * units) and ``bias``, states (batch, units), ``mask`` (batch,
steps), 1 for data and 0 for padding, which leaves the state unchanged, or None, and ``keep``
(batch, units), the dropout factors of the state that a step reads, or None. The outputs are those
of all steps (batch, steps, units), in the order of ``x`` also when going backwards, or the last one
(batch, units).
"""

from .cudnn import cudnn_lstm, has_cudnn
from .gru import gru
from .loop import ScanOptions, in_row_blocks
from .lstm import lstm
from .simple_rnn import simple_rnn

__all__ = ["ScanOptions", "cudnn_lstm", "gru", "has_cudnn", "in_row_blocks", "lstm", "simple_rnn"]
