"""The one exercise of lesson 00, to be got wrong on purpose and then right."""

import torch

from gan_helpers import tensors
from gan_helpers.exercises.checking import Exercise
from gan_helpers.exercises.expectations import expect, expect_tensor, left_alone
from gan_helpers.exercises.quiz import Quiz


def _test_brighten(brighten) -> None:
    image = torch.tensor([[-1.0, -0.5, 0.0], [0.25, 0.75, 1.0]])
    with left_alone(image):
        out = brighten(image, 0.5)
    expect_tensor(out, (2, 3), "The brighter picture")
    expect(not torch.equal(out, image), "The picture is as bright as before: add `amount` to it.")
    low, high = out.min().item(), out.max().item()
    expect(
        low >= -1 and high <= 1,
        f"Pixels should stay in [-1, 1], and yours go from {low:g} to {high:g}: nothing is whiter than 1. "
        "Clamp what you return.",
    )
    right = (image + 0.5).clamp(-1, 1)
    expect(torch.allclose(out, right), f"For an amount of 0.5, pixels {image[1].tolist()} should become "
           f"{right[1].tolist()}; yours become {[round(value, 3) for value in out[1].tolist()]}.")  # fmt: skip
    darker = brighten(image, -0.75)
    expect(
        torch.allclose(darker, (image - 0.75).clamp(-1, 1)),
        "A negative amount should darken the picture, and never below -1.",
    )


EXERCISES = {
    "brighten": Exercise(
        tensors.brighten,
        _test_brighten,
        (
            "A picture is a tensor of numbers; `image + amount` adds to each of them. What about those near 1?",
            "`tensor.clamp(low, high)` cuts off what lies outside.",
            "return (image + amount).clamp(-1, 1)",
        ),
    ),
}

QUIZZES = {
    "stuck": Quiz(
        "Your answer to an exercise is not right yet, and the group moves on. What happens to you?",
        (
            ("The next cells fail", "No: each check hands you a working function, yours or ours."),
            ("The lesson goes on with the reference", "Yes, and says so. Come back to yours whenever you like."),
        ),
        1,
    ),
}
