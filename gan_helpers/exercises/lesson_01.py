"""Exercises and questions of lesson 01, tensors and slopes."""

import numpy as np
import torch
import torch.nn.functional as F

from gan_helpers import tensors
from gan_helpers.exercises.checking import Exercise, NotYet
from gan_helpers.exercises.expectations import (
    described,
    expect,
    expect_tensor,
    expect_works_elsewhere,
    left_alone,
)
from gan_helpers.exercises.quiz import Quiz


def _pictures(n: int) -> np.ndarray:
    """`n` random pictures (n, 28, 28) uint8 that hold both 0 and 255."""
    array = np.random.default_rng(0).integers(0, 256, (n, 28, 28)).astype(np.uint8)
    array[0, 0, :2] = 0, 255
    return array


def _test_to_images(to_images) -> None:
    array = _pictures(5)
    before = array.copy()
    with left_alone(array):
        images = to_images(array)
    if isinstance(images, torch.Tensor) and images.shape == (5, 28, 28):
        raise NotYet("The axis of channels is missing: .unsqueeze(1) makes (N, 28, 28) into (N, 1, 28, 28).")
    if isinstance(images, torch.Tensor) and images.dtype == torch.float64:
        raise NotYet("It holds float64, NumPy's habit; networks take float32: .float() before the division.")
    expect_tensor(images, (5, 1, 28, 28), "For 5 pictures the result")
    expect(images.dtype == torch.float32, f"It should hold float32; yours holds {images.dtype}.")
    low, high = images.min().item(), images.max().item()
    expect(
        abs(low + 1) < 1e-3 and abs(high - 1) < 1e-3,
        f"Pixels from 0 to 255 should become -1 to 1; yours become {low:.4g} to {high:.4g}. Divide by 127.5, then "
        "take 1 away.",
    )
    right = before[:, None].astype(np.float32) / 127.5 - 1
    expect(np.allclose(images.numpy(), right, atol=1e-5), "The pixels have changed places: no reshape is needed.")
    images.fill_(0)
    expect(bool((array == before).all()), "Writing into the result changed the pictures it was made of: make a copy.")
    expect(to_images(array[:2]).shape == (2, 1, 28, 28), "It should take any number of pictures, 2 for example.")


def _test_distances(distances) -> None:
    a, b = torch.tensor([[0.0, 0.0], [3.0, 4.0], [1.0, 1.0]]), torch.tensor([[0.0, 0.0], [3.0, 0.0]])
    a, b = F.pad(a, (0, 2)), F.pad(b, (0, 2))  # four coordinates, so that no axis can be taken for another
    with left_alone(a, b):
        found = distances(a, b)
    right = torch.tensor([[0.0, 3.0], [5.0, 4.0], [2**0.5, 5**0.5]])
    if isinstance(found, torch.Tensor) and found.shape == (3, 2, 4):
        raise NotYet("Those are the differences of each coordinate: square them, and sum over the last axis.")
    if isinstance(found, torch.Tensor) and found.shape in ((3, 4), (2, 4)):
        raise NotYet("Sum over the coordinates: they are the last axis, -1.")
    if isinstance(found, torch.Tensor) and found.shape == (2, 3):
        raise NotYet("Rows and columns are swapped: row i belongs to a[i]. So a gets its new axis in the middle.")
    expect_tensor(found, (3, 2), "For 3 and 2 points the distances")
    expect(not torch.allclose(found, right**2), "Those are squared distances: the root is missing.")
    expect(not torch.allclose(found, right**2 / 4), "That is the mean over the coordinates: take the sum.")
    manhattan = (a[:, None] - b[None]).abs().sum(-1)
    expect(not torch.allclose(found, manhattan), "Those are sums of absolute differences: square, sum, then the root.")
    expect(
        torch.allclose(found, right, atol=1e-5),
        f"From (3, 4) to (0, 0) and (3, 0) it is [5, 4]; yours is {[round(v, 3) for v in found[1].tolist()]}.",
    )
    expect_works_elsewhere(lambda a: distances(a, a), a, "something in it is made on, or moved to, the processor.")
    many = torch.randn(7, 5), torch.randn(7, 5)
    expect(
        torch.allclose(distances(*many), torch.cdist(*many), atol=1e-4),
        "For 7 and 7 points in 5 dimensions it differs from torch.cdist: is each row met with each row?",
    )


