"""What the installed libraries can run, decode and write: operations of torchvision, images, videos."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from fercli.doctor.finding import Finding
from fercli.doctor.software import INSTALL


def vision() -> Iterator[Finding]:
    """Run one operation of torchvision: with a torch of another build it cannot be loaded."""
    import torch
    from torchvision.ops import nms

    nms(torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.tensor([1.0]), 0.5)
    yield Finding("torchvision", "ok", f"works with torch {torch.__version__}")


def images() -> Iterator[Finding]:
    """Encode and decode a small image in each format that data sets come in."""
    import cv2
    import numpy as np

    image = np.zeros((16, 16, 3), np.uint8)
    broken = []
    for suffix in (".jpg", ".png", ".webp", ".bmp", ".tif"):
        done, content = cv2.imencode(suffix, image)
        if not done or cv2.imdecode(content, cv2.IMREAD_COLOR) is None:
            broken.append(suffix)
    if broken:
        yield Finding("images", "wrong", f"OpenCV cannot decode {', '.join(broken)}", INSTALL)
    else:
        yield Finding("images", "ok", "OpenCV decodes JPEG, PNG, WebP, BMP and TIFF")


def videos() -> Iterator[Finding]:
    """Write a short video and count its frames, as `fercli predict` does."""
    import cv2
    import numpy as np

    from fercli.datasets.media import written_video
    from fercli.errors import RunError

    try:
        with tempfile.TemporaryDirectory() as folder, written_video(Path(folder) / "test.mp4", 10, 32, 32) as frames:
            for _ in range(3):
                frames.add(np.zeros((32, 32, 3), np.uint8))
    except RunError as error:
        yield Finding("videos", "wrong", str(error), INSTALL)
    else:
        yield Finding("videos", "ok", f"OpenCV {cv2.__version__} writes and reads MP4")
