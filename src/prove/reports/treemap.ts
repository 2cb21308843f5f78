// Where do rectangles of given areas go, so that they fill a box and stay near square? Bruls, Huizing & van Wijk 2000 ("squarified").
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

const worst = (areas: readonly number[], side: number): number => {
  const sum = areas.reduce((total, area) => total + area, 0);
  return Math.max((side * side * Math.max(...areas)) / (sum * sum), (sum * sum) / (side * side * Math.min(...areas)));
};

/** One box per value, in the order given. Values must be positive and descending; together they fill `into`. */
export function squarified(values: readonly number[], into: Box): Box[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  const areas = values.map((value) => (value * into.width * into.height) / total);
  const boxes: Box[] = [];
  let rest = into;
  let start = 0;
  while (start < areas.length) {
    const side = Math.min(rest.width, rest.height);
    let end = start + 1;
    while (end < areas.length && worst(areas.slice(start, end + 1), side) <= worst(areas.slice(start, end), side))
      end++;
    const row = areas.slice(start, end);
    const depth = row.reduce((sum, area) => sum + area, 0) / side;
    let along = 0;
    for (const area of row) {
      const length = area / depth;
      boxes.push(
        rest.width >= rest.height
          ? { x: rest.x, y: rest.y + along, width: depth, height: length }
          : { x: rest.x + along, y: rest.y, width: length, height: depth },
      );
      along += length;
    }
    rest =
      rest.width >= rest.height
        ? { ...rest, x: rest.x + depth, width: rest.width - depth }
        : { ...rest, y: rest.y + depth, height: rest.height - depth };
    start = end;
  }
  return boxes;
}
