"""Names of Keras and TensorFlow that Lampas does not have, and what to write instead."""

ABSENT = {
    "BackupAndRestore": 'Write fit(checkpoint="run"), which also resumes within an epoch.',
    "Function": "Write Model(inputs, outputs).",
    "GradientTape": "Write lampas.value_and_grad(model, loss_of)(x, y).",
    "KerasTensor": "Symbolic tensors are made by Input and by calls of layers.",
    "OrbaxCheckpoint": 'Write fit(checkpoint="run"), which also resumes within an epoch.',
    "ProgbarLogger": "Write fit(verbose=1).",
    "RemoteMonitor": "Write a Callback with on_epoch_end.",
    "SwapEMAWeights": "Write ema_momentum=0.99 in the optimizer: fit ends with the averages.",
    "device": "Write jax.default_device(...).",
    "export": "Write save, or jax.export with the function of lampas.functional(model).",
    "function": "fit compiles whole epochs; lampas.jit compiles a step of your own.",
    "get_state_tree": "Write model.copy_arrays().",
    "mixed_precision": 'Write compile(precision="bfloat16").',
    "name_scope": "Paths of weights follow the names of attributes.",
    "quantize": 'Write compile(precision="bfloat16").',
    "set_state_tree": "Write model.assign_arrays(arrays).",
    "stateless_call": "Write (params, state), apply = lampas.functional(model).",
    "stop_gradient": "Write lampas.ops.stop_gradient.",
}


def absent(owner: str, name: str) -> AttributeError:
    """The error for an attribute that does not exist, with advice if it is a known one.

    Args:
        owner: what has no such attribute, such as ``"module 'lampas'"``.
        name: the attribute.
    """
    advice = f". {ABSENT[name]}" if name in ABSENT else ""
    return AttributeError(f"{owner} has no attribute {name!r}{advice}")
