// The little triad in the corner: which way X, Y and Z point now. Drawn on its own 2-D canvas, nearest axis last.
import { type Camera, Quaternion, Vector3 } from "three";

const SIZE_PX = 64;
const ARM_PX = 22;
const LETTER_PX = 28;
const AXES: [string, string, Vector3][] = [
  ["X", "--axis-x", new Vector3(1, 0, 0)],
  ["Y", "--axis-y", new Vector3(0, 1, 0)],
  ["Z", "--axis-z", new Vector3(0, 0, 1)],
];

export function createGizmo(canvas: HTMLCanvasElement): (camera: Camera) => void {
  const context = canvas.getContext("2d");
  const scale = Math.min(devicePixelRatio, 2);
  canvas.width = SIZE_PX * scale;
  canvas.height = SIZE_PX * scale;
  return (camera) => {
    if (context === null) return;
    const style = getComputedStyle(canvas);
    const toEye = camera.getWorldQuaternion(new Quaternion()).invert();
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, SIZE_PX, SIZE_PX);
    context.font = "600 11px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 2;
    context.lineCap = "round";
    const seen = AXES.map(([letter, token, axis]) => ({
      letter,
      colour: style.getPropertyValue(token).trim(),
      towards: axis.clone().applyQuaternion(toEye),
    })).sort((a, b) => a.towards.z - b.towards.z);
    const middle = SIZE_PX / 2;
    for (const { letter, colour, towards } of seen) {
      context.strokeStyle = colour;
      context.fillStyle = colour;
      context.beginPath();
      context.moveTo(middle, middle);
      context.lineTo(middle + towards.x * ARM_PX, middle - towards.y * ARM_PX);
      context.stroke();
      context.fillText(letter, middle + towards.x * LETTER_PX, middle - towards.y * LETTER_PX);
    }
  };
}
