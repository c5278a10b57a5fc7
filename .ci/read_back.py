"""Reads a STEP file with the kernel and compares its box: `read_back.py FILE X Y Z`, millimetres."""

import sys

from build123d import import_step


def main() -> int:
    path, *sizes = sys.argv[1:]
    part = import_step(path)
    box = part.bounding_box()
    got = (box.size.X, box.size.Y, box.size.Z)
    wanted = tuple(float(size) for size in sizes)
    solids = len(part.solids())
    print(f"{path}: {solids} solid, {got[0]:.3f} x {got[1]:.3f} x {got[2]:.3f} mm")
    same = all(abs(a - b) < 1e-3 for a, b in zip(got, wanted, strict=True))
    return 0 if same and solids == 1 and part.is_valid else 1


if __name__ == "__main__":
    sys.exit(main())
