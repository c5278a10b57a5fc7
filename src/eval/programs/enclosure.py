"""A box with 2 mm walls, four screw posts and a row of vents."""

from build123d import *

LENGTH, WIDTH, HEIGHT, WALL = 100.0, 70.0, 35.0, 2.0
POST, SCREW = 8.0, 2.8

outside = fillet(Box(LENGTH, WIDTH, HEIGHT).edges().filter_by(Axis.Z), 6)
shell = offset(outside, amount=-WALL, openings=outside.faces().sort_by(Axis.Z)[-1])
FLOOR = -HEIGHT / 2 + WALL
UPWARDS = (Align.CENTER, Align.CENTER, Align.MIN)
for place in GridLocations(LENGTH - 16, WIDTH - 16, 2, 2):
    shell += place * Pos(0, 0, FLOOR) * Cylinder(POST / 2, HEIGHT - 6, align=UPWARDS)
    shell -= place * Pos(0, 0, FLOOR + 4) * Cylinder(SCREW / 2, HEIGHT, align=UPWARDS)
shell -= [Pos(x, WIDTH / 2, 0) * Box(2.5, 10, 18) for x in range(-30, 31, 6)]
result = shell
