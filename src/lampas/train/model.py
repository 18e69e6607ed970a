"""A model: a module that can be compiled, fitted, evaluated, used and saved.

``fit`` passes its data to ``inputs/adapter.py``, which makes a source of steps of it, and the
source to the training loop in ``fit.py``.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import jax
import jax.numpy as jnp

from .. import optimizers, regularizers
from ..core import context
from ..core.arguments import (
    NonNegativeInt,
    PositiveInt,
    ProperFraction,
    Seed,
    check_arguments,
    is_of_lampas,
)
from ..core.arrays import example_structs, to_host
from ..core.build import build
from ..core.errors import DataError, NotBuiltError
from ..core.random import next_seed
from ..core.symbolic import find_symbolic
from ..core.terminal import show
from ..core.tracebacks import filter_traceback
from ..core.variable import Regularizer
from ..graph.tensor import UNKNOWN_SIZES
from ..layers.base import shapes_of
from ..optimizers import Optimizer
from .batch_methods import BatchMethods
from .callbacks.base import Callback, CallbackList, as_callbacks
from .checkpoint import Checkpoint, CheckpointManager, training_signature
from .epoch import Position
from .evaluation import BATCH_SIZE
from .fit import FitLoop
from .fit_state import FitState
from .history import History
from .input_shapes import InputShape, read_shape, shape_structs
from .inputs import adapter
from .inputs.iterable_source import adapt_batches, passes_of
from .model_lock import ModelLock, takes_turns
from .multi_output import LossChoice, LossesAndMetrics, LossWeights, MetricsChoice
from .progress_bar import ProgressBar, Verbose
from .row_padding import call_padded
from .saving_methods import SavingMethods
from .trainable import CompileOptions
from .trainer import Trainer

if TYPE_CHECKING:
    import optax

    from .summary_table import SummaryTable

Precision = Literal["float32", "bfloat16", "float16"]


class Model(BatchMethods, SavingMethods):
    """A network: of a graph, ``Model(inputs, outputs)``, or a class of your own.

    Layers that are called on :func:`lampas.Input` connect it to outputs; a model of them may have
    branches, several inputs and outputs, and layers that are called several times. For free code
    write ``__init__`` and ``forward`` (or ``call``) in your own class; for a chain use
    :class:`Sequential`.

    ``compile`` chooses optimizer, loss and metrics, ``fit`` trains, ``evaluate`` computes loss and
    metrics, ``predict`` computes outputs.

    Numbers that ``forward`` reads from attributes are constants of the compiled programs. If the
    attribute has the name of an argument of ``__init__``, it may be changed between calls; a number
    that changes otherwise, or during ``fit``, belongs in a :class:`lampas.State`.

    Args:
        inputs: symbolic tensors from :func:`lampas.Input`: one, or a list or dict of them.
        outputs: the symbolic tensors to compute from them, in any of these forms.
        name: name in paths and summaries.
        trainable: whether training changes the parameters.

    Raises:
        ArgumentError: for anything but symbolic tensors, for two inputs of one name, and if an
            output needs an input that is not among the inputs.

    Example:
        >>> import lampas as lp
        >>> text, price = lp.Input((8,), name="text"), lp.Input((1,), name="price")
        >>> joined = lp.Dense(4, "relu")(text) + lp.Dense(4)(price)
        >>> model = lp.Model([text, price], lp.Dense(1, "sigmoid")(joined))
        >>> model.output_shape
        (None, 1)

        A class of your own:

        >>> import lampas as lp
        >>> import numpy as np
        >>> class Regression(lp.Model):
        ...     def __init__(self):
        ...         self.dense = lp.Dense(1)
        ...     def forward(self, x):
        ...         return self.dense(x)
        >>> model = Regression()
        >>> model.compile("adam", "mse")
        >>> history = model.fit(np.ones((8, 3)), np.ones((8, 1)), epochs=2, verbose=0)
        >>> model.predict(np.ones((5, 3))).shape
        (5, 1)
    """

    history: History | None = None
    """History of the last fit, also of one that ended with an error."""
    _trainer: Trainer | None = None
    _has_built: bool = False
    """Whether ``build`` of a class of one's own was called."""
    _transient = (*SavingMethods._transient, "_trainer", "_predictor", "_lock", "history")

    @property
    def lock(self) -> ModelLock:
        """With it threads take turns at the model."""
        lock: ModelLock = vars(self).setdefault("_lock", ModelLock())
        return lock

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        build = vars(cls).get("build")
        if build is not None:

            @wraps(build)
            def build_once(self: Model, *args: Any, **options: Any) -> None:
                self._has_built = True
                build(self, *args, **options)

            cls.build = build_once  # type: ignore[method-assign]

    @filter_traceback
    def __call__(self, *inputs: Any, **options: Any) -> Any:
        if options or context.current_context() is not None or find_symbolic(inputs) is not None:
            return super().__call__(*inputs, **options)
        self.lock.check()
        if len(inputs) == 1 and adapter.has_tables(inputs[0]):
            inputs = (adapter.read_inputs(self, inputs[0]),)
        return call_padded(self, super().__call__, inputs)

    def pre_forward(self, *inputs: Any) -> tuple[Any, ...]:
        """Convert NumPy arrays to dtypes whose values the device holds."""
        inputs = tuple(jax.tree.map(to_host, inputs))
        if not self._has_built and not is_of_lampas(type(self).build):
            self.build(shapes_of(inputs[0]))
        return inputs

    def post_forward(self, inputs: tuple[Any, ...], output: Any) -> Any:
        """Remember the shapes of the inputs, for ``summary``."""
        if self._inputs is None and len(inputs) == 1:
            self._inputs = example_structs(inputs[0])
        return output

    @filter_traceback
    def build(self, input_shape: InputShape | None = None) -> None:
        """Create the variables for inputs of this shape.

        Args:
            input_shape: shape of one input, without the batch axis; a list or dict of such for
                several inputs. A first size of None, Keras's batch axis, is left out. Not needed
                by models whose inputs are declared.

        A class of your own may create its layers in ``build(self, input_shape)``, which is called
        with the shapes of the first inputs.

        Raises:
            NotBuiltError: if the shape is neither passed nor declared.
            ArgumentError: for an argument that is not a shape.
        """
        if context.current_context() is not None:  # super().build(shape) in your own build
            return
        if self._graph is not None:
            graph = self._graph
            build(self, lambda: self(graph.example_inputs()))
            return
        shape = self.example_shape if input_shape is None else read_shape(input_shape)
        if shape is None:
            raise NotBuiltError("build needs the shape of one input: model.build((28, 28, 1)).")
        inputs = shape_structs(shape, UNKNOWN_SIZES[0])
        build(self, lambda: self(jax.tree.map(lambda x: jnp.zeros(x.shape), inputs)))
        if isinstance(shape, tuple):
            self.example_shape = self.example_shape or shape

    def _build(self) -> None:
        self.build()

    @filter_traceback
    @check_arguments
    def compile(
        self,
        optimizer: Optimizer | optax.GradientTransformation | str = "rmsprop",
        loss: LossChoice | None = None,
        loss_weights: LossWeights | None = None,
        metrics: MetricsChoice | None = None,
        weighted_metrics: MetricsChoice | None = None,
        run_eagerly: bool = False,
        steps_per_execution: PositiveInt = 1,
        jit_compile: bool | Literal["auto"] = "auto",
        auto_scale_loss: bool = True,
        *,
        penalty: Regularizer | str | None = None,
        precision: Precision = "float32",
    ) -> None:
        """Choose optimizer, loss and metrics.

        Args:
            optimizer: a name, an :class:`Optimizer`, or any Optax transformation.
            loss: a name, a :class:`Loss`, or a function of (y_true, y_pred) that returns one
                number per example. For several outputs one for all, a dict by name, or a list by
                position; an output without (None, or missing) is not trained. Not needed if
                ``compute_loss`` is overridden, or layers add a loss.
            loss_weights: weight of each output's loss in their sum, by name or position; 1 by
                default.
            metrics: names, :class:`Metric` objects, or such functions. For several outputs a dict
                by name or a list with an entry for each; any other list holds for all. Beside a
                loss with ``from_logits=True``, metrics of probabilities convert the predictions.
            weighted_metrics: the same for metrics in which examples count by their sample and class
                weights, which those of ``metrics`` ignore.
            run_eagerly: whether to run line by line in Python, for a debugger.
            steps_per_execution: of no meaning: ``fit`` chooses how many steps one call of the
                compiled program runs; a warning says so.
            jit_compile: of no meaning: programs are always compiled, unless ``run_eagerly``.
            auto_scale_loss: of no meaning: losses are not scaled.
            penalty: a regularizer for the kernels of all affine maps (dense, convolution), never
                for biases or normalization; ``L2(1e-4)`` for example.
            precision: dtype in which layers compute in training and in ``evaluate``. Weights, loss
                and normalization stay in float32. "bfloat16" has the same range; "float16"
                overflows above 65504, and losses are not scaled for it.

        Raises:
            UnknownNameError: for an unknown name, with the nearest known one.
        """
        arguments = {name: value for name, value in locals().items() if name != "self"}
        if steps_per_execution > 1:
            warnings.warn(
                f"compile: steps_per_execution={steps_per_execution} has no meaning here and can "
                "be left out: fit chooses itself how many steps run in one compiled call.",
                stacklevel=4,
            )
        if jit_compile is False and not run_eagerly:
            warnings.warn(
                "compile: jit_compile=False has no effect, programs are always compiled; "
                "run_eagerly=True runs them line by line.",
                stacklevel=4,
            )
        choice = LossesAndMetrics(loss, loss_weights, metrics, weighted_metrics)
        loss_function, metric_list = choice.resolve(self._output_names())
        optimizer, regularizer = optimizers.get(optimizer), regularizers.get(penalty)
        dtype = None if precision == "float32" else jnp.dtype(precision)
        self._compile_options = CompileOptions(
            optimizer, loss_function, metric_list, regularizer, run_eagerly, dtype, arguments
        )
        self._trainer = Trainer(self, self._compile_options)
        if type(self).compile is Model.compile:
            self.saved_state = None

    def _output_names(self) -> Sequence[str] | Set[str] | None:
        """Names of the outputs, as :meth:`LossesAndMetrics.resolve` takes them."""
        if self._graph is None:
            return None
        names = self._graph.output_names
        match self._graph.outputs:
            case dict():
                return set(names)
            case list() | tuple():
                return names
        return ()

    @property
    def trainer(self) -> Trainer:
        """The compiled programs of the last ``compile``.

        Raises:
            NotBuiltError: before ``compile``.
        """
        if self._trainer is None:
            self._trainer = Trainer(self, self.compile_options)
        return self._trainer

    def compiled_copy(self) -> Self:
        """A copy of the model, its weights and its optimizer, compiled with the same options."""
        other, options = copy.deepcopy(self), self.compile_options
        other._compile_options = replace(options, optimizer=copy.deepcopy(options.optimizer))
        return other

    @filter_traceback
    @takes_turns(trains=True)
    @check_arguments
    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: PositiveInt | None = None,
        epochs: PositiveInt = 1,
        verbose: Verbose = "auto",
        callbacks: Sequence[Callback] | Callback | None = None,
        validation_split: ProperFraction = 0.0,
        validation_data: Any | None = None,
        shuffle: bool = True,
        class_weight: adapter.ClassWeight | None = None,
        sample_weight: Any | None = None,
        initial_epoch: NonNegativeInt = 0,
        steps_per_epoch: PositiveInt | None = None,
        validation_steps: PositiveInt | None = None,
        validation_batch_size: PositiveInt | None = None,
        validation_freq: PositiveInt | Sequence[int] = 1,
        *,
        seed: Seed | None = None,
        checkpoint: Checkpoint | str | Path | None = None,
    ) -> History:
        """Train on examples.

        Args:
            x: inputs, first axis the examples; a tuple or dict of such for several inputs. A
                ``numpy.memmap``, or an array-like object that reads rows when it is indexed, is
                streamed from the disk by a thread. So are batches (x, y) or (x, y, sample_weight)
                from a function that makes a generator, called again for each epoch, an iterable,
                or a PyTorch or Grain loader; they keep their own order and size.
            y: targets, as many as inputs; or their name in a table or in batches that are dicts.
            batch_size: examples per step, 32 by default; the short last batch is used, too.
            epochs: the epoch before which to end: with ``initial_epoch=2, epochs=5`` three run.
            verbose: 0 silent, 1 or "auto" a progress bar, 2 one line per epoch.
            callbacks: one or several, called at the beginning and end of epochs, batches and the
                fit.
            validation_split: fraction of the examples, the last ones, that is held out for
                validation.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)`` to evaluate after each epoch,
                or an iterable of such batches.
            shuffle: whether to shuffle the examples in each epoch.
            class_weight: weight of each class in the loss, or "balanced". Each step or element that
                has a label is weighted by its class.
            sample_weight: weight of each example in the loss, or of each step or element: an array
                of the shape of the targets, or of its first axes.
            initial_epoch: the epoch with which to begin; a warning says if it is not before
                ``epochs``, so that none runs.
            steps_per_epoch: batches per epoch; by default one pass through the data. Each epoch
                continues where the one before ended.
            validation_steps: batches of a validation, the first ones; by default all.
            validation_batch_size: examples per step of a validation, by default ``batch_size``.
            validation_freq: after how many epochs to validate, or the numbers of the epochs after
                which to, counted from 1.
            seed: seed of the shuffling, of dropout, and of the initial weights if there are none
                yet; by default the next one after :func:`lampas.set_seed`.
            checkpoint: a folder, or a :class:`Checkpoint`, for the whole state of the fit. If it
                has a checkpoint, the fit resumes from it, and ends with the same weights.

        Returns:
            The history. Ctrl-C ends the fit early and returns it too.

        Raises:
            NotBuiltError: before ``compile``.
            DataError: for data that is empty, not finite, or does not fit the loss.
            ShapeError: for inputs or targets of the wrong shape.
            DivergedError: if the loss or a gradient is NaN or infinite; it names the step, the
                rows and the layer. The model keeps its weights from before that step.
            FileError: if a checkpoint cannot be written, or none can be read.
            ArgumentError: for a checkpoint of another training.
        """
        trainer, batch_size = self.trainer, batch_size or BATCH_SIZE
        if initial_epoch >= epochs:
            warnings.warn(
                f"no epoch runs: initial_epoch={initial_epoch} is not before epochs={epochs}, the "
                "epoch before which the fit ends.",
                stacklevel=5,
            )
        data = self._adapt(x, y, sample_weight, class_weight, steps_per_epoch)
        val_data = None
        if validation_data is not None:
            val_data = self._adapt_validation(validation_data, validation_steps)
        elif validation_split:
            data, val_data = data.split(validation_split)
            val_data = replace(val_data, steps=validation_steps)
        checkpoints = None if checkpoint is None else CheckpointManager(checkpoint)
        if seed is None:
            # Always drawn, so that random draws after a resumed fit are the same.
            seed = next_seed()
            if checkpoints is not None and checkpoints.seed is not None:
                seed = checkpoints.seed
        self.history, self.stop_training = History(), False
        progress = [ProgressBar(verbose)] if verbose else []
        # The history is the last, as in Keras: callbacks may add values to the logs of an epoch.
        callback_list = CallbackList([*as_callbacks(callbacks), *progress, self.history])
        single_steps = callback_list.batch_hooks("train") is not None
        key = jax.random.key(seed)
        if steps_per_epoch is not None:
            data = passes_of(data, batch_size, shuffle, seed)
        source = data.source(
            batch_size, shuffle, key, seed, first_epoch=initial_epoch, single_steps=single_steps
        )
        validation = None
        if val_data is not None:
            single_steps = callback_list.batch_hooks("test") is not None
            rows = validation_batch_size or batch_size
            validation = val_data.source(rows, single_steps=single_steps)
        if checkpoints is not None:
            checkpoints.signature = training_signature(trainer, source, batch_size, shuffle, seed)
        callback_list.set_model(self)
        params: dict[str, Any] = {"steps": source.steps, "batch_size": source.layout.batch_size}
        params |= {"epochs": epochs, "initial_epoch": initial_epoch, "verbose": verbose}
        callback_list.set_params(params)
        names = trainer.logs(training=True).names
        val_logs = trainer.logs(training=False).names if val_data is not None else []
        val_names = [f"val_{name}" for name in val_logs]
        callback_list.check_logs(dict.fromkeys([*names, *val_names], 0.0))
        position = Position(initial_epoch * (source.steps or 0), initial_epoch, 0)
        state = FitState(trainer, source, position, key)
        return FitLoop(
            state, validation, epochs, callback_list, self.history, checkpoints, validation_freq
        ).run()

    @filter_traceback
    @check_arguments
    def summary(
        self,
        input_shape: InputShape | None = None,
        line_length: PositiveInt | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Display the layers with their outputs and sizes: as HTML in a notebook, else as text.

        :meth:`summary_table` returns what is displayed.

        Args:
            input_shape: as for ``build``; needed where the model has no ``Input`` and was not
                called yet.
            line_length: width of the text; by default that of the terminal, up to 120.
            positions: where the columns of the text end, as fractions of ``line_length``.
            print_fn: takes the text, in place of the display.
            expand_nested: whether to list the layers inside of nested models too.
            show_trainable: whether to say of each layer if it is trained.
            layer_range: names, or regular expressions, of the first and the last layer to list.

        Raises:
            ArgumentError: for an ``input_shape`` that is not a shape, and for a ``layer_range``
                that matches no layer.
        """
        table, options = self.summary_table(input_shape), (expand_nested, show_trainable)
        text = table.text(line_length, positions, *options, layer_range)
        if print_fn is None:
            show(text, table.html(*options, layer_range))
        else:
            print_fn(text)

    @filter_traceback
    def summary_table(self, input_shape: InputShape | None = None) -> SummaryTable:
        """The layers and totals that ``summary`` displays, as an object.

        Args:
            input_shape: as for ``summary``.

        Example:
            >>> import lampas as lp
            >>> model = lp.Sequential([lp.Input((6, 6, 3)), lp.Conv2D(1, 3)])
            >>> [(row.name, row.parameters) for row in model.summary_table().rows]
            [('input_layer_1', 0), ('conv2d_1', 28)]
            >>> model.summary_table().multiplications
            432
        """
        from .summary import summarize

        if input_shape is not None or self._knows_inputs() or self.example_shape is not None:
            self.build(input_shape)
        return summarize(self, None if input_shape is None else read_shape(input_shape))

    def _adapt(self, x: Any, *targets: Any, **options: Any) -> adapter.TrainingData:
        adapt = adapt_batches if adapter.is_batch_iterable(x) else adapter.adapt
        return adapt(self.trainer, x, *targets, **options)

    def _adapt_validation(self, data: Any, steps: int | None) -> adapter.TrainingData:
        if adapter.is_batch_iterable(data):
            return self._adapt(data, steps=steps, name="validation_data")
        min_parts = 2 if self.trainer.needs_targets else 1
        if not isinstance(data, tuple | list) or not min_parts <= len(data) <= 3:
            parts = len(data) if hasattr(data, "__len__") else type(data).__name__
            raise DataError(
                f"validation_data must be (x, y) or (x, y, sample_weight), or give batches; got "
                f"{parts} parts."
            )
        return self._adapt(*data, steps=steps, name="validation_data")
