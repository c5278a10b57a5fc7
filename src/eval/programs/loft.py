"""A duct that goes from a rounded rectangle to a circle."""

from build123d import *

HEIGHT, WALL = 60.0, 2.0

outside = loft([RectangleRounded(50, 30, 6).face(), (Pos(0, 0, HEIGHT) * Circle(12)).face()])
inside = loft(
    [RectangleRounded(50 - 2 * WALL, 30 - 2 * WALL, 4).face(), (Pos(0, 0, HEIGHT) * Circle(12 - WALL)).face()]
)
result = outside - inside
