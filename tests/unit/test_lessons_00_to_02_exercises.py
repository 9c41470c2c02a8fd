# ruff: noqa: E501 - a table reads best with a row a line
"""Every exercise of lessons 00 to 02: right variants are accepted, plausible wrong ones refused with the fitting words."""

from exercise_table import table_tests
from test_every_exercise import problem

from gan_helpers.exercises import lesson_00, lesson_01, lesson_02

NAMES = [*lesson_00.EXERCISES, *lesson_01.EXERCISES, *lesson_02.EXERCISES]
HEADS = {
    "brighten": "image, amount",
    "to_images": "array",
    "distances": "a, b",
    "slope_by_hand": "w, x, y",
    "gradient_at": "w, loss_of",
    "add_noise": "images, amount",
    "deal_batches": "array, size",
    "linear": "x, weight, bias",
    "mean_squared_error": "predicted, truth",
    "descent_step": "parameters, loss, learning_rate",
    "train_step": "model, optimizer, x, truth, loss_of",
    "build_classifier": "hidden=128",
    "accuracy": "logits, labels",
}
DEAL = "order = torch.randperm(len(array)).numpy()\nfor first in range(0, len(array) - size + 1, size):\n    "
SAFE = "if predicted.shape != truth.shape:\n    raise ValueError('shapes')\n"
GRADS = "gradients = torch.autograd.grad(loss, parameters)\n"
LOSS = "loss = loss_of(model(x), truth)\n"

RIGHT = [
    ("brighten", "return (image + amount).clamp(-1, 1)"),
    ("brighten", "return torch.clamp(image + amount, min=-1, max=1)"),
    ("brighten", "return torch.maximum(torch.minimum(image + amount, torch.tensor(1.0)), torch.tensor(-1.0))"),
    ("to_images", "return torch.from_numpy(array).float().unsqueeze(1) / 127.5 - 1"),
    ("to_images", "return torch.tensor(array, dtype=torch.float32)[:, None] / 255 * 2 - 1"),
    ("to_images", "return torch.from_numpy((array[:, None] / 127.5 - 1).astype('float32'))"),
    ("distances", "return torch.cdist(a, b)"),
    ("distances", "return ((a.unsqueeze(1) - b) ** 2).sum(2) ** 0.5"),
    ("distances", "return (a[:, None, :] - b[None, :, :]).norm(dim=-1)"),
    ("slope_by_hand", "return 2 * ((w * x - y) * x).mean()"),
    ("slope_by_hand", "return (2 * x * (w * x - y)).sum() / len(x)"),
    ("slope_by_hand", "return 2 * w * (x * x).mean() - 2 * (x * y).mean()"),
    ("gradient_at", "w.grad = None\nloss_of(w).backward()\nreturn w.grad.clone()"),
    ("gradient_at", "w.grad = None\nloss_of(w).backward()\nreturn w.grad"),
    ("gradient_at", "return torch.autograd.grad(loss_of(w), w)[0]"),
    ("add_noise", "return (images + amount * torch.randn(images.shape, device=images.device)).clamp(-1, 1)"),
    ("add_noise", "return (images + amount * torch.randn_like(images)).clamp(-1, 1)"),
    ("add_noise", "return torch.clamp(torch.normal(images, torch.full_like(images, amount)), -1, 1)"),
    ("deal_batches", DEAL + "yield to_images(array[order[first : first + size]])"),
    (
        "deal_batches",
        "order = np.random.permutation(len(array))\nreturn [to_images(array[order[k * size : (k + 1) * size]]) for k in range(len(array) // size)]",
    ),
    (
        "deal_batches",
        "parts = torch.randperm(len(array)).split(size)\nyield from (to_images(array[p.numpy()]) for p in parts if len(p) == size)",
    ),
    ("linear", "return x @ weight.T + bias"),
    ("linear", "return torch.einsum('ni,oi->no', x, weight) + bias"),
    ("linear", "return torch.addmm(bias, x, weight.t())"),
    ("mean_squared_error", SAFE + "return ((predicted - truth) ** 2).mean()"),
    (
        "mean_squared_error",
        "if tuple(predicted.shape) != tuple(truth.shape):\n    raise ValueError\nreturn (predicted - truth).square().sum() / predicted.numel()",
    ),
    ("mean_squared_error", SAFE + "return torch.nn.functional.mse_loss(predicted, truth)"),
    (
        "descent_step",
        GRADS + "with torch.no_grad():\n    for p, g in zip(parameters, gradients):\n        p -= learning_rate * g",
    ),
    ("descent_step", GRADS + "for p, g in zip(parameters, gradients):\n    p.data.sub_(learning_rate * g)"),
    (
        "descent_step",
        "for p in parameters:\n    p.grad = None\nloss.backward()\nwith torch.no_grad():\n    for p in parameters:\n        p.add_(p.grad, alpha=-learning_rate)",
    ),
    ("train_step", LOSS + "optimizer.zero_grad()\nloss.backward()\noptimizer.step()\nreturn loss.detach()"),
    (
        "train_step",
        "optimizer.zero_grad(set_to_none=False)\n" + LOSS + "loss.backward()\noptimizer.step()\nreturn loss.detach()",
    ),
    (
        "train_step",
        "model.zero_grad()\npredicted = model(x)\n"
        + "loss = loss_of(predicted, truth)\nloss.backward()\noptimizer.step()\nreturn loss.detach().clone()",
    ),
    (
        "build_classifier",
        "return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10))",
    ),
    (
        "build_classifier",
        "return nn.Sequential(nn.Flatten(1), nn.Linear(28 * 28, hidden), nn.Tanh(), nn.Linear(hidden, 10))",
    ),
    (
        "build_classifier",
        "return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.LeakyReLU(0.2), nn.Dropout(0.1), nn.Linear(hidden, 10))",
    ),
    ("accuracy", "return (logits.argmax(1) == labels).float().mean()"),
    ("accuracy", "return ((logits.argmax(-1) == labels).sum() / len(labels)).item()"),
    ("accuracy", "return torch.mean((logits.max(dim=1).indices == labels).double())"),
]

