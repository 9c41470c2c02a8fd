"""What is written beside the prepared pictures: what was left out and why, and whose pictures they are."""

import html
import os
from collections import Counter
from pathlib import Path

from gan_helpers.datasets.coco.annotations import Picture


def report(used: dict[str, int], left_out: dict[str, dict[str, str]], notes: list[str]) -> str:
    """The report as text: pictures used and left out in each split, each of these by name with the reason."""
    lines = [*notes]
    for split, count in used.items():
        gone = left_out.get(split, {})
        lines.append(f"{split}: {count:,} pictures used, {len(gone):,} left out")
        kinds = Counter(reason.split(":")[0] for reason in gone.values())
        lines += [f"  {number:,} {kind}" for kind, number in sorted(kinds.items())]
    for split, gone in left_out.items():
        lines += [f"{split}/{file}: {reason}" for file, reason in sorted(gone.items())]
    return "\n".join(lines) + "\n"


def credits_page(pictures: dict[str, list[Picture]]) -> str:
    """A web page that names, for each picture, its licence and its page at its author's."""
    rows = "\n".join(
        f"<tr><td>{split}</td><td>{picture.id}</td><td>{_link(picture.page)}</td>"
        f"<td>{_link(picture.licence_page, picture.licence)}</td></tr>"
        for split, some in pictures.items()
        for picture in some
    )
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Credits of the photos from COCO</title>
<style>body {{ font-family: sans-serif; max-width: 60em; margin: auto; padding: 1em }}
td, th {{ text-align: left; padding: 0 1em 0 0 }}</style>
<h1>Credits of the photos from COCO</h1>
<p>The photos are from <a href="https://cocodataset.org">COCO</a> (Lin et al. 2014), and each belongs to whoever took
it: the licence is the author's, on the page named. Captions and boxes: COCO Consortium, CC BY 4.0. Here the photos are
cut and made smaller.</p>
<table>
<tr><th>split</th><th>COCO's number</th><th>author's page</th><th>licence</th></tr>
{rows}
</table>
</html>
"""


def _link(address: str, words: str = "") -> str:
    words = html.escape(words or address or "not told")
    if not address.startswith(("http://", "https://")):
        return words
    return f'<a href="{html.escape(address)}">{words}</a>'


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
