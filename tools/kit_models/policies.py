"""Policies of reinforcement learning: PPO of Stable-Baselines3, and an actor as CleanRL writes it."""

import logging
import warnings

import gymnasium
import numpy
import stable_baselines3
import torch
from record import DATA, inputs, record, strip
from safetensors.torch import save_file
from stable_baselines3 import PPO
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize
from torch import nn

SB3 = f"Stable-Baselines3 {stable_baselines3.__version__}"
CLEANRL = f"PyTorch {torch.__version__.split('+')[0]}, as in CleanRL"


class Actor(nn.Module):
    """The actor of a policy alone, without the critic: logits, or the mean of a continuous action."""

    def __init__(self, policy):
        super().__init__()
        self.policy_net, self.action_net = policy.mlp_extractor.policy_net, policy.action_net

    def forward(self, observation):
        return self.action_net(self.policy_net(observation))


class ActorCritic(nn.Module):
    """Both heads of a policy."""

    def __init__(self, policy):
        super().__init__()
        self.extractor, self.action_net, self.value_net = policy.mlp_extractor, policy.action_net, policy.value_net

    def forward(self, observation):
        actor, critic = self.extractor(observation)
        return self.action_net(actor), self.value_net(critic)


class WholePolicy(nn.Module):
    """As in the documentation of Stable-Baselines3: the action, its value, and its log-probability."""

    def __init__(self, policy):
        super().__init__()
        self.policy = policy

    def forward(self, observation):
        return self.policy(observation, deterministic=True)


def layer_init(layer, std=2**0.5, bias=0.0):
    """As in CleanRL: orthogonal weights, constant biases."""
    nn.init.orthogonal_(layer.weight, std)
    nn.init.constant_(layer.bias, bias)
    return layer


class Agent(nn.Module):
    """Actor and critic of CleanRL's PPO for continuous actions."""

    def __init__(self, observations, actions, width=32):
        super().__init__()
        self.critic = nn.Sequential(
            layer_init(nn.Linear(observations, width)),
            nn.Tanh(),
            layer_init(nn.Linear(width, width)),
            nn.Tanh(),
            layer_init(nn.Linear(width, 1), std=1.0),
        )
        self.actor_mean = nn.Sequential(
            layer_init(nn.Linear(observations, width)),
            nn.Tanh(),
            layer_init(nn.Linear(width, width)),
            nn.Tanh(),
            layer_init(nn.Linear(width, actions), std=0.01),
        )
        self.actor_logstd = nn.Parameter(torch.zeros(1, actions))


def save(name, state, rows, outputs, framework, layers, output, modules=None, type_text=None):
    """Writes a `state_dict`; `modules` are those of the actor, if there are others."""
    path = DATA / f"{name}.safetensors"
    # One entry only: save_file writes several in any order.
    save_file(state, path, metadata={"stackprop.type": type_text} if type_text else {"format": "pt"})
    record(
        path.name,
        rows,
        outputs,
        framework=framework,
        exporter="safetensors.torch.save_file",
        layers=layers,
        output=output,
        modules=modules,
        activations=None if type_text else ["tanh", "tanh"],
    )


def export(name, module, rows, outputs, framework, layers, output, names, dynamo=True):
    """Writes DATA / name.onnx; the first of `names` is the output that is recorded."""
    settings = {"dynamo": True, "external_data": False} if dynamo else {"dynamo": False, "opset_version": 17}
    path = DATA / f"{name}.onnx"
    with torch.no_grad():
        torch.onnx.export(
            module,
            (torch.from_numpy(rows[:1]),),
            path,
            input_names=["observation"],
            output_names=names,
            verbose=False,
            **settings,
        )
    strip(path)
    exporter = f"torch.onnx.export(dynamo={dynamo})"
    record(
        path.name,
        rows,
        outputs,
        framework=framework,
        exporter=exporter,
        layers=layers,
        output=output,
        onnx_output=names[0],
    )


