import { type ScreenInput, screen } from '../../../src/cli/demo/screen.ts';
import { openPage, type Terminal } from '../../../src/cli/demo/terminal.ts';
import { at, RECORDING, STATUS } from './run.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const bare = (text: string) => text.replaceAll(/\u001b\[[0-9;]*m/g, '');
const input = (more: Partial<ScreenInput> = {}): ScreenInput => ({
  now: at(40),
  scene: 'surge',
  recording: RECORDING,
  live: { status: STATUS, managerAway: false },
  limitMs: 250,
  width: 120,
  height: 50,
  ...more,
});

test('the screen shows load, response time, servers, what is held back and why, and the last commands', () => {
  const text = bare(screen(input()));
  expect(text).toContain('00:40 of 01:30');
  expect(text).toContain('four times the load · step 77');
  expect(text).toMatch(/p95 +85 ms/);
  expect(text).toMatch(/server-1 +11 {2}frozen +no +17/);
  expect(text).toContain('grow-when-slow · web · cooldown: 1.2 s of 4 s left (raised 3 s ago)');
  expect(text).toContain('00:33  scale web to 5 for grow-when-slow → succeeded');
});

test('the screen says when the manager is dead, and shows what was known last', () => {
  const text = bare(screen(input({ live: { status: STATUS, managerAway: true } })));
  expect(text).toContain('the manager is dead');
  expect(text).toContain('server-1');
});

test('the screen can be drawn before anything is known', () => {
  const nothing = { points: [], journal: [], deeds: [] };
  const text = bare(screen(input({ recording: nothing, scene: 'starting', live: { status: undefined, managerAway: true } })));
  expect(text).toContain('unknown');
  expect(text).not.toContain('undefined');
});

test('the screen fits the terminal', () => {
  const lines = screen(input({ width: 60, height: 12 })).split('\n');
  expect(lines.length).toBeLessThan(12);
  for (const line of lines) expect(bare(line).length).toBeLessThanOrEqual(60);
});

test('a terminal is given back as it was, once', () => {
  let written = '';
  const page = openPage({ write: (text: string) => (written += text) } as unknown as Terminal);
  page.show('one\ntwo');
  page.close();
  page.close();
  page.show('late');
  expect(written.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
  expect(written).not.toContain('late');
});
