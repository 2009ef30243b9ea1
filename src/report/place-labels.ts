export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LabelPlace {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end' | 'middle';
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

function outside(box: Box, frame: Box): number {
  return box.width * box.height - overlap(box, frame);
}

/**
 * A place for each label beside its point, one after another: the candidate place that covers least of what is
 * already there and leaves the frame least. `gap`: pixels between the point's centre and its label.
 */
export function placeLabels(
  labels: readonly { readonly x: number; readonly y: number; readonly width: number; readonly height: number; readonly gap: number }[],
  obstacles: readonly Box[],
  frame: Box,
): LabelPlace[] {
  const taken = [...obstacles];
  return labels.map(({ x, y, width, height, gap }) => {
    const places = [-1, 0, 1, -2, 2].flatMap((step) => {
      const centre = y + step * height * 0.72;
      return [
        { anchor: 'start' as const, x: x + gap, left: x + gap, centre, bias: Math.abs(step) * 2 },
        { anchor: 'end' as const, x: x - gap, left: x - gap - width, centre, bias: Math.abs(step) * 2 + 1 },
        { anchor: 'middle' as const, x, left: x - width / 2, centre: y + step * height, bias: step === 0 ? 1e6 : Math.abs(step) * 2 + 3 },
      ];
    });
    const scored = places.map((place) => {
      const box = { x: place.left, y: place.centre - height / 2, width, height };
      return { place, box, penalty: place.bias + taken.reduce((sum, other) => sum + overlap(box, other), 0) + 5 * outside(box, frame) };
    });
    const best = scored.reduce((a, b) => (b.penalty < a.penalty ? b : a));
    taken.push(best.box);
    return { x: best.place.x, y: best.box.y, anchor: best.place.anchor };
  });
}
