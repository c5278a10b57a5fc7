"""An OCCT document of named, coloured shapes: what its STEP and GLB writers take."""

from __future__ import annotations

from OCP.Message import Message, Message_Gravity
from OCP.Quantity import Quantity_Color, Quantity_ColorRGBA, Quantity_TOC_sRGB
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_Label
from OCP.TDocStd import TDocStd_Document
from OCP.TopoDS import TopoDS_Shape
from OCP.XCAFApp import XCAFApp_Application
from OCP.XCAFDoc import XCAFDoc_ColorType, XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

MILLIMETRE = 0.001


class Document:
    def __init__(self, *, auto_naming: bool) -> None:
        self.document = TDocStd_Document(TCollection_ExtendedString("XmlOcaf"))
        # Not opened through the application, which would keep it for ever: a worker writes one for every move
        # of a slider.
        XCAFApp_Application.GetApplication_s().InitDocument(self.document)
        XCAFDoc_DocumentTool.SetLengthUnit_s(self.document, MILLIMETRE)
        self.shapes = XCAFDoc_DocumentTool.ShapeTool_s(self.document.Main())
        self.colours = XCAFDoc_DocumentTool.ColorTool_s(self.document.Main())
        XCAFDoc_ShapeTool.SetAutoNaming_s(auto_naming)

    def add(self, shape: TopoDS_Shape, name: str, colour: str | None = None, alpha: float = 1.0) -> TDF_Label:
        label = self.shapes.AddShape(shape, False)
        self.describe(label, name, colour, alpha)
        return label

    def describe(self, label: TDF_Label, name: str, colour: str | None, alpha: float = 1.0) -> None:
        """Names and colours a shape, and what it is an instance of."""
        for each in (label, _referred(label)):
            if each is None:
                continue
            TDataStd_Name.Set_s(each, TCollection_ExtendedString(name, True))
            if colour:
                self.colours.SetColor(each, colour_of(colour, alpha), XCAFDoc_ColorType.XCAFDoc_ColorGen)


def colour_of(colour: str, alpha: float) -> Quantity_ColorRGBA:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    rgb = Quantity_Color(red, green, blue, Quantity_TOC_sRGB)
    return Quantity_ColorRGBA(rgb, alpha)


def hush() -> None:
    """Keeps the writers from printing their progress among what the program prints."""
    for printer in Message.DefaultMessenger_s().Printers():
        printer.SetTraceLevel(Message_Gravity.Message_Fail)


def _referred(label: TDF_Label) -> TDF_Label | None:
    if not XCAFDoc_ShapeTool.IsReference_s(label):
        return None
    referred = TDF_Label()
    return referred if XCAFDoc_ShapeTool.GetReferredShape_s(label, referred) else None
