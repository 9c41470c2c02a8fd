"""Exercises and questions of lesson 02, the linear model and its descent."""

import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.exercises.checking import Exercise, NotYet
from gan_helpers.exercises.expectations import (
    described,
    expect,
    expect_tensor,
    expect_works_elsewhere,
    left_alone,
)
from gan_helpers.exercises.quiz import Quiz
from gan_helpers.models import linear_model


def _test_linear(linear) -> None:
    x, weight, bias = torch.randn(5, 3), torch.randn(2, 3), torch.tensor([10.0, -10.0])
    try:
        with left_alone(x, weight, bias):
            out = linear(x, weight, bias)
    except RuntimeError as error:
        if "shapes" not in str(error):
            raise
        raise NotYet(
            "The shapes do not fit: x is (N, inputs), weight is (outputs, inputs), and `@` wants equal inner sizes. "
            f"weight.T is (inputs, outputs). PyTorch says: {str(error).splitlines()[0][:120]}"
        ) from error
    expect_tensor(out, (5, 2), "For x (5, 3) and weight (2, 3) the output")
    expect(not torch.allclose(out, x @ weight.T, atol=1e-4), "The bias is missing.")
    expect(not torch.allclose(out, x @ weight.T - bias, atol=1e-4), "The bias is to be added.")
    expect(
        torch.allclose(out, F.linear(x, weight, bias), atol=1e-4),
        "It differs from nn.Linear: output j is the sum of x times row j of weight, plus bias j.",
    )
    expect_works_elsewhere(
        lambda x: linear(x, weight.to(x.device), bias.to(x.device)), x, "something in it is moved to the processor."
    )
    square = torch.randn(4, 3), torch.randn(3, 3), torch.zeros(3)
    expect(
        torch.allclose(linear(*square), F.linear(*square), atol=1e-4),
        "For a square weight it differs from nn.Linear: is the transpose missing?",
    )
    expect(linear(x.requires_grad_(), weight, bias).requires_grad, "No slope can flow: compute it with torch alone.")


def _test_mean_squared_error(loss) -> None:
    predicted = torch.tensor([[1.0], [2.0], [4.0]], requires_grad=True)
    truth = torch.tensor([[1.0], [4.0], [1.0]])
    with left_alone(predicted, truth):
        value = loss(predicted, truth)
    expect_tensor(value, (), "The loss")
    right, error = 13 / 3, (predicted - truth).detach()
    for wrong, words in {
        13.0: "That is the sum of the squares: take the mean, so that it does not grow with the number of points.",
        error.mean().item(): "Errors of both signs cancel: square them first.",
        error.abs().mean().item(): "That is the mean absolute error: square instead.",
        right**0.5: "That is the root of it: the loss is the mean of the squares itself.",
        right / 2: "That is half of it: here the mean is not divided by 2.",
    }.items():
        expect(abs(value.item() - wrong) > 1e-4, words)
    expect(abs(value.item() - right) < 1e-4, f"For errors 0, -2 and 3 it should be 13/3; yours is {value.item():.4f}.")
    expect(value.requires_grad, "No slope flows back to the prediction: compute it with torch, without .item().")
    expect_works_elsewhere(lambda p: loss(p, p), predicted, "something in it is moved to the processor.")
    try:
        loss(predicted.detach(), truth[:, 0])
    except ValueError:
        return
    raise NotYet(
        "Shapes (3, 1) and (3,) broadcast to (3, 3), and a wrong number comes out without a word. Raise a ValueError "
        "when predicted.shape and truth.shape differ."
    )