def _test_slope_by_hand(slope) -> None:
    x, y, w = torch.tensor([1.0, 2.0, -1.0, 3.0]), torch.tensor([2.0, 0.0, 1.0, 5.0]), torch.tensor(1.5)
    error = w * x - y
    with left_alone(w, x, y), torch.inference_mode():  # by hand: autograd is out of reach
        found = slope(w, x, y)
    expect_tensor(found, (), "The slope")
    found, right = found.item(), 2 * (error * x).mean().item()
    for wrong, words in {
        -right: "The sign is turned: the error is prediction minus truth, w * x - y.",
        right / 2: "That is half of it: the square gives a factor of 2.",
        right * len(x): "That is the slope of the sum: the loss is the mean.",
        right * len(x) / 2: "That is half the slope of the sum: the square gives a factor of 2, the mean divides by N.",
        2 * error.mean().item(): "The inner derivative is missing: w * x changes by x when w changes by 1.",
        (error**2).mean().item(): "That is the loss itself, not its slope.",
    }.items():
        expect(abs(found - wrong) > 1e-4, words)
    expect(abs(found - right) < 1e-4, f"For a small example it should be {right:.4f}; yours is {found:.4f}.")


def _test_gradient_at(gradient_at) -> None:
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    w.grad = torch.tensor([5.0, 5.0])  # what an earlier backward left
    first = gradient_at(w, lambda w: (w**2).sum())
    expect(first is not None, "The answer is None: is the return missing?")
    expect_tensor(first, (2,), "The gradient")
    expect(
        not torch.allclose(first.detach(), torch.tensor([7.0, 1.0])),
        "An earlier gradient [5, 5] was still in w.grad, and backward added to it: clear it first.",
    )
    expect(
        torch.allclose(first.detach(), torch.tensor([2.0, -4.0])),
        f"For the loss w1^2 + w2^2 at (1, -2) it should be [2, -4]; yours is {first.tolist()}.",
    )
    kept = first.detach().clone()
    second = gradient_at(w, lambda w: (3 * w).sum())
    expect(
        torch.allclose(second, torch.tensor([3.0, 3.0])),
        f"Asked again, for 3 w1 + 3 w2, it should be [3, 3]; yours is {second.tolist()}. Is w.grad cleared each time?",
    )
    expect(
        torch.equal(first, kept),
        "The first answer changed when you were asked again: both are the same memory. Return w.grad.clone().",
    )
    expect(torch.equal(w.detach(), torch.tensor([1.0, -2.0])), "It moved w: only its gradient was asked for.")
    new = torch.tensor([1.0], requires_grad=True)
    try:
        gradient_at(new, lambda w: w.sum())
    except (AttributeError, TypeError) as error:
        raise NotYet("A new tensor's .grad is None, which has no zero_(): set w.grad = None instead.") from error


def _test_add_noise(add_noise) -> None:
    images = torch.zeros(50, 1, 28, 28)
    with left_alone(images):
        noisy = add_noise(images, 0.1)
    expect_tensor(noisy, (50, 1, 28, 28), "The noisy pictures")
    expect(noisy.dtype == torch.float32, f"They should stay float32; yours are {noisy.dtype}.")
    expect(not torch.equal(noisy, images), "No noise is to be seen.")
    mean, spread = noisy.mean().item(), noisy.std().item()
    expect(abs(mean) < 0.01, f"The noise should be 0 on average; yours is {mean:.3f}. torch.randn, not torch.rand.")
    expect(abs(spread - 0.1) < 0.01, f"For an amount of 0.1 its spread should be 0.1; yours is {spread:.3f}.")
    expect(noisy[0].sub(noisy[1]).abs().max() > 0, "Each picture should get noise of its own: draw images.shape.")
    loud = add_noise(images + 0.9, 2.0)
    expect(
        bool((loud.abs() <= 1).all()), f"Pixels should stay in [-1, 1]; yours reach {loud.abs().max():.2f}: clamp them."
    )
    expect_works_elsewhere(
        lambda images: add_noise(images, 0.1),
        images[:2],
        "the noise is made on the processor. Pass device=images.device.",
    )


