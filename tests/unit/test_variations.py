"""What training pictures are changed to, and how small ones are spoilt."""

import torch

from gan_helpers.variations import varied
from gan_helpers.wobble import partly_wobbly, wobbly


def test_a_varied_picture_is_a_linear_map_of_itself_or_of_two():
    """Where nothing is clamped, each colour of the result is a x + b of the colours of two pictures."""
    torch.manual_seed(0)
    images = 0.05 * torch.randn(40, 3, 8, 8)
    made = varied(images)
    assert made.shape == images.shape and not torch.equal(made, images)
    for number in range(40):
        if made[number].abs().max() == 1:
            continue
        known = torch.cat([images[number], images.flip(0)[number], torch.ones(1, 8, 8)]).flatten(1).T  # (64, 7)
        solution = torch.linalg.lstsq(known, made[number].flatten(1).T).solution
        assert (known @ solution - made[number].flatten(1).T).abs().max() < 1e-4


def test_variations_are_of_every_kind():
    torch.manual_seed(1)
    ramp = torch.linspace(-0.2, 0.2, 8).expand(200, 1, 8, 8) * torch.tensor([1.0, 0.5, 0.0])[:, None, None]
    slopes = varied(ramp)[..., -1].mean(2) - varied(ramp)[..., 0].mean(2)
    assert (slopes > 0.1).any() and (slopes < -0.1).any()  # negatives
    assert set(slopes.abs().argmax(1).tolist()) == {0, 1, 2}  # colours change places
    assert varied(torch.rand(200, 3, 4, 4) * 2 - 1).abs().max() <= 1


def test_a_wobble_moves_lines_and_keeps_the_picture():
    torch.manual_seed(0)
    small = torch.full((50, 3, 32, 32), -0.5)
    small[..., 16:] = 0.5
    spoilt = wobbly(small)
    assert spoilt.shape == small.shape and spoilt.abs().max() <= 1
    away = torch.cat([spoilt[..., :12], spoilt[..., 20:]], 3) - torch.cat([small[..., :12], small[..., 20:]], 3)
    assert 0.02 < away.std() < 0.06  # mottled by 0.04, the line is not seen there
    edge = (spoilt.mean(1) > 0).float().sum(2) - 16  # how far the line has moved in each row, in pixels
    assert 0.4 < edge.std() < 1.2 and abs(edge.mean()) < 0.1


def test_only_a_share_of_a_batch_is_spoilt():
    small = torch.rand(8, 3, 16, 16)
    mixed = partly_wobbly(small, 0.25)
    assert torch.equal(mixed[2:], small[2:]) and not torch.equal(mixed[:2], small[:2])
    assert torch.equal(partly_wobbly(small, 0), small)
