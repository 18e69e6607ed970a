"""Models as files and as plain data: ``save``, ``save_weights``, ``get_config`` and their like."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..core.arguments import check_arguments, is_of_lampas
from ..core.errors import ArgumentError, NotBuiltError
from ..core.tracebacks import filter_traceback
from ..core.variable import Variable
from ..layers.network import Network
from ..saving.architecture import describe
from ..saving.encoding import decode, encode
from ..saving.model_file import check_path, write_model
from ..saving.weights import load_weights, save_weights
from .compile_config import deserialize_arguments, serialize_arguments
from .evaluation import Evaluable


class SavingMethods(Evaluable):
    """A model that is written to files, and described as plain data."""

    _transient = (*Evaluable._transient, "saved_state")

    @abstractmethod
    def compile(self, *arguments: Any, **options: Any) -> None:
        """Choose optimizer, loss and metrics."""

    @filter_traceback
    @check_arguments
    def save(
        self, filepath: str | Path, overwrite: bool = True, *, include_optimizer: bool = True
    ) -> None:
        """Write architecture, weights and optimizer to one safetensors file, atomically.

        Args:
            filepath: the file; :func:`lampas.load` reads it.
            overwrite: whether to replace a file that exists.
            include_optimizer: whether to write what ``compile`` chose and the state of the
                optimizer, so that the loaded model goes on training where this one is.

        Raises:
            NotBuiltError: if the model has no weights yet.
            FileError: if the file cannot be written, has the name of another framework's file, or
                could not be loaded: it names the layer.
        """
        path = check_path(filepath, overwrite)
        if not self.variables() and self.example_shape is None and self.graph is None:
            raise NotBuiltError(
                "the model has no weights to save yet: call, build or fit it first."
            )
        config = self.get_compile_config() if include_optimizer else None
        state = self.optimizer_state() if include_optimizer else {}
        write_model(self, path, config, state)

    def get_config(self) -> dict[str, Any]:
        if self.graph is not None and type(self).__init__ is Network.__init__:
            graph = encode(self)
            return {"name": self.name, "trainable": self.trainable, "graph": graph}
        config = super().get_config()
        return {name: v for name, v in config.items() if name not in ("inputs", "outputs")}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        if "graph" not in config:
            return super().from_config(config)
        model: Self = decode(config["graph"])
        model.name, model.trainable = config["name"], config["trainable"]
        return model

    def get_compile_config(self) -> dict[str, Any] | None:
        """The arguments of the last ``compile`` as plain data; None before it."""
        if self._compile_options is None:
            return None
        arguments = {**self._compile_options.arguments, "optimizer": self.optimizer}
        return serialize_arguments(arguments)

    def compile_from_config(
        self, config: Mapping[str, Any], optimizer_state: Mapping[str, np.ndarray] | None = None
    ) -> None:
        """Compile with what ``get_compile_config`` returned.

        If it names a function or class of your own that is not registered, the model is not
        compiled, and ``fit`` and ``evaluate`` say what is missing.

        Args:
            config: the arguments of ``compile`` as plain data.
            optimizer_state: what ``optimizer_state()`` returned.

        Raises:
            FileError: for a state that does not fit the model and the optimizer.
        """
        try:
            if not is_of_lampas(type(self).compile):
                raise ArgumentError("its class has a method compile of its own.")
            self.compile(**deserialize_arguments(config))
        except Exception as error:
            self._not_compiled = f" It was loaded without its compile options: {error}"
        if self.has_own_train_step:
            self.saved_state = optimizer_state
        elif optimizer_state and self._compile_options is not None:
            self.trainer.restore_optimizer(optimizer_state)

    def optimizer_state(self) -> dict[str, np.ndarray]:
        """The arrays of the optimizers by name; empty before the first fit."""
        arrays = {} if self._compile_options is None else self.trainer.optimizer_arrays()
        return arrays or dict(self.saved_state or {})

    @filter_traceback
    @check_arguments
    def save_weights(self, filepath: str | Path, overwrite: bool = True) -> None:
        """Write the weights alone to a safetensors file, by path, atomically.

        Args:
            filepath: the file.
            overwrite: whether to replace a file that exists.

        Raises:
            NotBuiltError: if the model has no weights yet.
            FileError: if the file cannot be written.

        Example:
            >>> import tempfile
            >>> import lampas as lp
            >>> model, other = (lp.Sequential([lp.Dense(3, input_shape=(4,))]) for _ in range(2))
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     model.save_weights(f"{folder}/weights.safetensors")
            ...     other.load_weights(f"{folder}/weights.safetensors")
            >>> bool((model.get_weights()[0] == other.get_weights()[0]).all())
            True
        """
        save_weights(self._built_variables("save"), filepath, overwrite)

    @filter_traceback
    @check_arguments
    def load_weights(self, filepath: str | Path, skip_mismatch: bool = False) -> None:
        """Read weights from a file that ``save_weights`` or ``save`` wrote.

        They are assigned by path; the numbers in names such as ``dense_3`` may differ if the layers
        are otherwise the same.

        Args:
            filepath: the file.
            skip_mismatch: whether to assign those that fit, with a warning, if others do not.

        Raises:
            NotBuiltError: if the model has no weights yet.
            FileError: for a file that is missing or damaged, or of other weights: it names those
                that are missing, unknown, or of another shape. Nothing is assigned then.
        """
        load_weights(self._built_variables("load"), filepath, skip_mismatch)

    def _built_variables(self, action: str) -> dict[str, Variable]:
        variables = self.variables()
        if not variables:
            raise NotBuiltError(
                f"the model has no weights to {action} yet: call model.build(input_shape) first."
            )
        return variables

    def to_json(self, **options: Any) -> str:
        """The architecture without weights, for ``model_from_json``.

        Args:
            options: passed to ``json.dumps``, ``indent=2`` for example.

        Raises:
            FileError: for a model that cannot be saved.

        Example:
            >>> import lampas as lp
            >>> lp.Sequential([lp.Dense(3)]).to_json()[:12]
            '{"format": 2'
        """
        return json.dumps(json.loads(describe(self).text), **options)
