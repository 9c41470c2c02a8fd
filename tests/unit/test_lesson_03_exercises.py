# ruff: noqa: E501 - a table reads best with a row a line
"""Every exercise of lesson 03: right variants are accepted, plausible wrong ones refused with the fitting hint."""

import textwrap

import pytest
import torch
import torch.nn.functional as F
from exercise_table import table_tests
from torch import nn

from gan_helpers.exercises import checking
from gan_helpers.exercises.checking import exercises, forget_tries, parts_line
from gan_helpers.models import mlp_gan

NAMES = [
    "build_generator",
    "build_discriminator",
    "discriminator_loss",
    "discriminator_step",
    "generator_loss",
    "generator_step",
]


@pytest.fixture(autouse=True)
def fresh():
    forget_tries()
    yield
    forget_tries()


def notebook() -> dict:
    """The names a notebook of lesson 03 has bound when it comes to its exercises."""
    names = ["LATENT", "REAL_TARGET", "GAN", "adam", "sample_z", *NAMES]
    return {"torch": torch, "nn": nn, "F": F, **{name: getattr(mlp_gan, name) for name in names}}


def attempt(name: str, cell: str):
    """The function `name` that a notebook cell with this text defines."""
    namespace = notebook()
    exec(textwrap.dedent(cell), namespace)
    return namespace[name]


def problem(name: str, cell: str) -> str | None:
    return checking._problem(exercises()[name], name, attempt(name, cell))


G = """
    def build_generator(features, widths=(64, 64), *, batchnorm=False):
        layers, inputs = [], LATENT
        for width in widths:
            layers.append(nn.Linear({inputs}, width))
            if batchnorm:
                layers.append(nn.BatchNorm1d(width))
            layers.append({nonlinearity})
            inputs = width
        return nn.Sequential(*layers, nn.Linear(inputs, features), {end})
"""
D = """
    def build_discriminator(features, widths=(64, 64), *, dropout=0.0):
        layers, inputs = [], features
        for width in widths:
            layers += [nn.Linear(inputs, width), {nonlinearity}, nn.Dropout({share})]
            inputs = width
        return nn.Sequential(*layers, {end})
"""
D_LOSS = "    def discriminator_loss(real_logits, fake_logits, real_target=1.0):\n        {body}"
BCE = "F.binary_cross_entropy_with_logits"
D_STEP = """
    def discriminator_step(real, nets, opts, *, backward=torch.Tensor.backward):
        {fake}
        loss_d = discriminator_loss({pair}, REAL_TARGET)
        {clear}
        {slope}
        {step}
        return {answer}
"""
D_RIGHT = {
    "fake": "fake = nets.generator(sample_z(len(real), like=real)).detach()",
    "pair": "nets.discriminator(real), nets.discriminator(fake)",
    "clear": "opts.discriminator.zero_grad()",
    "slope": "backward(loss_d)",
    "step": "opts.discriminator.step()",
    "answer": "loss_d.detach()",
}
G_STEP = """
    def generator_step(real, nets, opts, *, backward=torch.Tensor.backward):
        {logits}
        loss_g = {loss}
        {clear}
        {slope}
        {step}
        return {answer}
"""
G_RIGHT = {
    "logits": "fake_logits = nets.discriminator(nets.generator(sample_z(len(real), like=real)))",
    "loss": "generator_loss(fake_logits)",
    "clear": "opts.generator.zero_grad()",
    "slope": "backward(loss_g)",
    "step": "opts.generator.step()",
    "answer": "loss_g.detach()",
}


def g(inputs="inputs", nonlinearity="nn.LeakyReLU(0.2)", end="nn.Tanh()") -> str:
    return G.format(inputs=inputs, nonlinearity=nonlinearity, end=end)


def d(nonlinearity="nn.LeakyReLU(0.2)", share="dropout", end="nn.Linear(inputs, 1), nn.Flatten(0)") -> str:
    return D.format(nonlinearity=nonlinearity, share=share, end=end)


