"""Graphs between the pixels of feature maps: which edges are kept, and the sums that pixels receive along them."""
