"""The before/after slider: its parts, and what it refuses. That it moves is seen in the browser tests."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from gan_helpers.plots import compare_pictures, show_feature_maps


def pictures() -> dict[str, torch.Tensor]:
    return {"small & blurred": torch.full((3, 20, 30), -1.0), "large": torch.full((3, 20, 30), 1.0)}


def test_every_picture_is_there_once_as_it_is():
    shown = compare_pictures(pictures(), left="large", right="small & blurred", zoom=4)
    page = shown._repr_html_()
    sources = re.findall(r'data-name="([^"]+)"[^>]*base64,([^"]+)"', page)
    assert [name for name, _ in sources] == ["small &amp; blurred", "large"]
    for (_, source), colour in zip(sources, (0, 255), strict=True):
        picture = Image.open(io.BytesIO(base64.b64decode(source)))
        assert picture.size == (30, 20) and np.abs(np.asarray(picture).astype(int) - colour).max() <= 3
    assert "width: 120px; height: 80px" in page and page.count(" selected") == 3
    assert repr(shown) == "pictures to compare: small & blurred, large"
    assert "http" not in page  # nothing is fetched


@pytest.mark.parametrize(("left", "right", "zoom"), [("large", "none", 2), ("large", "small & blurred", 3)])
def test_what_is_not_there_is_refused(left, right, zoom):
    with pytest.raises(ValueError, match="left and right should be two of small & blurred, large"):
        compare_pictures(pictures(), left=left, right=right, zoom=zoom)


def test_pictures_of_several_sizes_are_refused():
    with pytest.raises(ValueError, match="of one size"):
        compare_pictures({"a": torch.zeros(3, 4, 4), "b": torch.zeros(3, 4, 5)}, left="a", right="b")


def test_a_feature_map_has_one_grey_scale_for_all_pictures():
    maps = {"first": torch.zeros(2, 4, 4), "second": torch.ones(2, 4, 4)}
    figure = show_feature_maps({name: torch.zeros(3, 8, 8) for name in maps}, maps)
    images = [ax.images[0] for ax in figure.axes]
    assert len(images) == 6
    assert {image.get_clim() for image in images[1:3] + images[4:6]} == {(0.0, 1.0)}
    assert "2 feature maps of each of first, second" in repr(figure)
