"""A panel with sixty holes."""

from build123d import *

LENGTH, WIDTH, THICKNESS, HOLE = 200.0, 120.0, 3.0, 6.0

panel = Box(LENGTH, WIDTH, THICKNESS)
panel -= [place * Cylinder(HOLE / 2, THICKNESS) for place in GridLocations(18, 18, 10, 6)]
result = panel
