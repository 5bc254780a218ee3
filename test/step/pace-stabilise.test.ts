import fc from 'fast-check';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { farm, survives, tick } from './pace.ts';
import { loadFindings } from './pace-findings.ts';
import { World } from './world.ts';

const ALWAYS: Partial<PolicyDocument> = { conditions: { all: [{ fact: 'size', operator: 'greaterThan', value: 0 }] } };

/**
 * The stabilisation of the Kubernetes autoscaler as it is documented (autoscaling/v2 `stabilizationWindowSeconds`, KEP-853): of the recommendations
 * younger than its window the smallest limits the way up and the largest the way down, and the current value is brought between the two.
 */
function kubernetes(
  recommendations: readonly { time: number; value: number }[],
  desired: number,
  current: number,
  now: number,
  windows: Windows,
) {
  let [up, down] = [desired, desired];
  for (const { time, value } of recommendations) {
    if (time > now - windows.up) up = Math.min(up, value);
    if (time > now - windows.down) down = Math.max(down, value);
  }
  let recommendation = current;
  if (recommendation < up) recommendation = up;
  if (recommendation > down) recommendation = down;
  return recommendation;
}
interface Windows {
  readonly up: number;
  readonly down: number;
}

describe('stabilise', () => {
  test('down: the largest proposal of the window is used; a short dip removes nothing', () => {
    const deeds = survives(farm([{ ...ALWAYS, stabilise: { down: { over: '60s' } } }]), [
      [1, { size: 10 }],
      [10, { size: 3 }],
      [20, { size: 10 }],
      [30, { size: 7 }],
      [40, { size: 5 }],
      [95, {}],
      [120, {}],
    ]);
    // 10 was last proposed until 30 and 7 until 40, so they count until 90 and 100.
    expect(deeds).toEqual([
      [1, 'scale', 10],
      [90, 'scale', 7],
      [100, 'scale', 5],
    ]);
  });

  test('up: the smallest proposal of the window is used', () => {
    const deeds = survives(farm([{ ...ALWAYS, stabilise: { up: { over: '30s' } } }]), [
      [1, { size: 4 }],
      [10, { size: 20 }],
      [15, { size: 6 }],
      [20, { size: 9 }],
      [41, {}],
      [60, {}],
    ]);
    expect(deeds).toEqual([
      [40, 'scale', 6],
      [50, 'scale', 9],
    ]);
  });

  test('what is stabilised to the value as it is, is held, with its numbers, until the window lets it go', () => {
    const world = new World(farm([{ ...ALWAYS, stabilise: { down: { over: '60s' } } }]));
    tick(world, 1, { size: 4 });
    tick(world, 10, { size: 2 });
    expect(world.heldBy('follow', 'shop')).toBe('stabilise');
    expect(world.kinds('held').at(-1)!.data.reason).toBe('2 is proposed, and the largest proposal of the last 60 s is 4; it is 4 now');
    expect(world.runTo(69.9).flatMap((r) => r.commands)).toEqual([]);
    expect(world.runTo(70).flatMap((r) => r.commands.map((c) => c.params.to))).toEqual([2]);
  });

  test('proposals that another gate holds back count, and so does none while it is not raised', () => {
    const world = new World(farm([{ stabilise: { down: { over: '60s' } }, cooldown: '20s' }]));
    tick(world, 1, { size: 5 });
    tick(world, 2, { size: 9 });
    expect(world.heldBy('follow', 'shop')).toBe('cooldown');
    tick(world, 3, { size: 1 });
    expect(world.runTo(62.9).flatMap((r) => r.commands)).toEqual([]);
    expect(world.heldBy('follow', 'shop')).toBe('stabilise');
    expect(world.runTo(63).flatMap((r) => r.commands.map((c) => c.params.to))).toEqual([1]);
    const calm = new World(farm([{ stabilise: { down: { over: '60s' } } }]));
    tick(calm, 1, { size: 4 });
    expect(tick(calm, 2, { size: 1 }).map((c) => c.params.to)).toEqual([1]);
  });

  test('an unknown in between proposes nothing, and what was said before still counts', () => {
    const world = new World(farm([{ ...ALWAYS, stabilise: { down: { over: '60s' } } }]));
    tick(world, 1, { size: 4 });
    tick(world, 5, { size: 'many' });
    expect(tick(world, 40, { size: 1 })).toEqual([]);
    expect(world.runTo(65).flatMap((r) => r.commands.map((c) => c.params.to))).toEqual([1]);
  });

  test('`take` chooses otherwise: the largest proposal also upwards', () => {
    const world = new World(farm([{ ...ALWAYS, stabilise: { up: { over: '60s', take: 'max' } } }]));
    tick(world, 1, { size: 4 });
    world.at(2, { kind: 'pause', name: 'p', scope: { policy: 'follow' }, reason: 'test', author: 'ann', until: null });
    tick(world, 3, { size: 9 });
    tick(world, 4, { size: 6 });
    expect(tick(world, 5, {}, { kind: 'resume', scope: {}, reason: 'test', author: 'ann' }).map((c) => c.params.to)).toEqual([9]);
  });

  test.each([[{ up: 17, down: 40 }], [{ up: 0, down: 30 }], [{ up: 25, down: 0 }], [{ up: 60, down: 8 }]])(
    'windows %j: decides as the documented algorithm of Kubernetes, over random proposals, kills and reloads',
    (windows) => {
      const stabilise = {
        ...(windows.up === 0 ? {} : { up: { over: `${windows.up}s` } }),
        ...(windows.down === 0 ? {} : { down: { over: `${windows.down}s` } }),
      };
      const given = farm([{ ...ALWAYS, stabilise }]);
      const edited = farm([{ ...ALWAYS, stabilise, why: 'edited' }]);
      const script = fc.array(
        fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 12 }), fc.constantFrom('', '', '', 'kill', 'reload')),
        { minLength: 5, maxLength: 40 },
      );
      let [moved, stayed] = [0, 0];
      fc.assert(
        fc.property(script, (steps) => {
          const world = new World(given);
          const recommendations: { time: number; value: number }[] = [];
          let [now, current] = [0, 4];
          for (const [wait, size, event] of steps) {
            // A proposal is in force until the next: the old one was made until just before now.
            if (recommendations.length > 0) recommendations.push({ time: now + wait - 0.0005, value: recommendations.at(-1)!.value });
            if (event === 'kill') world.restart();
            if (event === 'reload') world.configure(now, edited);
            now += wait;
            const expected = kubernetes(recommendations, size, current, now, windows);
            const commands = tick(world, now, { size });
            expect(commands.map((c) => c.params.to)).toEqual(expected === current ? [] : [expected]);
            if (expected !== current) moved++;
            else if (size !== current) stayed++;
            current = expected;
            recommendations.push({ time: now, value: size });
          }
        }),
        { numRuns: 40, seed: 4 },
      );
      expect(Math.min(moved, stayed)).toBeGreaterThan(40);
    },
  );

  test('however often it changes, little is remembered, and it is never bolder than what was proposed', () => {
    const world = new World(farm([{ ...ALWAYS, stabilise: { down: { over: '10m' } } }]));
    tick(world, 1, { size: 50 });
    for (let t = 2; t < 500; t++) tick(world, t, { size: 1 + (t % 20) });
    const row = [...world.state.proposed.rows()][0]!;
    expect(row.changes.length).toBeLessThanOrEqual(128);
    expect(world.value('shop', 'servers')).toBe(50);
    // 50 was proposed until 2: nothing goes lower before 602, whatever was joined.
    expect(world.runTo(601.9).flatMap((r) => r.commands)).toEqual([]);
  });

  test('it is forgotten when it can no longer matter', () => {
    const world = new World(farm([{ stabilise: { down: { over: '60s' } } }]));
    tick(world, 1, { size: 5 });
    tick(world, 2, {});
    expect(world.state.proposed.size).toBe(1);
    world.runTo(62);
    expect(world.state.proposed.size).toBe(0);
  });

  test('one that says nothing is an error', () => {
    expect(loadFindings({ stabilise: {} })).toMatchObject([{ code: 'H003', pointer: '/policies/0/stabilise' }]);
    expect(loadFindings({ stabilise: { up: { over: 'soon' } } })[0]).toMatchObject({ pointer: '/policies/0/stabilise/up/over' });
  });
});
