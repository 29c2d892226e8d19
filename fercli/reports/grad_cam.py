"""Images, and below each of them where the network looked."""

from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from fercli.reports.figure import new_figure, styled


@styled
def grad_cam_plot(
    images: Sequence[np.ndarray], maps: Sequence[np.ndarray], titles: Sequence[str], num_columns: int = 8
) -> Figure:
    """Each image above the same image in gray under its heat map, which is stretched over the whole of it.

    Args:
        images: n arrays (H, W), (H, W, 1) or (H, W, 3) uint8: what the network saw, without any part that it did not.
        maps: n arrays (h, w) in [0, 1].
        titles: n lines, such as the true and the predicted class.
        num_columns: images in a row.
    """
    num_rows = max(1, -(-len(images) // num_columns))
    num_columns = min(num_columns, max(1, len(images)))
    figure, axes = new_figure(2 * num_rows, num_columns, width=1.25 * num_columns + 0.9, height=2.95 * num_rows)
    for cell in axes.flat:
        cell.set_axis_off()
    scale = ScalarMappable(Normalize(0, 1), "inferno")
    for i, (image, weights, title) in enumerate(zip(images, maps, titles, strict=True)):
        row, column = divmod(i, num_columns)
        top, below = axes[2 * row, column], axes[2 * row + 1, column]
        top.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255)
        top.set_title(title, fontsize=7.5, weight="normal", loc="center", pad=3)
        gray = np.squeeze(image) if np.squeeze(image).ndim == 2 else np.asarray(image).mean(2)
        below.imshow(gray, cmap="gray", vmin=0, vmax=255)
        height, width = gray.shape
        whole = (-0.5, width - 0.5, height - 0.5, -0.5)
        look = {"cmap": scale.cmap, "norm": scale.norm, "alpha": 0.6, "interpolation": "bilinear"}
        below.imshow(weights, extent=whole, **look)
    bar = figure.colorbar(scale, ax=axes, shrink=0.6, aspect=28, ticks=[0, 1])
    bar.outline.set_visible(False)
    bar.set_label("share of the largest weight", fontsize=8)
    bar.ax.tick_params(labelsize=8)
    return figure
