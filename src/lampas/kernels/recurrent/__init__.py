"""Recurrent networks over whole sequences, with gradients of their own.

What does not depend on the step before is done for all steps at once: the input's part of the
gates is one matrix product, and so are the gradients of the weights. Inside the loop remains what
is sequential. On the way back the slopes of all gates are computed in bulk from what the way forth
has saved; the loop only scales them and multiplies by the recurrent kernel. A sigmoid is half a
hyperbolic tangent of half, so one tanh serves all gates, with the halves folded into the weights.

All of them take: ``x`` (batch, steps, features), ``kernel`` (features, gates * units),
``recurrent_kernel`` (units, gates * units), states (batch, units), ``mask`` (batch, steps), 1 for
steps that count and 0 for those that leave the state as it is, or None, and ``keep`` (batch,
units), factors of the state that a step sees, or None. The outputs are those of all steps (batch,
steps, units), in the order of ``x`` also when going backwards, or the last one (batch, units).
"""

from .cudnn import cudnn_lstm, has_cudnn
from .gru import gru
from .loop import Way, in_parts
from .lstm import lstm
from .simple_rnn import simple_rnn

__all__ = ["Way", "cudnn_lstm", "gru", "has_cudnn", "in_parts", "lstm", "simple_rnn"]
