"""Meshing, at two qualities: the asked-for one for the page, a finer one for files that are printed or
machined.

A coarser request after a finer one would silently get the finer mesh, so a mesh is always wiped first. OCCT's
quick algorithm (Delabella) is tried before its standard one, which then does only the faces the quick one
left out: on a panel with many holes that is three times as fast.
"""

from __future__ import annotations

from dataclasses import dataclass

from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRepTools import BRepTools
from OCP.IMeshTools import (
    IMeshTools_MeshAlgoType_Delabella,
    IMeshTools_MeshAlgoType_Watson,
    IMeshTools_Parameters,
)
from OCP.TopoDS import TopoDS_Shape


@dataclass(frozen=True, slots=True)
class Quality:
    """How far a mesh may be from the surface, and how much it may turn from one piece to the next."""

    linear_mm: float
    angular_rad: float


# Finer than a printer lays or a mill steps; small rounds are cut finer still, by the angle.
FINE = Quality(0.05, 0.2)


def mesh(shape: TopoDS_Shape, quality: Quality, *, careful: bool = False) -> None:
    """Gives every face of `shape` a new mesh; `careful` uses the standard algorithm alone."""
    BRepTools.Clean_s(shape)
    algorithms = (IMeshTools_MeshAlgoType_Watson,)
    if not careful:
        algorithms = (IMeshTools_MeshAlgoType_Delabella, IMeshTools_MeshAlgoType_Watson)
    for algorithm in algorithms:
        settings = IMeshTools_Parameters()
        settings.Deflection = quality.linear_mm
        settings.Angle = quality.angular_rad
        settings.InParallel = True
        settings.MeshAlgo = algorithm
        BRepMesh_IncrementalMesh(shape, settings)
