"""JAX, compiled by jit; optimisers from jax.example_libraries. A training step donates the old state."""

import functools

import jax
import jax.numpy as jnp
from jax.example_libraries import optimizers

VERSION = f"jax {jax.__version__}"
ACTIVATIONS = {"identity": lambda z: z, "relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh}

# A call computes on the calling thread, not on another thread that it then waits for: one thread only, and faster.
jax.config.update("jax_cpu_enable_async_dispatch", False)


def prepare(workload):
    parameters = jax.tree.map(jnp.asarray, workload.layers())
    batches = [jnp.asarray(batch) for batch in workload.batches()]
    if workload.training:
        return training(workload, parameters, batches[0])
    return inference(compiled_forward(workload.activations), parameters, batches)


def forward(activations, parameters, x):
    for (weight, bias), activation in zip(parameters, activations):
        x = ACTIVATIONS[activation](x @ weight + bias)
    return x


@functools.cache
def compiled_forward(activations):
    return jax.jit(functools.partial(forward, activations))


def inference(predict, parameters, batches):
    def run(passes):
        for _ in range(passes):
            for batch in batches:
                predict(parameters, batch).block_until_ready()

    def observe():
        return jnp.concatenate([predict(parameters, batch) for batch in batches]).flatten().tolist()

    return run, observe


def quadratic(outputs, targets):
    return 0.5 * jnp.sum((outputs - targets) ** 2) / len(outputs)


def mean_squared_error(outputs, targets):
    return jnp.mean((outputs - targets) ** 2)


def softmax_cross_entropy(outputs, targets):
    return -jnp.mean(jnp.sum(targets * jax.nn.log_softmax(outputs), axis=1))


LOSSES = {loss.__name__: loss for loss in (quadratic, mean_squared_error, softmax_cross_entropy)}


@functools.cache
def compiled_step(activations, loss, optimizer, learning_rate):
    init, update, parameters_of = getattr(optimizers, optimizer)(learning_rate)

    def loss_of(parameters, inputs, targets):
        return LOSSES[loss](forward(activations, parameters, inputs), targets)

    @functools.partial(jax.jit, donate_argnums=1)
    def step(count, state, inputs, targets):
        value, gradients = jax.value_and_grad(loss_of)(parameters_of(state), inputs, targets)
        return count + 1, update(count, gradients, state), value

    return init, step


def training(workload, parameters, inputs):
    settings = workload.training
    init, step = compiled_step(
        workload.activations, settings["loss"], settings["optimizer"], settings["learning_rate"]
    )
    count, state, targets = jnp.asarray(0), init(parameters), jnp.asarray(workload.targets())

    def run(passes):
        nonlocal count, state
        for _ in range(passes):
            count, state, loss = step(count, state, inputs, targets)
        loss.block_until_ready()

    def observe():
        nonlocal count, state
        count, state, loss = step(count, state, inputs, targets)
        return [float(loss)]

    return run, observe
