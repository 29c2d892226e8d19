from matplotlib.figure import Figure

from fercli.figures.severity import draw_severity_bands
from fercli.scales import BDI_II, Scale, named


def test_every_band_reaches_from_half_a_point_to_half_a_point():
    axes = Figure().subplots()
    draw_severity_bands(axes, -2, 50, BDI_II)
    stripes = [(patch.get_y(), patch.get_y() + patch.get_height()) for patch in axes.patches]
    assert stripes == [(-2, 13.5), (13.5, 19.5), (19.5, 28.5), (28.5, 50)]
    assert [text.get_text() for text in axes.texts] == list(BDI_II.names)
    assert axes.texts[-1].get_position()[1] == 39.25  # in the middle of what is shown of it


def test_bands_outside_of_the_figure_are_left_out_and_a_scale_without_bands_has_none():
    axes = Figure().subplots()
    draw_severity_bands(axes, -1, 12, named("phq9"))
    assert [text.get_text() for text in axes.texts] == ["none or minimal", "mild", "moderate"]
    bare = Figure().subplots()
    draw_severity_bands(bare, 0, 10, Scale("own", 10))
    assert not bare.patches