WRONG = [
    ("brighten", "return image + amount", "nothing is whiter than 1"),
    ("brighten", "return max(-1, min(1, image + amount))", "torch.maximum"),
    ("brighten", "return image.clamp(-1, 1)", "as bright as before"),
    ("brighten", "image += amount\nreturn image.clamp(-1, 1)", "changed what it was given"),
    ("brighten", "return (image + amount).clamp(0, 1)", "should become"),
    ("brighten", "return (image * (1 + amount)).clamp(-1, 1)", "should become"),
    ("brighten", "return (image + abs(amount)).clamp(-1, 1)", "negative amount"),
    ("to_images", "return torch.from_numpy(array).float().unsqueeze(1)", "-1 to 1"),
    ("to_images", "return torch.from_numpy(array).float().unsqueeze(1) / 255", "become 0 to 1"),
    ("to_images", "return torch.from_numpy(array).float() / 127.5 - 1", "axis of channels"),
    ("to_images", "return torch.from_numpy(array / 127.5 - 1).unsqueeze(1)", "float64"),
    ("to_images", "return torch.from_numpy(array).float().unsqueeze(3) / 127.5 - 1", "(5, 1, 28, 28)"),
    ("to_images", "return torch.from_numpy(array).float().permute(0, 2, 1).unsqueeze(1) / 127.5 - 1", "changed places"),
    (
        "to_images",
        "array //= 2\nreturn torch.from_numpy(array).float().unsqueeze(1) / 63.5 - 1",
        "changed what it was given",
    ),
    ("distances", "return ((a[:, None] - b[None]) ** 2).sum(-1)", "root is missing"),
    ("distances", "return ((a[:, None] - b[None]) ** 2).mean(-1)", "mean over the coordinates"),
    ("distances", "return (a[:, None] - b[None]).abs().sum(-1)", "absolute differences"),
    ("distances", "return (a[:, None] - b[None])", "differences of each coordinate"),
    ("distances", "return torch.cdist(b, a)", "swapped"),
    ("distances", "return ((a[:, None] - b[None]) ** 2).sum(1).sqrt()", "last axis"),
    ("distances", "return ((a - b) ** 2).sum(-1).sqrt()", "do not broadcast"),
    ("slope_by_hand", "return 2 * (w * x - y).mean()", "inner derivative"),
    ("slope_by_hand", "return ((w * x - y) * x).mean()", "factor of 2"),
    ("slope_by_hand", "return 2 * ((w * x - y) * x).sum()", "slope of the sum"),
    ("slope_by_hand", "return 2 * ((y - w * x) * x).mean()", "sign is turned"),
    ("slope_by_hand", "return ((w * x - y) ** 2).mean()", "the loss itself"),
    ("slope_by_hand", "y -= w * x\nreturn -2 * (y * x).mean()", "changed what it was given"),
    ("slope_by_hand", "return 2 * (w * x - y) * x", "should have shape ()"),
    ("slope_by_hand", "w.requires_grad_()\n((w * x - y) ** 2).mean().backward()\nreturn w.grad", "stops with"),
    ("gradient_at", "loss_of(w).backward()\nreturn w.grad.clone()", "still in w.grad"),
    ("gradient_at", "w.grad.zero_()\nloss_of(w).backward()\nreturn w.grad", "same memory"),
    ("gradient_at", "w.grad.zero_()\nloss_of(w).backward()\nreturn w.grad.clone()", "None"),
    ("gradient_at", "w.grad = None\nloss_of(w).backward()", "return missing"),
    ("gradient_at", "return loss_of(w)", "should have shape (2,)"),
    ("gradient_at", "w.grad = None\nloss_of(w).backward()\ng = w.grad.clone()\nw.data -= g\nreturn g", "moved w"),
    ("add_noise", "return (images + amount * torch.randn(images.shape)).clamp(-1, 1)", "device=images.device"),
    (
        "add_noise",
        "return (images.cpu() + amount * torch.randn(images.shape)).clamp(-1, 1)",
        "lies on another device",
    ),
    ("add_noise", "return (images + amount * torch.rand_like(images)).clamp(-1, 1)", "torch.randn, not torch.rand"),
    ("add_noise", "return images + amount * torch.randn_like(images)", "clamp"),
    ("add_noise", "return (images + torch.randn_like(images)).clamp(-1, 1)", "its spread should be 0.1"),
    (
        "add_noise",
        "images += amount * torch.randn_like(images)\nreturn images.clamp(-1, 1)",
        "changed what it was given",
    ),
    (
        "add_noise",
        "return (images + amount * torch.randn(images.shape[1:], device=images.device)).clamp(-1, 1)",
        "noise of its own",
    ),
    (
        "deal_batches",
        "for first in range(0, len(array) - size + 1, size):\n    yield to_images(array[first : first + size])",
        "order of the array",
    ),
    (
        "deal_batches",
        "order = torch.randperm(len(array)).numpy()\nfor first in range(0, len(array), size):\n    yield to_images(array[order[first : first + size]])",
        "left out",
    ),
    (
        "deal_batches",
        "for _ in range(len(array) // size):\n    yield to_images(array[np.random.randint(0, len(array), size)])",
        "came twice",
    ),
    (
        "deal_batches",
        "for _ in range(len(array) // size):\n    yield to_images(array[torch.randperm(len(array)).numpy()[:size]])",
        "came twice",
    ),
    ("deal_batches", DEAL + "yield torch.from_numpy(array[order[first : first + size]])", "(8, 1, 28, 28)"),
    ("deal_batches", DEAL + "yield array[order[first : first + size]]", "call to_images"),
    ("deal_batches", DEAL + "return to_images(array[order[first : first + size]])", "yield gives a batch"),
    ("linear", "return x @ weight + bias", "shapes do not fit"),
    ("linear", "return x @ weight.T", "bias is missing"),
    ("linear", "return x.cpu() @ weight.cpu().T + bias.cpu()", "lies on another device"),
    ("linear", "bias *= 2\nreturn x @ weight.T + bias / 2", "changed what it was given"),
    ("linear", "return x @ weight.T - bias", "to be added"),
    ("linear", "return (x @ weight.T + bias).detach()", "No slope"),
    ("linear", "return (x[:, None] * weight).mean(-1) + bias", "differs from nn.Linear"),
    ("linear", "return x @ (weight if weight.shape[0] == weight.shape[1] else weight.T) + bias", "transpose missing"),
    ("mean_squared_error", "return ((predicted - truth) ** 2).mean()", "broadcast to (3, 3)"),
    ("mean_squared_error", SAFE + "return ((predicted - truth) ** 2).sum()", "sum of the squares"),
    ("mean_squared_error", SAFE + "return (predicted - truth).mean()", "cancel"),
    ("mean_squared_error", SAFE + "return (predicted - truth).abs().mean()", "absolute error"),
    ("mean_squared_error", SAFE + "return ((predicted - truth) ** 2).mean().sqrt()", "root of it"),
    ("mean_squared_error", SAFE + "return ((predicted - truth) ** 2).mean() / 2", "half of it"),
    ("mean_squared_error", SAFE + "return ((predicted - truth) ** 2).mean().detach()", "No slope"),
    ("descent_step", GRADS + "for p, g in zip(parameters, gradients):\n    p -= learning_rate * g", "no_grad"),
    ("descent_step", GRADS + "for p, g in zip(parameters, gradients):\n    p = p - learning_rate * g", "Nothing moved"),
    (
        "descent_step",
        GRADS + "with torch.no_grad():\n    for p, g in zip(parameters, gradients):\n        p += learning_rate * g",
        "uphill",
    ),
    (
        "descent_step",
        GRADS + "with torch.no_grad():\n    parameters[0] -= learning_rate * gradients[0]",
        "Only the first",
    ),
    (
        "descent_step",
        GRADS + "with torch.no_grad():\n    for p, g in zip(parameters, gradients):\n        p -= g",
        "should move to",
    ),
    (
        "descent_step",
        "loss.backward()\nwith torch.no_grad():\n    for p in parameters:\n        p -= learning_rate * p.grad",
        "old gradient",
    ),
    ("train_step", LOSS + "loss.backward()\noptimizer.step()\nreturn loss.detach()", "old slopes"),
    (
        "train_step",
        LOSS + "optimizer.zero_grad\nloss.backward()\noptimizer.step()\nreturn loss.detach()",
        "parentheses",
    ),
    ("train_step", LOSS + "optimizer.zero_grad()\nloss.backward()\nreturn loss.detach()", "has not moved"),
    (
        "train_step",
        LOSS + "loss.backward()\noptimizer.zero_grad()\noptimizer.step()\nreturn loss.detach()",
        "has not moved",
    ),
    ("train_step", LOSS + "optimizer.zero_grad()\nloss.backward()\noptimizer.step()\nreturn loss", "stays in memory"),
    ("train_step", LOSS + "optimizer.zero_grad()\nloss.backward()\noptimizer.step()", "return missing"),
    (
        "train_step",
        "loss = loss_of(truth, model(x))\noptimizer.zero_grad()\nloss.backward()\noptimizer.step()\nreturn loss.detach()",
        "prediction first",
    ),
    (
        "train_step",
        LOSS + "optimizer.zero_grad()\nloss.backward()\noptimizer.step()\noptimizer.step()\nreturn loss.detach()",
        "each once",
    ),
    (
        "build_classifier",
        "return nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10))",
        "nn.Flatten()",
    ),
    (
        "build_classifier",
        "return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.Linear(hidden, 10))",
        "one linear layer",
    ),
    (
        "build_classifier",
        "return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10), nn.Softmax(1))",
        "squeezed",
    ),
    (
        "build_classifier",
        "return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10), nn.ReLU())",
        "below 0",
    ),
    (
        "build_classifier",
        "return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))",
        "[16, 10]",
    ),
    (
        "build_classifier",
        "return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU, nn.Linear(hidden, 10))",
        "parentheses",
    ),
    ("accuracy", "return (logits.argmax(0) == labels[:3]).float().mean()", "argmax"),
    ("accuracy", "return (logits.argmax(1) == labels).sum()", "how many"),
    ("accuracy", "labels -= logits.argmax(1)\nreturn (labels == 0).float().mean()", "changed what it was given"),
    ("accuracy", "return 100 * (logits.argmax(1) == labels).float().mean()", "per cent"),
    ("accuracy", "return (logits.argmax(1) == labels).float()", "one number"),
    ("accuracy", "return (logits.argmax(1) != labels).float().mean() * 0.5", "0.25"),
    ("accuracy", "return (logits.argmax(1) == labels).mean()", ".float() first"),
]


def cell(name: str, body: str) -> str:
    indented = "\n".join("    " + line for line in body.split("\n"))
    return f"import numpy as np\nimport torch\nfrom torch import nn\ndef {name}({HEADS[name]}):\n{indented}\n"


test_right_variants_are_accepted, test_wrong_variants_are_refused_with_the_fitting_words, test_enough_of_both = (
    table_tests(lambda name, body: problem(name, cell(name, body)), NAMES, RIGHT, WRONG)
)
