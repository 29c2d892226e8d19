"""Graphs between the pixels of feature maps: how they are thinned out, and what is heard along their edges."""
