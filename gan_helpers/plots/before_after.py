"""Pictures of the same thing under one slider: left of it one, right of it another; without a kernel or a network."""

import base64
import html
import io

import torch

from gan_helpers.plots.images import image_batch, pillow_image

QUALITY = 92  # of WebP: what the methods differ in must survive it
HEIGHT = 460  # CSS pixels of the window that an enlarged picture is moved in
ZOOMS = (1, 2, 4, 8)

# The two pictures lie on each other; the upper one is cut off at the slider. Scrolling moves both.
PART = """<div class="before-after" style="max-width: 100%">
<div style="display: flex; gap: 10px; align-items: center; flex-wrap: wrap">
<label>left <select class="left" onchange="{update}">{left}</select></label>
<label>right <select class="right" onchange="{update}">{right}</select></label>
<label>zoom <select class="zoom" onchange="{update}">{zooms}</select></label>
</div>
<input class="at" type="range" aria-label="where left ends" min="0" max="1000" value="500"
 style="width: 100%; display: block; margin: 4px 0"
 oninput="{update}">
<div class="window" onscroll="{update}"
 style="overflow: auto; max-height: {height}px; display: inline-block; max-width: 100%">
<div class="stack" data-scale="0" style="position: relative; width: {width}px; height: {tall}px">
{pictures}
<div class="seam" style="position: absolute; top: 0; bottom: 0; left: 50%; width: 2px; background: #fff;
 mix-blend-mode: difference; z-index: 3"></div>
</div></div></div>"""
UPDATE = (
    "const box = this.closest('.before-after'), of = name => box.querySelector('.' + name);"
    "const scale = +of('zoom').value, at = of('at').value / 10, stack = of('stack');"
    "const seen = of('window'), before = +stack.dataset.scale;"
    # What is in the middle stays there when the scale changes; at first it is the middle of the picture.
    "const across = before ? (seen.scrollLeft + seen.clientWidth / 2) / ({width} * before) : 0.5;"
    "const down = before ? (seen.scrollTop + seen.clientHeight / 2) / ({tall} * before) : 0.5;"
    "stack.style.width = {width} * scale + 'px'; stack.style.height = {tall} * scale + 'px';"
    "stack.dataset.scale = scale;"
    "if (scale !== before) {{ seen.scrollLeft = across * {width} * scale - seen.clientWidth / 2;"
    "seen.scrollTop = down * {tall} * scale - seen.clientHeight / 2 }}"
    "of('at').style.width = seen.clientWidth + 'px';"
    # The edge stands below the slider's knob, wherever the pictures are scrolled to.
    "const edge = (seen.scrollLeft + at / 100 * seen.clientWidth) / ({width} * scale) * 100;"
    "of('seam').style.left = 'calc(' + edge + '% - 1px)';"
    "for (const picture of stack.querySelectorAll('img')) {{"
    "const left = picture.dataset.name === of('left').value, right = picture.dataset.name === of('right').value;"
    "picture.style.display = left || right ? 'block' : 'none';"
    "picture.style.zIndex = left ? 2 : 1;"
    "picture.style.clipPath = left ? 'inset(0 ' + (100 - edge) + '% 0 0)' : 'none' }}"
)
PICTURE = (
    '<img data-name="{name}" alt="{name}" src="data:image/webp;base64,{source}" style="position: absolute; top: 0; '
    "left: 0; width: 100%; height: 100%; max-width: none; margin: 0; image-rendering: pixelated; display: {display}; "
    'z-index: {z}; clip-path: {clip}">'
)


class BeforeAfter:
    """HTML with its own controls, and a text form that says what there is to compare."""

    def __init__(self, html: str, names: list[str]):
        self.html, self.names = html, names

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"pictures to compare: {', '.join(self.names)}"


def compare_pictures(pictures: dict[str, torch.Tensor], *, left: str, right: str, zoom: int = 2) -> BeforeAfter:
    """`pictures` by name, each (3, H, W) and all of one size, two at a time on either side of a slider.

    uint8 in [0, 255] or float in [-1, 1]. `left` and `right` are shown first, each pixel `zoom` pixels wide (one of
    ZOOMS). Raises ValueError for a name that is not there, another zoom, or pictures of several sizes.
    """
    sizes = {tuple(picture.shape) for picture in pictures.values()}
    if len(sizes) != 1 or len(pictures) < 2:
        raise ValueError(f"pictures should be two or more of one size; these are of {sorted(sizes)}.")
    if not {left, right} <= pictures.keys() or zoom not in ZOOMS:
        raise ValueError(f"left and right should be two of {', '.join(pictures)}, zoom one of {ZOOMS}; {left!r}, "
                         f"{right!r} and {zoom} came.")  # fmt: skip
    ((_, tall, width),) = sizes
    shown = []
    for name, picture in pictures.items():
        shown.append(
            PICTURE.format(
                name=html.escape(name),
                source=_webp(picture),
                display="block" if name in (left, right) else "none",
                z=2 if name == left else 1,
                clip="inset(0 50% 0 0)" if name == left else "none",
            )
        )
    update = html.escape(UPDATE.format(width=width, tall=tall))
    shown[0] = shown[0].replace("<img ", f'<img onload="{update}" ', 1)  # to the middle, before anybody moves anything
    page = PART.format(
        update=update,
        left=_options(pictures, left),
        right=_options(pictures, right),
        zooms=_options([str(one) for one in ZOOMS], str(zoom)),
        height=HEIGHT,
        width=width * zoom,
        tall=tall * zoom,
        pictures="\n".join(shown),
    )
    return BeforeAfter(page, list(pictures))


def _options(names, chosen: str) -> str:
    return "".join(
        f'<option value="{html.escape(name)}"{" selected" * (name == chosen)}>{html.escape(name)}</option>'
        for name in names
    )


def _webp(picture: torch.Tensor) -> str:
    buffer = io.BytesIO()
    pillow_image(image_batch(picture[None])[0].permute(1, 2, 0)).save(buffer, "webp", quality=QUALITY)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
