/** The chart as a picture of its own, for a README: one SVG file, dark or light as its reader has it. */
import { chart, WIDTH } from './chart.ts';
import { CHART, COLOURS } from './style.ts';
import type { Summary } from './summary.ts';
import { label, tag } from './svg.ts';
import type { RunView } from './view.ts';

const MARGIN = 20;
const HEAD = 62;

export function picture(view: RunView, summary: Summary): string {
  const { content, height } = chart(view);
  const width = WIDTH + 2 * MARGIN;
  const whole = HEAD + height + MARGIN;
  const seconds = (ms: number | null) => (ms === null ? 'not' : `after ${(ms / 1_000).toFixed(1)} s`);
  const said = `A killed server replaced ${seconds(summary.killed.healedMs)}, a frozen one ${seconds(summary.frozen.healedMs)}; four times the load answered by ${summary.scaledOut} servers more, which went when it did.`;
  return tag(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${whole}`, width, height: whole, role: 'img', 'aria-label': said },
    `<style>${COLOURS}${CHART} .head { font-size: 19px; font-weight: 700; fill: var(--ink) } .said { font-size: 13px; fill: var(--soft) }</style>` +
      tag('rect', { width, height: whole, rx: 10, style: 'fill: var(--panel); stroke: var(--rule)' }) +
      label(MARGIN + 14, 34, 'Homeostat keeps a web farm alive and fast', { class: 'head' }) +
      label(MARGIN + 14, 54, said, { class: 'said' }) +
      tag('g', { transform: `translate(${MARGIN} ${HEAD + 8})` }, content),
  );
}
