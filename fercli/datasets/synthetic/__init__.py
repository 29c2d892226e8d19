"""Faces that fercli draws itself: labelled stills, short videos with a severity score, and raw data sets of them.

`faces.faces` gives stills, `video.render_video` clips, `portraits` stills of which every part is chosen; `raw`,
`recordings`, `scenes`, `items` and the `layouts` write raw data sets. Nothing is loaded from disk: a seed decides
everything.
"""
