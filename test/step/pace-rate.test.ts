import fc from 'fast-check';
import { farm, play, survives, tick } from './pace.ts';
import { loadFindings } from './pace-findings.ts';
import { World } from './world.ts';

describe('rate', () => {
  test('of several allowances the one that allows most, as the Kubernetes autoscaler takes it; from 4 servers: 8, 16, 32', () => {
    const deeds = survives(
      farm([
        {
          rate: {
            up: [
              { by: 4, per: '60s' },
              { percent: 100, per: '60s' },
            ],
          },
        },
      ]),
      [
        [1, { size: 40 }],
        [2, {}],
        [70, {}],
        [130, {}],
        [200, {}],
      ],
    );
    expect(deeds).toEqual([
      [1, 'scale', 8],
      [61, 'scale', 16],
      [121, 'scale', 32],
      [181, 'scale', 40],
    ]);
  });

  test('`select: min` takes the one that allows least', () => {
    const rate = {
      up: [
        { by: 4, per: '60s' },
        { percent: 100, per: '60s' },
      ],
      select: 'min' as const,
    };
    const deeds = play(farm([{ rate }]), [
      [1, { size: 40 }],
      [2, {}],
      [70, {}],
      [140, {}],
    ]);
    expect(deeds.map(([, , to]) => to)).toEqual([8, 12, 16]);
  });

  test('it is fully spent: held by rate, with its number, until a move leaves the period', () => {
    const world = new World(farm([{ rate: { up: [{ by: 2, per: '60s' }] } }]));
    tick(world, 1, { size: 9 });
    tick(world, 2);
    expect(world.heldBy('follow', 'shop')).toBe('rate');
    expect(world.kinds('held').at(-1)!.data.reason).toBe('shop servers is 6, moved by 2 in the last 60 s, and 2 up is allowed');
    expect(world.state.nextDue()).toBe(world.state.position.now + 59_000);
  });

  test('one direction may be limited and the other free; shares of whole numbers are rounded outwards', () => {
    const deeds = play(farm([{ rate: { down: [{ percent: 10, per: '60s' }] } }]), [
      [1, { size: 30 }],
      [2, { size: 1 }],
      [3, {}],
      [100, {}],
    ]);
    // At the beginning of the period there were 4: the way up is part of what happened since.
    expect(deeds).toEqual([
      [1, 'scale', 30],
      [2, 'scale', 3],
      [62, 'scale', 2],
    ]);
  });

  test('moves of other policies on the target count', () => {
    const other = {
      name: 'other',
      conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 1 }] },
      actions: [{ command: 'scale', params: { by: 2 } }],
    };
    const world = new World(farm([{ rate: { up: [{ by: 2, per: '60s' }] } }, other]));
    expect(tick(world, 1, { load: 5, size: 4 }).map((c) => c.policy)).toEqual(['other']);
    expect(tick(world, 2, { load: 0, size: 9 })).toEqual([]);
    expect(world.heldBy('follow', 'shop')).toBe('rate');
  });

  test('a command that was never sent has spent nothing', () => {
    const world = new World(farm([{ rate: { up: [{ by: 2, per: '60s' }] } }]));
    const [command] = tick(world, 1, { size: 9 });
    const again = world.at(2, { kind: 'withheld', command: command!.id, cause: 'paused', detail: 'stop' }).commands;
    expect(again.map((c) => c.params)).toEqual([{ to: 6 }]);
  });

  test('fractions are limited as they are', () => {
    const world = new World(
      farm([{ rate: { up: [{ by: 0.1, per: '60s' }] } }], { elements: { shop: { type: 'farm', properties: { servers: 0.1 } } } }),
    );
    expect(tick(world, 1, { size: 0.9 }).map((c) => c.params.to)).toEqual([0.2]);
    expect(tick(world, 2)).toEqual([]);
    expect(world.heldBy('follow', 'shop')).toBe('rate');
  });

  test('over random proposals it never exceeds what it promises, kills between steps included', () => {
    const allowance = fc.oneof(
      fc.record({ by: fc.integer({ min: 1, max: 5 }), per: fc.constantFrom('5s', '20s', '60s') }),
      fc.record({ percent: fc.integer({ min: 5, max: 150 }), per: fc.constantFrom('5s', '20s', '60s') }),
    );
    const allowances = fc.array(allowance, { minLength: 1, maxLength: 3 });
    const rates = fc.record({ up: allowances, down: allowances, select: fc.constantFrom('max' as const, 'min' as const) });
    const script = fc.array(fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 60 }), fc.boolean()), {
      minLength: 5,
      maxLength: 40,
    });
    let limited = 0;
    fc.assert(
      fc.property(rates, script, (rate, steps) => {
        const world = new World(farm([{ rate }]));
        const history: [time: number, value: number][] = [[Number.NEGATIVE_INFINITY, 4]];
        let now = 0;
        for (const [wait, size, kill] of steps) {
          now += wait;
          if (kill) world.restart();
          const current = history.at(-1)![1];
          for (const { params } of tick(world, now, { size })) {
            const to = params.to as number;
            // Never past what was asked for, and never the other way.
            expect(Math.sign(to - current)).toBe(Math.sign(size - current));
            expect(Math.abs(to - current)).toBeLessThanOrEqual(Math.abs(size - current));
            const kept = rate[to > current ? 'up' : 'down'].map((one) => {
              const start = history.findLast(([time]) => time <= now - Number.parseInt(one.per, 10))![1];
              const most = 'by' in one ? one.by : (start * one.percent) / 100;
              return to > current ? to <= Math.ceil(start + most - 1e-9) : to >= Math.floor(start - most + 1e-9);
            });
            expect(rate.select === 'max' ? kept.some(Boolean) : kept.every(Boolean)).toBe(true);
            if (to !== size) limited++;
            history.push([now, to]);
          }
          if (world.heldBy('follow', 'shop') === 'rate') limited++;
        }
      }),
      { numRuns: 100, seed: 4 },
    );
    expect(limited).toBeGreaterThan(300);
  });

  test('a rate that says nothing, or number and share at once, is an error with its remedy', () => {
    expect(loadFindings({ rate: {} })).toMatchObject([
      { code: 'H003', pointer: '/policies/0/rate', message: 'it says neither "up" nor "down"' },
    ]);
    expect(loadFindings({ rate: { up: [{ per: '1s' }] } })).toMatchObject([
      { pointer: '/policies/0/rate/up/0', remedy: 'give one of "by" and "percent"' },
    ]);
    expect(loadFindings({ rate: { up: [{ by: 1, percent: 3, per: '1s' }] } })).toHaveLength(1);
  });
});