def _test_descent_step(step) -> None:
    w, b = torch.tensor([1.0, -2.0], requires_grad=True), torch.tensor(0.5, requires_grad=True)
    w.grad = torch.tensor([100.0, 100.0])  # what an earlier backward may have left
    try:
        step([w, b], (w**2).sum() + 3 * b, 0.1)
    except RuntimeError as error:
        if "in-place" not in str(error):
            raise
        raise NotYet(
            "PyTorch will not change a leaf in place while it is watching: move inside `with torch.no_grad():`."
        ) from error
    now, right = [w.tolist(), b.item()], [[0.8, -1.6], 0.2]
    expect(now != [[1.0, -2.0], 0.5], "Nothing moved: change the tensors themselves, in place, with -=.")
    uphill = torch.allclose(w.detach(), torch.tensor([1.2, -2.4])) and abs(b.item() - 0.8) < 1e-5
    expect(not uphill, "That is uphill: the slope points to where the loss grows, so go the other way.")
    expect(abs(b.item() - 0.5) > 1e-6, "Only the first parameter moved: loop over all of them.")
    expect(
        w[0] > -5, "w moved by the old gradient too: torch.autograd.grad computes fresh ones and leaves w.grad alone."
    )
    expect(
        torch.allclose(w.detach(), torch.tensor(right[0])) and abs(b.item() - right[1]) < 1e-5,
        f"w, b = (1, -2), 0.5 with slopes (2, -4), 3 and rate 0.1 should move to {right}; yours are at "
        f"{[[round(v, 3) for v in w.tolist()], round(b.item(), 3)]}.",
    )
    expect(w.requires_grad and w.is_leaf, "w is no parameter any more: change it in place inside torch.no_grad().")
    step([w, b], (w**2).sum() + 3 * b, 0.1)
    expect(torch.allclose(w.detach(), torch.tensor([0.64, -1.28])), "The second step went wrong: is w still watched?")


