/** The script in the report: shows the values under the pointer, and leads from a dot to its row. Plain JavaScript for any browser of these years. */
import { LEFT, RIGHT, WIDTH } from './chart.ts';

export const POINTER = `
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const svg = document.getElementById('chart');
  const box = document.getElementById('pointer');
  const [left, right, floor] = [${LEFT}, ${WIDTH - RIGHT}, svg.querySelector('.scene').getAttribute('height')];
  const cursor = document.createElementNS('http://www.w3.org/2000/svg', 'line');
  cursor.id = 'cursor';
  cursor.setAttribute('y1', 30);
  cursor.setAttribute('y2', floor);
  const shown = (value, unit) => (value === null ? 'unknown' : value + unit);
  const hide = () => { box.hidden = true; cursor.remove(); };
  svg.addEventListener('pointermove', (event) => {
    const bounds = svg.getBoundingClientRect();
    const x = ((event.clientX - bounds.left) / bounds.width) * svg.viewBox.baseVal.width;
    if (x < left || x > right) return hide();
    const time = ((x - left) / (right - left)) * (data.to - data.from);
    const near = data.points.reduce((a, b) => (Math.abs(b[0] - time) < Math.abs(a[0] - time) ? b : a));
    const [at, load, p95, servers, listed] = near;
    box.textContent = (at / 1000).toFixed(1) + ' s\\nload     ' + shown(load, ' /s') + '\\np95      ' + shown(p95, ' ms') + '\\nservers  ' + shown(listed, '') + ' of ' + shown(servers, '');
    box.hidden = false;
    const place = event.clientX - bounds.left;
    box.style.left = (place > bounds.width - 170 ? place - box.offsetWidth - 14 : place + 14) + 'px';
    box.style.top = event.clientY - bounds.top + 14 + 'px';
    cursor.setAttribute('x1', x);
    cursor.setAttribute('x2', x);
    svg.append(cursor);
  });
  svg.addEventListener('pointerleave', hide);
  for (const dot of svg.querySelectorAll('.dot')) {
    const row = document.getElementById('d' + dot.dataset.decision);
    dot.addEventListener('click', () => { location.hash = row.id; });
    row.addEventListener('mouseenter', () => dot.querySelector('circle').setAttribute('r', 11));
    row.addEventListener('mouseleave', () => dot.querySelector('circle').setAttribute('r', 7.5));
  }
})();
`;
