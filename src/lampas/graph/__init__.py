"""Graphs of modules that are called on symbolic tensors: the functional API."""

from .graph import Graph as Graph
from .operation import Operation as Operation
from .tensor import Node as Node
from .tensor import SymbolicTensor as SymbolicTensor
from .tensor import infer_shape as infer_shape
from .tensor import symbolic_input as symbolic_input