RIGHT = [
    ("build_generator", g()),
    ("build_generator", g(nonlinearity="nn.LeakyReLU(negative_slope=0.2, inplace=True)")),
    ("build_generator", """
        class Net(nn.Module):
            def __init__(self, net):
                super().__init__()
                self.net = net
            def forward(self, z):
                return torch.tanh(self.net(z))
        def build_generator(features, widths=(64, 64), *, batchnorm=False):
            sizes, layers = [LATENT, *widths], []
            for a, b in zip(sizes, sizes[1:]):
                layers += [nn.Linear(a, b)] + [nn.BatchNorm1d(b)] * batchnorm + [nn.LeakyReLU(0.2)]
            return Net(nn.Sequential(*layers, nn.Linear(sizes[-1], features)))
    """),
    ("build_discriminator", d()),
    ("build_discriminator", d(end="nn.Linear(inputs, 1), nn.Flatten(start_dim=0)")),
    ("build_discriminator", d(end="nn.Linear(inputs, 1), nn.Unflatten(1, (1,)), nn.Flatten(0)")),
    ("discriminator_loss", D_LOSS.format(body=f"return {BCE}(real_logits, torch.full_like(real_logits, real_target)) + {BCE}(fake_logits, torch.zeros_like(fake_logits))")),
    ("discriminator_loss", D_LOSS.format(body="return -(real_target * F.logsigmoid(real_logits) + (1 - real_target) * F.logsigmoid(-real_logits)).mean() - F.logsigmoid(-fake_logits).mean()")),
    ("discriminator_loss", D_LOSS.format(body="return (F.softplus(real_logits) - real_target * real_logits).mean() + F.softplus(fake_logits).mean()")),
    ("discriminator_step", D_STEP.format(**D_RIGHT)),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"fake": "with torch.no_grad():\n            fake = nets.generator(sample_z(len(real), like=real))"})),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"fake": "opts.discriminator.zero_grad(set_to_none=False)\n        fake = nets[0](sample_z(len(real), like=real)).detach()", "clear": "pass"})),
    ("generator_loss", f"def generator_loss(fake_logits):\n    return {BCE}(fake_logits, torch.ones_like(fake_logits))"),
    ("generator_loss", "def generator_loss(fake_logits):\n    return -F.logsigmoid(fake_logits).mean()"),
    ("generator_loss", "def generator_loss(fake_logits):\n    return F.softplus(-fake_logits).mean()"),
    ("generator_step", G_STEP.format(**G_RIGHT)),
    ("generator_step", G_STEP.format(**G_RIGHT | {"clear": "opts.discriminator.zero_grad()\n        opts.generator.zero_grad()"})),
    ("generator_step", G_STEP.format(**G_RIGHT | {"logits": "fake = nets.generator(sample_z(real.shape[0], real))\n        fake_logits = nets.discriminator(fake)"})),
]  # fmt: skip

