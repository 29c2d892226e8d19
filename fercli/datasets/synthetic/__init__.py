"""Faces that fercli draws itself: labelled stills, short videos with a severity score, and raw folders of them.

`faces.faces` gives stills, `video.render_video` clips, `raw.write_raw` a raw data set. Nothing is loaded from disk:
a seed decides everything.
"""
