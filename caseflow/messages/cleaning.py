"""Makes one file of a stranger's safe to keep; a program of its own, because what it reads may be made to break it.

    python cleaning.py < file > made

A JPEG, PNG or HEIC picture is drawn anew from its pixels, upright, without what the camera wrote into it (the place,
the owner), and no larger than a person needs; a HEIC becomes a JPEG. A PDF is looked through and stays as it is.
The first line of what it writes is the verdict: the media type, or why not: `kind`, `broken`, `pixels`, `locked` or
`program`. It imports nothing of ours, so that it starts in a tenth of a second.
"""

import resource
import sys
from io import BytesIO

SECONDS, MEMORY = 20, 1_500_000_000
PIXELS = 60_000_000  # a camera's photo has up to 50 million; more is a bomb
LONGEST = 2560  # pixels of the longer side: a page of small print can be read
HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypheim", b"ftyphevc", b"ftypmsf1")
ACTING = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm")


class Refused(Exception):
    """Its word is the verdict."""


def made_safe(content: bytes) -> tuple[str, bytes]:
    if content.startswith(b"%PDF-"):
        return "application/pdf", _looked_through(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _redrawn(content, "JPEG")
    if content.startswith(b"\x89PNG\r\n"):
        return _redrawn(content, "PNG")
    if content[4:12] in HEIC:
        from pi_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
        return _redrawn(content, "HEIF")
    raise Refused("kind")


def _redrawn(content: bytes, kind: str) -> tuple[str, bytes]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # counted here, so that the verdict says so
    image = Image.open(BytesIO(content), formats=(kind,))
    if image.width * image.height > PIXELS:
        raise Refused("pixels")
    image.draft("RGB", (LONGEST, LONGEST))  # a JPEG is read in a smaller size at once, where that is large enough
    turned = ImageOps.exif_transpose(image)
    turned.thumbnail((LONGEST, LONGEST))
    out = BytesIO()
    if kind == "PNG":
        plain = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
        Image.frombytes(plain.mode, plain.size, plain.tobytes()).save(out, "PNG")
        return "image/png", out.getvalue()
    plain = turned.convert("RGB")
    # Made of the bare pixels: whatever else a library carries from file to file (EXIF, XMP, comments) stays behind.
    Image.frombytes("RGB", plain.size, plain.tobytes()).save(out, "JPEG", quality=85)
    return "image/jpeg", out.getvalue()


def _looked_through(content: bytes) -> bytes:
    """It opens without a password, has pages, and does nothing by itself."""
    import pikepdf

    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            if not len(pdf.pages):
                raise Refused("broken")
            names, opening = pdf.Root.get("/Names", pikepdf.Dictionary()), pdf.Root.get("/OpenAction")
            acts = opening.get("/S") if isinstance(opening, pikepdf.Dictionary) else None
            if "/JavaScript" in names or "/AA" in pdf.Root or str(acts) in ACTING:
                raise Refused("program")
    except pikepdf.PasswordError:
        raise Refused("locked") from None
    return content


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        verdict, made = made_safe(sys.stdin.buffer.read())
    except Refused as why:
        verdict, made = str(why), b""
    except Exception:  # whatever is wrong with a stranger's file, it is not kept
        verdict, made = "broken", b""
    sys.stdout.buffer.write(verdict.encode() + b"\n" + made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
