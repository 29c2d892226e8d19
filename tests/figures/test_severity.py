from matplotlib.figure import Figure

from fercli.figures.severity import draw_severity_bands
from fercli.ops.severity import SEVERITIES


def test_every_band_reaches_from_half_a_point_to_half_a_point():
    axes = Figure().subplots()
    draw_severity_bands(axes, -2, 50)
    stripes = [(patch.get_y(), patch.get_y() + patch.get_height()) for patch in axes.patches]
    assert stripes == [(-2, 13.5), (13.5, 19.5), (19.5, 28.5), (28.5, 50)]
    assert [text.get_text() for text in axes.texts] == list(SEVERITIES)
    assert axes.texts[-1].get_position()[1] == 39.25  # in the middle of what is shown of it