def observed(policy, environment):
    """8 observations of an episode, evenly spaced."""
    seen, (observation, _) = [], environment.reset(seed=3)
    for _ in range(160):
        seen.append(observation)
        action, _ = policy.predict(observation, deterministic=True)
        observation, _, terminated, truncated, _ = environment.step(action)
        if terminated or truncated:
            break
    return numpy.stack(seen[:: max(len(seen) // 8, 1)][:8]).astype(numpy.float32)


def cart_pole():
    environment = gymnasium.make("CartPole-v1")
    model = PPO("MlpPolicy", environment, seed=0, device="cpu", n_steps=512)
    model.learn(30_000)
    reward, _ = evaluate_policy(model, gymnasium.make("CartPole-v1"), n_eval_episodes=20)
    print(f"CartPole: {reward:.0f} of 500")

    rows, module = observed(model, environment), Actor(model.policy).eval()
    with torch.no_grad():
        outputs = module(torch.from_numpy(rows)).numpy()
        chosen, _ = model.predict(rows, deterministic=True)
    assert (outputs.argmax(axis=1) == chosen).all()
    actor = nn.Sequential(*model.policy.mlp_extractor.policy_net, model.policy.action_net)
    layers = "4-64 tanh, 64 tanh, 2"
    save("sb3_cartpole_actor", actor.state_dict(), rows, outputs, SB3, layers, "logits")
    export("sb3_cartpole", module, rows, outputs, SB3, layers, "logits", ["logits"])


def pendulum():
    """Returns the trained policy as a function of raw observations."""
    environment = VecNormalize(DummyVecEnv([lambda: gymnasium.make("Pendulum-v1")] * 4))
    settings = {"n_steps": 256, "gamma": 0.9, "learning_rate": 1e-3, "policy_kwargs": {"net_arch": [32, 32]}}
    model = PPO("MlpPolicy", environment, seed=0, device="cpu", **settings)
    model.learn(60_000)
    environment.training = environment.norm_reward = False
    reward, _ = evaluate_policy(model, environment, n_eval_episodes=20)
    print(f"Pendulum: {reward:.0f}")

    module = WholePolicy(model.policy).eval()
    raw = inputs(3, seed=51) * numpy.float32(0.6)
    with torch.no_grad():
        actions = module(torch.from_numpy(raw))[0].numpy()
    layers, names = "3-32 tanh, 32 tanh, 1", ["actions", "values", "log_prob"]
    export("sb3_pendulum", Actor(model.policy).eval(), raw, actions, SB3, layers, "actions", names[:1])
    both = ActorCritic(model.policy).eval()
    export("sb3_pendulum_actor_critic", both, raw, actions, SB3, layers, "actions", names[:2])
    # The exporter that is the default cannot take the distribution of the actions (`aten._is_all_true`).
    export("sb3_pendulum_policy", module, raw, actions, SB3, layers, "actions", names, dynamo=False)
    modules = ["mlp_extractor.policy_net.0", "mlp_extractor.policy_net.2", "action_net"]
    save("sb3_pendulum_state_dict", model.policy.state_dict(), raw, actions, SB3, layers, "actions", modules)

    # With the statistics of VecNormalize in front. It also clips to 10 deviations, which none of these inputs reaches.
    statistics = environment.obs_rms
    normalised = environment.normalize_obs(raw)
    assert numpy.abs(normalised).max() < environment.clip_obs
    with torch.no_grad():
        actions = module(torch.from_numpy(normalised.astype(numpy.float32)))[0].numpy()
    actor = nn.Sequential(nn.Identity(), *model.policy.mlp_extractor.policy_net, model.policy.action_net)
    state = actor.state_dict() | {
        "0.mean": torch.tensor(statistics.mean, dtype=torch.float32),
        "0.variance": torch.tensor(statistics.var, dtype=torch.float32),
        "0.num_batches_tracked": torch.tensor(round(statistics.count)),
    }
    text = "Network<3, Chain![Standardize<3>, Dense<3, 32, Tanh>, Dense<32, 32, Tanh>, Dense<32, 1>]>"
    layers = "VecNormalize, 3-32 tanh, 32 tanh, 1"
    save("sb3_pendulum_normalised", state, raw, actions, SB3, layers, "actions", type_text=text)

    def act(observations):
        with torch.no_grad():
            return module(torch.from_numpy(environment.normalize_obs(observations).astype(numpy.float32)))[0]

    return act


def cleanrl(teacher):
    """CleanRL is programs, not a package: its agent learns here from the policy above."""
    torch.manual_seed(0)
    agent = Agent(3, 1)
    rng = numpy.random.default_rng(0)
    optimizer = torch.optim.Adam(agent.actor_mean.parameters(), lr=3e-3)
    for _ in range(2000):
        angle, speed = rng.uniform(-numpy.pi, numpy.pi, 128), rng.uniform(-8, 8, 128)
        x = numpy.stack([numpy.cos(angle), numpy.sin(angle), speed], axis=1).astype(numpy.float32)
        loss = ((agent.actor_mean(torch.from_numpy(x)) - teacher(x).clamp(-2, 2)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    rewards = [pendulum_return(agent.actor_mean, seed) for seed in range(20)]
    print(f"Pendulum, CleanRL's agent: {numpy.mean(rewards):.0f}")

    rows = (inputs(3, seed=52) * [0.5, 0.5, 2.0]).astype(numpy.float32)
    with torch.no_grad():
        outputs = agent.actor_mean(torch.from_numpy(rows)).numpy()
    layers = "3-32 tanh, 32 tanh, 1"
    modules = ["actor_mean.0", "actor_mean.2", "actor_mean.4"]
    save("cleanrl_pendulum_agent", agent.state_dict(), rows, outputs, CLEANRL, layers, "actions", modules)
    export("cleanrl_pendulum", agent.actor_mean, rows, outputs, CLEANRL, layers, "actions", ["action"])


def pendulum_return(actor, seed):
    environment = gymnasium.make("Pendulum-v1")
    (observation, _), total, ended = environment.reset(seed=seed), 0.0, False
    while not ended:
        with torch.no_grad():
            action = actor(torch.from_numpy(observation)).clamp(-2, 2).numpy()
        observation, reward, terminated, truncated, _ = environment.step(action)
        total, ended = total + reward, terminated or truncated
    return total


def write():
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    cart_pole()
    cleanrl(pendulum())