WRONG = [
    ("build_generator", g(nonlinearity="nn.ReLU()"), "LeakyReLU"),
    ("build_generator", g(nonlinearity="nn.LeakyReLU()"), "0.2 of a negative"),
    ("build_generator", g(end="nn.Sigmoid()"), "both ends"),
    ("build_generator", g(end="nn.Identity()"), "stay in [-1, 1]"),
    ("build_generator", g(inputs="width"), "RuntimeError"),
    ("build_generator", g(end="nn.Tanh"), "with its parentheses"),
    ("build_generator", g(end="torch.tanh"), "with its parentheses"),
    ("build_generator", g().replace("return ", ""), "None: is the return missing?"),
    ("build_generator", g().replace("nn.Linear(inputs, features)", "nn.Linear(inputs, 1)"), "linear layers should give"),
    ("build_generator", g().replace("if batchnorm", "if True"), "Without batchnorm=True"),
    ("build_discriminator", d(end="nn.Linear(inputs, 1), nn.Flatten(0), nn.Sigmoid()"), "owns the sigmoid"),
    ("build_discriminator", d(end="nn.Linear(inputs, 1)"), "nn.Flatten(0)"),
    ("build_discriminator", d(share="0.5"), "nn.Dropout(dropout)"),
    ("build_discriminator", d(nonlinearity="nn.ReLU()"), "nn.LeakyReLU after each"),
    ("build_discriminator", d(end="nn.Linear(inputs, 2), nn.Flatten(0)"), "linear layers should give"),
    ("discriminator_loss", D_LOSS.format(body=f"return {BCE}(real_logits, torch.zeros_like(real_logits)) + {BCE}(fake_logits, torch.ones_like(fake_logits))"), "which target belongs to which"),
    ("discriminator_loss", D_LOSS.format(body=f"return -({BCE}(real_logits, torch.full_like(real_logits, real_target)) + {BCE}(fake_logits, torch.zeros_like(fake_logits)))"), "sign is wrong"),
    ("discriminator_loss", D_LOSS.format(body=f"return ({BCE}(real_logits, torch.full_like(real_logits, real_target)) + {BCE}(fake_logits, torch.zeros_like(fake_logits))) / 2"), "half the loss"),
    ("discriminator_loss", D_LOSS.format(body=f"return {BCE}(real_logits, torch.full_like(real_logits, real_target))"), "fakes do not count"),
    ("discriminator_loss", D_LOSS.format(body=f"return {BCE}(real_logits, torch.ones_like(real_logits)) + {BCE}(fake_logits, torch.zeros_like(fake_logits))"), "real_target=0.9"),
    ("discriminator_loss", D_LOSS.format(body=f"return {BCE}(real_logits.sigmoid(), torch.ones_like(real_logits)) + {BCE}(fake_logits.sigmoid(), torch.zeros_like(fake_logits))"), "applied twice"),
    ("discriminator_loss", D_LOSS.format(body="return -(real_target * real_logits.sigmoid().log() + (1 - real_target) * (1 - real_logits.sigmoid()).log()).mean() - (1 - fake_logits.sigmoid()).log().mean()"), "overflows"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"fake": D_RIGHT["fake"].replace(".detach()", "")}), "detach the fakes"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"clear": "pass"}), "zero_grad"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"clear": "opts.discriminator.zero_grad"}), "parentheses"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"clear": "opts.generator.zero_grad()"}), "opts.discriminator.zero_grad()"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"fake": D_RIGHT["fake"].replace("detach()", "detach")}), "not called"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"step": "pass"}), "D has not changed"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"step": "opts.discriminator.step(); opts.generator.zero_grad(set_to_none=False); [p.data.add_(1) for p in nets.generator.parameters()]"}), "G has changed"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"pair": "nets.discriminator(fake), nets.discriminator(real)"}), "wrong way round"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"answer": "loss_d"}), "stays in memory"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"answer": "None"}), "return missing"),
    ("discriminator_step", D_STEP.format(**D_RIGHT | {"slope": "loss_d.backward()"}), "Call backward(loss)"),
    ("discriminator_loss", D_LOSS.format(body=f"return {BCE}(torch.ones_like(real_logits), real_logits) + {BCE}(torch.zeros_like(fake_logits), fake_logits)"), "logits come first"),
    ("discriminator_loss", D_LOSS.format(body="return F.binary_cross_entropy(real_logits, torch.ones_like(real_logits))"), "use ..._with_logits"),
    ("build_generator", g(nonlinearity="F.leaky_relu(0.2)"), "nn.LeakyReLU(0.2) is a layer"),
    ("generator_loss", f"def generator_loss(fake_logits):\n    return {BCE}(fake_logits, torch.ones(128))", "torch.ones_like"),
    ("generator_loss", f"def generator_loss(fake_logits):\n    return {BCE}(fake_logits, 1.0)", "torch.full_like"),
    ("generator_loss", f"def generator_loss(fake_logits):\n    return -{BCE}(fake_logits, torch.zeros_like(fake_logits))", "minimax"),
    ("generator_loss", f"def generator_loss(fake_logits):\n    return {BCE}(fake_logits, torch.zeros_like(fake_logits))", "which answer"),
    ("generator_loss", f"def generator_loss(fake_logits):\n    return -{BCE}(fake_logits, torch.ones_like(fake_logits))", "sign is wrong"),
    ("generator_loss", "def generator_loss(fake_logits):\n    return -fake_logits.sigmoid().log().mean()", "overflows"),
    ("generator_loss", f"def generator_loss(fake_logits):\n    return {BCE}(fake_logits.sigmoid(), torch.ones_like(fake_logits))", "applied twice"),
    ("generator_loss", f"def generator_loss(fake_logits):\n    return {BCE}(fake_logits, torch.ones_like(fake_logits)).item()", "a float"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"logits": G_RIGHT["logits"].replace("like=real)))", "like=real)).detach())")}), "G has not changed"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"clear": "pass"}), "zero_grad"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"step": "opts.generator.step(); opts.discriminator.step()"}), "D has changed"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"step": "opts.discriminator.step()"}), "D has changed"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"step": "pass"}), "G has not changed"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"loss": "-generator_loss(fake_logits)"}), "is a sign turned"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"clear": "opts.generator.zero_grad"}), "parentheses"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"clear": "opts.zero_grad()"}), "pairs"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"logits": "fake_logits = nets.discriminator(nets.generator(torch.randn(len(real), 100)))"}), "sample_z"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"logits": "fake_logits = nets.discriminator(real)"}), "answers to G's fakes"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"logits": "fake_logits = nets.generator(sample_z(len(real), like=real))"}), "No slope came through D"),
    ("generator_step", G_STEP.format(**G_RIGHT | {"answer": "loss_g"}), "stays in memory"),
]  # fmt: skip


