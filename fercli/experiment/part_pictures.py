"""Pictures of parts that a network weighs or ties together: gated patches of a face, the graph of face and scene."""

from collections.abc import Iterator

import numpy as np
import torch

from fercli.batch import labelled
from fercli.experiment.evaluation import Judged
from fercli.experiment.shown import Picture, Seen, pick_rows, seen, titles_of
from fercli.graphs.cross_modal import CrossModalGraph
from fercli.heads.dlga import DLGAHead
from fercli.methods.cross_modal import CrossModal
from fercli.methods.dlga import DLGA
from fercli.ops.patches import NUM_PATCHES
from fercli.ops.template import template_landmarks
from fercli.reports.graph import edge_plot, graph_heat_plot, sampling_plot
from fercli.reports.patches import gate_plot, gates_by_severity_plot, patch_plot

NUM_EACH = 3
DRAW = 0  # seed of the edges that are shown


def part_pictures(judged: Judged) -> Iterator[Picture]:
    """Those of the methods that have such parts."""
    method, columns = judged.method, judged.evaluation.columns
    rows = pick_rows(columns, NUM_EACH)
    if len(rows) == 0:
        return
    if isinstance(method, DLGA) and "gates" in columns and columns["gates"].shape[1] >= NUM_PATCHES:
        yield from _of_patches(judged, method, rows)
    if isinstance(method, CrossModal) and isinstance(method.fusion, CrossModalGraph) and len(method.fusion.weights):
        yield from _of_graph(judged, method, method.fusion, rows)


def _of_patches(judged: Judged, method: DLGA, rows: np.ndarray) -> Iterator[Picture]:
    columns, shown = judged.evaluation.columns, seen(judged, rows)
    size = shown.batch.image.shape[-1]
    assert isinstance(method.head, DLGAHead)
    stride = round(size / method.head.map[-1])
    caption = "How the patches of a face come about; windows as the network cuts them from its feature map"
    yield "patches", caption, patch_plot(shown.images[0], _landmarks(method, shown, size), method.patches, stride)
    centers = method.patch_centers(shown.batch).double().cpu().numpy()
    caption = "Gates of the patches, from recordings of low scores to high ones"
    yield "gates", caption, gate_plot(shown.images, centers, columns["gates"][rows], titles_of(judged, rows), stride)
    caption = "Mean gate of each patch by the severity of the recording"
    yield "gates_by_severity", caption, gates_by_severity_plot(columns["gates"], columns["score"])


def _landmarks(method: DLGA, shown: Seen, size: int) -> np.ndarray:
    """(68, 2) of the first face; those of a generic one where it has none."""
    landmarks = shown.batch.landmarks
    if landmarks is None or not labelled(landmarks)[0]:
        return template_landmarks(size, method.template_margin)
    return landmarks[0].double().cpu().numpy()


def _of_graph(judged: Judged, method: CrossModal, fusion: CrossModalGraph, rows: np.ndarray) -> Iterator[Picture]:
    shown = seen(judged, rows)
    with torch.no_grad():
        maps = method.maps(shown.batch)
    similarity, weights = (list(graph.double().cpu().numpy()) for graph in fusion.graph(maps, seed=DRAW))
    first, last = ({"face": shown.images, "context": shown.contexts}[fusion.streams[i]] for i in (0, -1))
    height, width = maps[fusion.streams[-1]].shape[-2:]
    grid, titles = (height, width), titles_of(judged, rows)
    pair = "face and scene" if len(fusion.streams) > 1 else "two copies of one image"
    caption = f"The strongest edges between {pair}, of those that one draw of the sampling keeps"
    yield "graph_edges", caption, edge_plot(first, last, weights, grid, titles)
    whole = "face" if "face" in fusion.streams else "scene"
    caption = f"How similar each place is to the {whole}, on average over all its pixels"
    yield "graph_heat", caption, graph_heat_plot(last, similarity, grid, titles)
    caption = "The graph of the first of them before and after the sampling"
    yield "graph_sampling", caption, sampling_plot(similarity[0], weights[0])
