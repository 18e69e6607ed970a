"""Functions of arrays by Keras's names, for arrays, variables and symbolic tensors alike.

Names, the order of arguments and defaults are those of ``keras.ops``; most compute by the function
of ``jax.numpy`` or ``jax.nn`` of that name. Called on symbolic tensors they return new ones, and a
model of these is saved with the names of the functions.

Example:
    >>> import lampas as lp
    >>> lp.ops.mean([[1.0, 2.0], [3.0, 6.0]], axis=-1).tolist()
    [1.5, 4.5]
    >>> x = lp.Input((4,))
    >>> model = lp.Model(x, lp.ops.concatenate([x, lp.ops.square(x)], axis=-1))
    >>> model.predict([[1.0, 2.0, 3.0, 4.0]]).tolist()
    [[1.0, 2.0, 3.0, 4.0, 1.0, 4.0, 9.0, 16.0]]
"""

from . import image as image
from . import linalg as linalg
from . import nn as nn
from .control import *  # noqa: F403
from .creation import *  # noqa: F403
from .elementwise import *  # noqa: F403
from .linalg import *  # noqa: F403
from .nn import *  # noqa: F403
from .reduction import *  # noqa: F403
from .shaping import *  # noqa: F403
