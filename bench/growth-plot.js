/** A plot of costs against numbers that grow tenfold from one to the next, as SVG. */

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 300, 56, 16, 20, 44];
const COLOURS = ['#2563eb', '#059669', '#d97706'];

/** `series`: by name, a cost for each number, µs. */
export function plot(numbers, series) {
  const most = Math.ceil(Math.max(...Object.values(series).flat()));
  const x = (i) => LEFT + ((WIDTH - LEFT - RIGHT) * i) / (numbers.length - 1);
  const y = (cost) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - cost / most);
  const text = (at, down, words, more = '') => `<text x="${at.toFixed(1)}" y="${down.toFixed(1)}" ${more}>${words}</text>`;
  const grid = Array.from({ length: most + 1 }, (_, cost) => [
    `<path d="M${LEFT} ${y(cost).toFixed(1)}H${WIDTH - RIGHT}" stroke="#d4d4d8"/>`,
    text(LEFT - 8, y(cost) + 4, `${cost} µs`, 'text-anchor="end"'),
  ]).flat();
  const lines = Object.entries(series).flatMap(([name, costs], k) => [
    `<polyline points="${costs.map((cost, i) => `${x(i).toFixed(1)},${y(cost).toFixed(1)}`).join(' ')}" fill="none" stroke="${COLOURS[k]}" stroke-width="2"/>`,
    ...costs.map((cost, i) => `<circle cx="${x(i).toFixed(1)}" cy="${y(cost).toFixed(1)}" r="3" fill="${COLOURS[k]}"/>`),
    text(LEFT + 12, TOP + 14 + 18 * k, name, `fill="${COLOURS[k]}"`),
  ]);
  const below = numbers.map((n, i) => text(x(i), HEIGHT - BOTTOM + 20, n.toLocaleString('en'), 'text-anchor="middle"'));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="Cost of an observation against the number of policies and of elements">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${[...grid, ...lines, ...below].join('\n')}
${text(WIDTH / 2, HEIGHT - 6, 'number of policies, or of elements', 'text-anchor="middle"')}
</svg>
`;
}
