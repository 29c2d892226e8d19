"""Faces that fercli draws itself: labelled stills, short videos with a severity score, and raw data sets of them.

`faces.faces` draws stills, `video.render_video` draws clips, and `portraits` draws stills with a chosen person,
expression and scene. `raw`, `recordings`, `scenes` and `items` write raw data sets. Nothing is loaded from disk: a seed
decides everything.
"""
