"""A plate with four holes and rounded corners."""

from build123d import *

LENGTH, WIDTH, HEIGHT = 60.0, 40.0, 10.0
HOLE_DIAMETER, INSET, CORNER_RADIUS = 5.0, 6.0, 5.0

plate = Box(LENGTH, WIDTH, HEIGHT)
plate = fillet(plate.edges().filter_by(Axis.Z), CORNER_RADIUS)
plate -= [
    place * Cylinder(HOLE_DIAMETER / 2, HEIGHT)
    for place in GridLocations(LENGTH - 2 * INSET, WIDTH - 2 * INSET, 2, 2)
]
result = plate
