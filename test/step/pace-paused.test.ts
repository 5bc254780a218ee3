import type { Event, PauseScope } from '../../src/messages.ts';
import { farm, tick } from './pace.ts';
import { START, succeeded, World } from './world.ts';

const pause = (scope: PauseScope, more: { name?: string; until?: number | null } = {}): Event => ({
  kind: 'pause',
  name: 'p',
  scope,
  reason: 'maintenance',
  author: 'ann',
  until: null,
  ...more,
});
const resume = (scope: PauseScope): Event => ({ kind: 'resume', scope, reason: 'done', author: 'ann' });

const given = farm([{ concern: 'cost' }], { elements: { shop: { type: 'farm', labels: { site: 'north', tier: 'front' } } } });

describe('the scope of a pause', () => {
  test.each<[PauseScope, boolean]>([
    [{ labels: { site: 'north' } }, true],
    [{ labels: { site: 'north', tier: 'front' } }, true],
    [{ labels: { site: 'south' } }, false],
    [{ labels: { site: 'north', tier: 'back' } }, false],
    [{ concern: 'cost' }, true],
    [{ concern: 'performance' }, false],
    [{ direction: 'up' }, true],
    [{ direction: 'down' }, false],
    [{ direction: 'up', concern: 'cost', element: 'shop', type: 'farm', policy: 'follow', labels: { site: 'north' } }, true],
    [{ direction: 'up', element: 'other' }, false],
  ])('%j', (scope, holds) => {
    const world = new World(given);
    world.at(1, pause(scope));
    expect(tick(world, 2, { size: 6 })).toHaveLength(holds ? 0 : 1);
    expect(world.heldBy('follow', 'shop')).toBe(holds ? 'paused' : null);
    if (holds) expect(world.kinds('held')[0]!.data.reason).toBe('by ann, until it is resumed: maintenance');
  });

  test('of one direction it lets the other pass', () => {
    const world = new World(given);
    world.at(1, pause({ direction: 'down' }));
    expect(tick(world, 2, { size: 6 }).map((c) => c.params.to)).toEqual([6]);
    expect(tick(world, 3, { size: 2 })).toEqual([]);
    expect(world.heldBy('follow', 'shop')).toBe('paused');
    expect(tick(world, 4, {}, resume({ direction: 'down' })).map((c) => c.params.to)).toEqual([2]);
  });

  test('what moves no number is up', () => {
    const world = new World(farm([{ actions: [{ command: 'ping' }] }]));
    world.at(1, pause({ direction: 'up' }));
    expect(tick(world, 2, { size: 6 })).toEqual([]);
  });

  test('the same scope in another order is the same', () => {
    const world = new World(given);
    world.at(1, pause({ labels: { site: 'north', tier: 'front' }, concern: 'cost' }));
    tick(world, 2, {}, resume({ concern: 'cost', labels: { tier: 'front', site: 'north' } }));
    expect(world.state.pauses.size).toBe(0);
  });

  test('resuming one direction closes no breaker; resuming its concern does', () => {
    const broken = farm([{ concern: 'cost', breaker: { after: 1, notify: false }, actions: [{ command: 'ping' }] }]);
    const world = new World(broken);
    const [command] = tick(world, 1, { size: 6 });
    world.at(2, { kind: 'outcome', command: command!.id, status: 'failed', detail: 'no' });
    expect(world.heldBy('follow', 'shop')).toBe('breaker');
    expect(world.at(3, resume({ direction: 'up' })).commands).toEqual([]);
    expect(world.at(4, resume({ concern: 'performance' })).commands).toEqual([]);
    expect(world.at(5, resume({ concern: 'cost' })).commands).toHaveLength(1);
  });
});

describe('what a pause held back is counted', () => {
  test('once each time that a symptom comes to be held by it, and said when it ends', () => {
    const world = new World(given);
    world.at(1, pause({ type: 'farm' }, { until: START + 20_000 }));
    tick(world, 2, { size: 6 });
    for (let t = 3; t < 9; t++) tick(world, t, { load: t });
    world.restart();
    tick(world, 9, { size: 4 });
    tick(world, 10, { size: 7 });
    expect(world.state.pauses.get('p')!.held).toBe(2);
    world.runTo(20);
    const end = world.kinds('resume').at(-1)!;
    expect(end.text).toBe('the pause of type farm has run out; it held back 2');
    expect(end.data.held).toBe(2);
  });

  test('the emergency stop counts what was committed and not sent', () => {
    const world = new World(given);
    const [command] = tick(world, 1, { size: 6 });
    world.at(2, pause({}));
    world.at(3, { kind: 'withheld', command: command!.id, cause: 'paused', detail: 'stop' });
    expect(world.heldBy('follow', 'shop')).toBe('paused');
    world.at(4, resume({}));
    expect(world.kinds('resume').at(-1)!.text).toBe('ann resumed everything: done; it held back 2');
  });

  test('an `otherwise` that a pause holds is counted too', () => {
    const expect_ = {
      within: '5s',
      conditions: { all: [{ fact: 'load', operator: 'lessThan', value: 1 }] },
      otherwise: [{ command: 'notify', params: { text: 'no help' } }],
    };
    const world = new World(farm([{ cooldown: '1h', expect: expect_ }]));
    const [command] = tick(world, 1, { size: 6 });
    world.at(2, succeeded(command!.id));
    world.at(3, pause({ policy: 'follow' }));
    tick(world, 4, { load: 9 });
    expect(world.runTo(20).flatMap((r) => r.commands)).toEqual([]);
    expect(world.state.pauses.get('p')!.held).toBe(1);
  });
});
