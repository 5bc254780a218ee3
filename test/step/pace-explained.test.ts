/** The page about gates: its examples are loaded, and its gates are what people are shown. */
import { readFileSync } from 'node:fs';
import { explain } from '../../src/analyze/explain.ts';
import { GATES } from '../../src/analyze/gates/index.ts';
import { statusOf } from '../../src/api/status.ts';
import { explanationLines } from '../../src/cli/explain-text.ts';
import { Findings } from '../../src/compile/report.ts';
import { ManagerDocument } from '../../src/documents/manager.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { LIMITS } from '../../src/plan/limits/index.ts';
import { validate } from '../../src/validate.ts';
import { farm, tick } from './pace.ts';
import { loadFindings } from './pace-findings.ts';
import { START, World } from './world.ts';

const page = readFileSync(new URL('../../docs/gates.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text!) as Record<string, unknown>);

test.each(examples.map((example) => [JSON.stringify(example).slice(0, 60), example]))('the example %s… is right', (_name, example) => {
  const holidays = { holidays: { days: ['2026-12-25'] } };
  if (!('calendars' in example || 'oscillation' in example))
    return expect(loadFindings(example as Partial<PolicyDocument>, { calendars: holidays })).toEqual([]);
  const findings = new Findings();
  validate(ManagerDocument, { types: {}, ...example }, { file: 'homeostat.json', pointer: '' }, findings);
  expect(findings.list).toEqual([]);
  return expect(loadFindings({}, example)).toEqual([]);
});

test('every gate and every limit is on the page, in its order', () => {
  const order = page.slice(page.indexOf('## The order'), page.indexOf('**Up and down.**'));
  const places = [...GATES, ...LIMITS.filter(({ name }) => name === 'stabilise' || name === 'rate')].map(({ name }) =>
    order.indexOf(`\`${name}\``),
  );
  expect(places.filter((place) => place < 0)).toEqual([]);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});

const explained = (world: World) => explain(world.state, world.derived, 'shop', 'follow', world.state.position.now, world.journal)[0]!;

describe('explain and status', () => {
  test.each<[string, Partial<PolicyDocument>, RegExp]>([
    ['cooldown', { cooldown: { up: '1m', down: '5m' } }, /59 s of 60 s left before going up/],
    ['rate', { rate: { up: [{ by: 2, per: '60s' }] } }, /moved by 2 in the last 60 s, and 2 up is allowed/],
    [
      'stabilise',
      { conditions: { all: [{ fact: 'size', operator: 'greaterThan', value: 0 }] }, stabilise: { up: { over: '60s' } } },
      /6 is proposed, and the smallest proposal of the last 60 s is 4; it is 4 now/,
    ],
    ['schedule', { schedule: { cron: '30 * * * *' } }, /30 \* \* \* \* is closed, and opens in 30 min/],
    ['breaker', { breaker: { after: 1, probeAfter: '10m' } }, /one command is let through in 10 min/],
  ])('%s shows its number, and nothing after it is reached', (gate, policy, reason) => {
    const world = new World(farm([policy]));
    const [command] = tick(world, 1, { size: gate === 'rate' || gate === 'cooldown' ? 6 : gate === 'breaker' ? 6 : 4 });
    if (gate === 'breaker') world.at(2, { kind: 'outcome', command: command!.id, status: 'failed', detail: '' });
    else tick(world, 2, { size: gate === 'stabilise' || gate === 'schedule' ? 6 : 9 });
    const [action] = explained(world).actions;
    expect(action!.heldBy).toMatchObject({ gate, reason: expect.stringMatching(reason) });
    const gates = action!.gates.map(({ name, is }) => `${is} ${name}`);
    const at = gates.indexOf(`holds ${gate}`);
    expect(gates.slice(0, at).every((text) => text.startsWith('passed'))).toBe(true);
    expect(gates.slice(at + 1).every((text) => text.startsWith('notReached'))).toBe(true);
    expect(explanationLines(explained(world))[1]).toMatch(reason);
    const status = statusOf(world.state, world.derived, { now: world.state.position.now, startedAt: 0, limit: 9 });
    expect(status.symptoms[0]).toMatchObject({ heldBy: gate, reason: expect.stringMatching(reason) });
    if (gate === 'breaker') expect(status.breakers).toEqual([{ policy: 'follow', element: 'shop', misses: 1, probeAt: START + 602_000 }]);
  });

  test('a policy without them is shown none of them', () => {
    const world = new World(farm([{}]));
    const names = explained(world).actions[0]!.gates.map((gate) => gate.name);
    for (const name of ['schedule', 'stabilise', 'rate']) expect(names).not.toContain(name);
  });

  test('status says what a pause held back', () => {
    const world = new World(farm([{}]));
    world.at(1, { kind: 'pause', name: 'p', scope: { direction: 'up' }, reason: 'r', author: 'ann', until: null });
    tick(world, 2, { size: 6 });
    const { pauses } = statusOf(world.state, world.derived, { now: world.state.position.now, startedAt: 0, limit: 9 });
    expect(pauses).toMatchObject([{ scope: { direction: 'up' }, held: 1 }]);
  });
});
