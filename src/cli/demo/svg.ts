/** Small pieces of SVG, as text. */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it may stand in SVG and HTML, in an attribute too. */
export const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);

type Attributes = Readonly<Record<string, string | number | undefined>>;

const written = (value: string | number): string => (typeof value === 'number' ? String(Math.round(value * 10) / 10) : escaped(value));

/** An element with what is in it, which is markup already. */
export function tag(name: string, attributes: Attributes, content = ''): string {
  const list = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${written(value)}"`]));
  return content === '' ? `<${name}${list.join('')}/>` : `<${name}${list.join('')}>${content}</${name}>`;
}

export const label = (x: number, y: number, text: string, attributes: Attributes = {}): string =>
  tag('text', { x, y, ...attributes }, escaped(text));

export type Scale = (value: number) => number;

export const linear =
  (domain: readonly [number, number], range: readonly [number, number]): Scale =>
  (value) =>
    range[0] + ((value - domain[0]) / (domain[1] - domain[0] || 1)) * (range[1] - range[0]);

export function logarithmic(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const scale = linear([Math.log(domain[0]), Math.log(domain[1])], range);
  return (value) => scale(Math.log(Math.max(value, domain[0])));
}

/** One place of a line; a null y is a gap. */
export type Place = readonly [x: number, y: number | null];

const at = (x: number, y: number): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** A path through the places, broken where a value is missing. `stepped`: a value holds until the next. */
export function line(places: readonly Place[], stepped = false): string {
  let path = '';
  let before: readonly [number, number] | undefined;
  for (const [x, y] of places) {
    if (y === null) before = undefined;
    else {
      if (before === undefined) path += `M${at(x, y)}`;
      else path += stepped ? `L${at(x, before[1])}L${at(x, y)}` : `L${at(x, y)}`;
      before = [x, y];
    }
  }
  return path;
}

/** The areas between a line and a floor, one for each unbroken stretch. */
export function area(places: readonly Place[], floor: number, stepped = false): string {
  const stretches: Place[][] = [[]];
  for (const place of places) {
    if (place[1] === null) stretches.push([]);
    else stretches.at(-1)!.push(place);
  }
  return stretches
    .filter((stretch) => stretch.length > 1)
    .map((stretch) => `${line(stretch, stepped)}L${at(stretch.at(-1)![0], floor)}L${at(stretch[0]![0], floor)}Z`)
    .join('');
}
