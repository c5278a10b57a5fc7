"""STEP with names and colours: one product for one body, an assembly of named products for several.

Written from our own bodies, which know no parents: build123d's writer fails on a part that belongs to an
assembly, and makes an assembly of one from a compound with a single solid in it.
"""

from __future__ import annotations

from OCP.APIHeaderSection import APIHeaderSection_MakeHeader
from OCP.BRep import BRep_Builder
from OCP.IFSelect import IFSelect_RetDone
from OCP.IGESControl import IGESControl_Controller
from OCP.Interface import Interface_Static
from OCP.STEPCAFControl import STEPCAFControl_Controller, STEPCAFControl_Writer
from OCP.STEPControl import STEPControl_AsIs, STEPControl_Controller
from OCP.TCollection import TCollection_HAsciiString
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound, TopoDS_Iterator, TopoDS_Shape
from OCP.XSControl import XSControl_WorkSession

from .document import Document, hush
from .part import Body

ASSEMBLY_NAME = "assembly"


def write_step(path: str, bodies: list[Body]) -> None:
    document = Document(auto_naming=True)
    if len(bodies) == 1:
        _add_single(document, bodies[0])
    else:
        _add_assembly(document, bodies)
    document.shapes.UpdateAssemblies()
    hush()
    _prepare()
    writer = STEPCAFControl_Writer(XSControl_WorkSession(), False)
    writer.SetColorMode(True)
    writer.SetNameMode(True)
    writer.SetLayerMode(False)
    _sign(writer, bodies[0].name if len(bodies) == 1 else ASSEMBLY_NAME)
    if not writer.Transfer(document.document, STEPControl_AsIs) or writer.Write(path) != IFSelect_RetDone:
        raise OSError("the kernel refused")


def _add_single(document: Document, body: Body) -> None:
    document.add(_settled(body.shape), body.name, body.colour, body.alpha)


def _settled(shape: TopoDS_Shape) -> TopoDS_Shape:
    """The same shape with its place moved into what it consists of: a placed shape would become an assembly
    of one.
    """
    if shape.Location().IsIdentity():
        return shape
    settled = shape.EmptyCopied()
    settled.Location(TopLoc_Location())
    builder = BRep_Builder()
    inside = TopoDS_Iterator(shape, False, True)
    while inside.More():
        builder.Add(settled, inside.Value())
        inside.Next()
    return settled


def _add_assembly(document: Document, bodies: list[Body]) -> None:
    root_shape = TopoDS_Compound()
    BRep_Builder().MakeCompound(root_shape)
    root = document.shapes.AddShape(root_shape, True)
    document.describe(root, ASSEMBLY_NAME, None)
    for body in bodies:
        component = document.shapes.AddComponent(root, body.shape, False)
        document.describe(component, body.name, body.colour, body.alpha)


def _sign(writer: STEPCAFControl_Writer, name: str) -> None:
    header = APIHeaderSection_MakeHeader(writer.Writer().Model())
    if not header.IsDone():
        header = APIHeaderSection_MakeHeader(0)
        header.Apply(writer.Writer().Model())
    header.SetName(TCollection_HAsciiString(name))
    header.SetOriginatingSystem(TCollection_HAsciiString("NaturalCAD"))


def _prepare() -> None:
    STEPCAFControl_Controller.Init_s()
    STEPControl_Controller.Init_s()
    IGESControl_Controller.Init_s()
    Interface_Static.SetIVal_s("write.surfacecurve.mode", 1)
    Interface_Static.SetIVal_s("write.precision.mode", 0)