test_right_variants_are_accepted, test_wrong_variants_are_refused_with_the_fitting_words, test_enough_of_both = (
    table_tests(problem, NAMES, RIGHT, WRONG)
)


def test_an_endless_loop_is_ended(monkeypatch):
    monkeypatch.setattr(checking, "SECONDS", 0.2)
    assert "loop that never ends" in problem("generator_loss", "def generator_loss(fake_logits):\n    while True: pass")
    swallowing = (
        "def generator_loss(x):\n    while True:\n        try:\n            pass\n        except Exception: pass"
    )
    assert "loop that never ends" in problem("generator_loss", swallowing)


def checked_in(namespace: dict, name: str):
    """What a cell with `check(name)` gives in a module with these names."""
    exec("from gan_helpers.exercises import check", namespace)
    return eval(f"check({name!r})", namespace)


def test_a_right_function_is_handed_back_and_a_wrong_one_replaced(capsys):
    namespace = notebook()
    mine = namespace["generator_loss"]
    assert checked_in(namespace, "generator_loss") is mine
    assert "goes on with yours" in capsys.readouterr().out
    namespace["generator_loss"] = lambda fake_logits: None
    reference = checked_in(namespace, "generator_loss")
    assert "goes on with the reference" in capsys.readouterr().out
    assert torch.allclose(reference(torch.zeros(3)), torch.tensor(0.6931), atol=1e-4)
    assert parts_line() == "reference: generator_loss"


def test_the_reference_step_calls_the_attendees_own_loss():
    namespace = notebook()
    called = []
    own = namespace["discriminator_loss"]
    namespace["discriminator_loss"] = lambda *a: called.append(1) or own(*a)
    namespace["discriminator_step"] = None
    step = checked_in(namespace, "discriminator_step")
    nets = mlp_gan.GAN(mlp_gan.build_generator(2, (4,)), mlp_gan.build_discriminator(2, (4,)))
    step(torch.zeros(3, 2), nets, mlp_gan.GAN(*(mlp_gan.adam(net, 1e-3) for net in nets)))
    assert called


def test_a_name_lost_with_a_broken_cell_comes_from_the_package():
    namespace = notebook()
    del namespace["REAL_TARGET"], namespace["discriminator_step"]
    step = checked_in(namespace, "discriminator_step")
    nets = mlp_gan.GAN(mlp_gan.build_generator(2, (4,)), mlp_gan.build_discriminator(2, (4,)))
    step(torch.zeros(3, 2), nets, mlp_gan.GAN(*(mlp_gan.adam(net, 1e-3) for net in nets)))
    assert namespace["REAL_TARGET"] == 0.9


def test_hints_come_one_by_one_and_the_last_one_stays(capsys):
    namespace = notebook() | {"generator_loss": lambda fake_logits: None}
    said = []
    for _ in range(4):
        namespace["generator_loss"] = lambda fake_logits: None
        checked_in(namespace, "generator_loss")
        said.append(capsys.readouterr().out)
    assert ["Hint 1 of 3" in said[0], "Hint 2 of 3" in said[1], "Hint 3 of 3" in said[2], "Hint 3 of 3" in said[3]] == [
        True
    ] * 4


def test_an_untouched_stub_costs_no_hint(capsys):
    namespace = notebook()
    exec("def generator_loss(fake_logits):\n    return ...", namespace)
    checked_in(namespace, "generator_loss")
    assert "Hint" not in capsys.readouterr().out


def test_a_blank_left_over_earns_a_hint_the_second_time(capsys):
    namespace = notebook()
    for _ in range(2):
        exec("def generator_loss(fake_logits):\n    return ...", namespace)
        capsys.readouterr()
        checked_in(namespace, "generator_loss")
    assert "Hint 1 of 3" in capsys.readouterr().out


def test_checking_again_without_running_the_cell_says_so(capsys):
    namespace = notebook() | {"generator_loss": None}
    namespace["generator_loss"] = checked_in(namespace, "generator_loss")
    capsys.readouterr()
    checked_in(namespace, "generator_loss")
    said = capsys.readouterr().out
    assert "run your own cell" in said and "Hint" not in said  # a typo costs no hint


def test_checking_does_not_touch_the_lessons_random_numbers():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    for name in NAMES:
        checked_in(notebook(), name)
    assert torch.equal(torch.rand(3), expected)


def test_an_unknown_exercise_lists_those_there_are():
    with pytest.raises(KeyError, match="generator_loss"):
        checked_in(notebook(), "generater_loss")
