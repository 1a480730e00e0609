"""Draws the small picture of one file; run as a program of its own, because what it reads may be made to break it.

    python drawing.py <media type> <width> < file > picture.jpg

It gets the bytes and nothing else, may use so much memory and time and no more, and ends with 1 when there is no
picture to be had. It imports nothing of ours, so that it starts in a tenth of a second.
"""

import resource
import sys
from io import BytesIO

from PIL import Image, ImageOps

SECONDS, MEMORY = 10, 1_500_000_000
PIXELS = 60_000_000  # a camera's photo has up to 50 million; more is a bomb
TALLEST = 2  # times the width; what is longer is cut off below


def picture(content: bytes, width: int) -> Image.Image:
    """A JPEG or PNG, turned as its camera was held, without what the camera wrote into it."""
    image = Image.open(BytesIO(content), formats=("JPEG", "PNG"))
    if image.width * image.height > PIXELS:
        raise ValueError("too many pixels")
    image.draft("RGB", (2 * width, 2 * width * TALLEST))  # a JPEG is read in a smaller size at once
    turned = ImageOps.exif_transpose(image)
    turned.thumbnail((width, width * TALLEST))
    ground = Image.new("RGB", turned.size, "white")
    drawn = turned.convert("RGBA")
    ground.paste(drawn, mask=drawn.getchannel("A"))
    return ground


def first_page(content: bytes, width: int) -> Image.Image:
    """The first page of a PDF, as wide as asked."""
    import pypdfium2

    page = pypdfium2.PdfDocument(content)[0]
    wide, high = page.get_size()
    if not (1 <= wide <= 20_000 and 1 <= high <= 20_000):
        raise ValueError("no page of paper")
    scale = min(width / wide, width * TALLEST / high)
    drawn: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    return drawn


def main(media_type: str, width: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    draw = first_page if media_type == "application/pdf" else picture
    try:
        drawn = draw(sys.stdin.buffer.read(), int(width))
    except Exception:  # whatever is wrong with a stranger's file, there is no picture of it
        return 1
    made = BytesIO()
    drawn.save(made, "JPEG", quality=82)
    sys.stdout.buffer.write(made.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
