"""A spur gear, module 2, 24 teeth, with a bore and a keyway."""

from bd_warehouse.gear import SpurGear
from build123d import *

MODULE, TEETH, WIDTH, BORE = 2.0, 24, 12.0, 10.0

gear = SpurGear(module=MODULE, tooth_count=TEETH, pressure_angle=20, thickness=WIDTH)
blank = Part() + gear
blank -= Cylinder(BORE / 2, 4 * WIDTH)
blank -= Pos(BORE / 2, 0, 0) * Box(3.6, 3, 4 * WIDTH)
result = blank