def _test_deal_batches(deal_batches) -> None:
    array = np.repeat(np.arange(50, dtype=np.uint8), 28 * 28).reshape(50, 28, 28)  # picture k holds nothing but k
    with left_alone(array):
        batches = deal_batches(array, 8)
        expect(batches is not None, "It gives nothing back: yield each batch inside the loop.")
        expect(
            not isinstance(batches, torch.Tensor),
            "It ends with the first batch: return leaves the function, yield gives a batch out and goes on.",
        )
        expect(
            hasattr(batches, "__iter__"), f"It should give one batch after the other; yours is {described(batches)}."
        )
        batches = list(batches)
    expect(all(isinstance(b, torch.Tensor) for b in batches), "Each batch should be a tensor: call to_images.")
    expect(bool(batches), "No batch came: is there a yield inside the loop?")
    shapes = {tuple(batch.shape) for batch in batches}
    expect(
        shapes == {(8, 1, 28, 28)},
        f"Each batch should have shape (8, 1, 28, 28); yours have {sorted(shapes)}. The last 2 of 50 are left out.",
    )
    dealt = [round((value.item() + 1) * 127.5) for batch in batches for value in batch[:, 0, 0, 0]]
    expect(all(0 <= k < 50 for k in dealt), "The pixels should be in [-1, 1], as to_images makes them.")
    expect(len(set(dealt)) == len(dealt), "A picture came twice in one epoch: draw the order once, then cut it up.")
    expect(len(dealt) == 48, f"50 pictures give 6 whole batches of 8; yours are {len(batches)}.")
    expect(
        dealt != sorted(dealt), "The pictures come in the order of the array: take them in that of a torch.randperm."
    )
    again = [round((v.item() + 1) * 127.5) for batch in deal_batches(array, 8) for v in batch[:, 0, 0, 0]]
    expect(again != dealt, "The second epoch has the same order as the first: shuffle anew each time.")


EXERCISES = {
    "to_images": Exercise(
        tensors.to_images,
        _test_to_images,
        (
            "Four moves: from NumPy to torch, to float32, a new axis for the channel, and the new range.",
            "torch.from_numpy(array), .float(), .unsqueeze(1); 0 should become -1, and 255 should become 1.",
            "return torch.from_numpy(array).float().unsqueeze(1) / 127.5 - 1",
        ),
    ),
    "distances": Exercise(
        tensors.distances,
        _test_distances,
        (
            "Subtract every row of b from every row of a: give a the shape (N, 1, D) and b the shape (1, M, D).",
            "a[:, None] - b[None] has shape (N, M, D). Pythagoras: square, sum over the last axis, root.",
            "differences = a[:, None] - b[None]; return (differences**2).sum(-1).sqrt()",
        ),
    ),
    "slope_by_hand": Exercise(
        tensors.slope_by_hand,
        _test_slope_by_hand,
        (
            "The chain rule: the outer derivative of error^2, times the inner derivative of error = w x - y.",
            "The outer one is 2 * error, the inner one x. Then the mean, as in the loss.",
            "return 2 * ((w * x - y) * x).mean()",
        ),
    ),
    "gradient_at": Exercise(
        tensors.gradient_at,
        _test_gradient_at,
        (
            "What is in w.grad before backward() is called? And who else holds that tensor afterwards?",
            "w.grad = None forgets the old one. loss_of(w).backward() makes the new one.",
            "w.grad = None; loss_of(w).backward(); return w.grad.clone()",
        ),
    ),
    "add_noise": Exercise(
        tensors.add_noise,
        _test_add_noise,
        (
            "torch.randn makes normal numbers on the processor, unless you say which device.",
            "torch.randn(images.shape, device=images.device); add amount times that, and clamp.",
            "return (images + amount * torch.randn(images.shape, device=images.device)).clamp(-1, 1)",
        ),
    ),
    "deal_batches": Exercise(
        tensors.deal_batches,
        _test_deal_batches,
        (
            "torch.randperm(n) is a random order of 0 ... n - 1. Cut it into pieces of `size`.",
            "order[first : first + size] are the numbers of one batch; array[...] of them are its pictures.",
            "yield to_images(array[order[first : first + size]])",
        ),
    ),
}

QUIZZES = {
    "shared_memory": Quiz(
        "a = np.zeros(3); t = torch.from_numpy(a); t[0] = 7. What is a[0] now?",
        (
            ("0", "from_numpy copies nothing: both names look at the same memory."),
            ("7", "One memory, two names. torch.tensor(a) would have made a copy."),
        ),
        1,
    ),
    "broadcast_shapes": Quiz(
        "a has shape (5, 1), b has shape (3,). What shape has a + b?",
        (
            ("(5, 3)", "From the right: 1 meets 3 and is repeated; then b gets a new axis, repeated 5 times."),
            ("(5, 1)", "b's 3 numbers must go somewhere: the axis of size 1 is repeated for them."),
            ("It is an error", "It would be for (5, 2) and (3,): there neither size is 1."),
        ),
        0,
    ),
}