def _test_train_step(step) -> None:
    torch.manual_seed(1)
    model = nn.Linear(3, 1)
    x, truth = torch.randn(8, 3), torch.randn(8, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    before = [p.detach().clone() for p in model.parameters()]
    slopes = torch.autograd.grad(F.mse_loss(model(x), truth), list(model.parameters()))
    right = [p - 0.5 * slope for p, slope in zip(before, slopes, strict=True)]
    for p in model.parameters():
        p.grad = torch.full_like(p, 5.0)  # what a forgotten zero_grad would add
    seen = []

    def loss_of(predicted, wanted):
        seen.append((predicted, wanted))
        return F.mse_loss(predicted, wanted)

    loss = step(model, optimizer, x, truth, loss_of)
    expect(bool(seen), "loss_of was not called: loss = loss_of(model(x), truth).")
    expect(torch.equal(seen[-1][1], truth), "loss_of takes the prediction first, then the truth.")
    expect_tensor(loss, (), "The returned loss")
    expect(not loss.requires_grad, "Return loss.detach(): otherwise each step's past stays in memory.")
    now = [p.detach() for p in model.parameters()]
    moved = any(not torch.equal(a, b) for a, b in zip(now, before, strict=True))
    expect(moved, "The model has not moved: is optimizer.step() called, with its parentheses, after backward?")
    leftover = [p - 0.5 * (slope + 5) for p, slope in zip(before, slopes, strict=True)]
    expect(
        not torch.allclose(now[0], leftover[0], atol=1e-5),
        "The old slopes were added to the new ones: optimizer.zero_grad(), with its parentheses, before backward.",
    )
    expect(
        all(torch.allclose(a, b, atol=1e-5) for a, b in zip(now, right, strict=True)),
        "The model did not move by its slope: zero_grad(), then backward(), then step(), each once.",
    )
    expect(
        abs(loss.item() - F.mse_loss(x @ before[0].T + before[1], truth).item()) < 1e-4,
        "The returned loss should be the one before the step.",
    )


def _test_build_classifier(build) -> None:
    net = build(16)
    expect(isinstance(net, nn.Module), f"It should return a network; yours is {described(net)}.")
    images = torch.rand(7, 1, 28, 28) * 2 - 1
    try:
        logits = net(images)
    except RuntimeError as error:
        if "shapes" not in str(error):
            raise
        raise NotYet(
            "It does not take pictures (N, 1, 28, 28): nn.Flatten() first makes them (N, 784). PyTorch says: "
            f"{str(error).splitlines()[0][:120]}"
        ) from error
    expect_tensor(logits, (7, 10), "For 7 pictures the logits")
    sizes = [layer.out_features for layer in net.modules() if isinstance(layer, nn.Linear)]
    expect(sizes == [16, 10], f"The linear layers should give [16, 10] numbers (hidden, digits); yours give {sizes}.")
    with torch.no_grad():
        big = net(images * 100)
        straight = torch.allclose(net(images) + net(-images), 2 * net(0 * images), atol=1e-4)
    expect(
        not torch.allclose(big.sum(1), torch.ones(7), atol=1e-3) and bool((big.abs() > 1.001).any()),
        "The logits are squeezed: no softmax or sigmoid at the end, the loss has it.",
    )
    expect(not straight, "Two linear layers in a row are one linear layer: put nn.ReLU() between them.")
    expect(bool((logits < 0).any()), "No logit is below 0: the ReLU belongs between the layers, not after the last.")


def _test_accuracy(accuracy) -> None:
    logits = torch.tensor([[3.0, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.5, 9.0], [1.0, 0.0, -1.0]])
    labels = torch.tensor([0, 1, 0, 1])
    with left_alone(logits, labels):
        share = accuracy(logits, labels)
    expect(share is not None, "It gives nothing back: is the return missing?")
    expect(isinstance(share, (torch.Tensor, float)), f"It should be a number in [0, 1]; yours is {described(share)}.")
    expect(torch.as_tensor(share).numel() == 1, "It should be one number: take the mean over the pictures.")
    share = float(share)
    expect(abs(share - 50) > 1e-4, "That is per cent: a share lies in [0, 1].")
    expect(abs(share - 2) > 1e-4, "That is how many are right: take the share.")
    expect(abs(share - 0.5) < 1e-4, f"Two of four are right here, 0.5; yours is {share:.4g}. argmax over which axis?")
    wide = torch.zeros(2, 5)
    wide[:, 4] = 1
    expect(float(accuracy(wide, torch.tensor([4, 4]))) == 1, "For (2, 5) logits it is wrong: argmax over axis 1.")


EXERCISES = {
    "linear": Exercise(
        linear_model.linear,
        _test_linear,
        (
            "Each output is a sum of products: a row of x with a row of weight. Which sign multiplies matrices?",
            "x is (N, inputs), weight is (outputs, inputs): one of them must be transposed, .T, before `@`.",
            "return x @ weight.T + bias",
        ),
    ),
    "mean_squared_error": Exercise(
        linear_model.mean_squared_error,
        _test_mean_squared_error,
        (
            "Difference, square, mean. And what if the two shapes differ?",
            "`if predicted.shape != truth.shape: raise ValueError(...)` comes first.",
            "return ((predicted - truth) ** 2).mean()",
        ),
    ),
    "descent_step": Exercise(
        linear_model.descent_step,
        _test_descent_step,
        (
            "Down is against the slope: take learning_rate times the gradient away from each parameter.",
            "In place, inside `with torch.no_grad():`, so that PyTorch does not take the move for part of the model.",
            "parameter -= learning_rate * gradient",
        ),
    ),
    "train_step": Exercise(
        linear_model.train_step,
        _test_train_step,
        (
            "Predict and compare, clear, slopes, step.",
            "optimizer.zero_grad() clears, loss.backward() fills the slopes, optimizer.step() moves.",
            "loss = loss_of(model(x), truth); optimizer.zero_grad(); loss.backward(); optimizer.step()",
        ),
    ),
    "build_classifier": Exercise(
        linear_model.build_classifier,
        _test_build_classifier,
        (
            "Flatten the picture, a linear layer, something that bends, a second linear layer.",
            "784 pixels -> hidden -> 10 digits, nn.ReLU() between the two.",
            "nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10))",
        ),
    ),
    "accuracy": Exercise(
        linear_model.accuracy,
        _test_accuracy,
        (
            "The answer is where the largest logit stands; how often is that the label?",
            "logits.argmax(1) gives the answers; == compares; booleans become numbers with .float().",
            "return (logits.argmax(1) == labels).float().mean()",
        ),
    ),
}

QUIZZES = {
    "rate_too_large": Quiz(
        "The learning rate is a little larger than the largest stable one. What does the loss do?",
        (
            ("It falls faster", "Up to a point. Beyond it each step overshoots by more than it gains."),
            ("It stops", "It would stop with a rate of 0."),
            ("It grows without bound", "Each step lands farther up on the other side of the valley."),
        ),
        2,
    ),
    "when_gpu": Quiz(
        "One product of two 64 x 64 matrices that lie in the processor's memory: is a GPU faster?",
        (
            ("Yes, GPUs are faster", "Not for so little: sending it there and back takes longer than the product."),
            ("No, the way there costs more", "A GPU pays off for large products whose numbers stay there."),
        ),
        1,
    ),
}
