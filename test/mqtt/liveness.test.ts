import { SimulatedClock } from '../../src/clock.ts';
import { Liveness } from '../../src/mqtt/liveness.ts';

const NEVER = -1;

function watched({ heartbeatMs = 10_000, everyMs = 1_000_000, limit = 100 } = {}) {
  const clock = new SimulatedClock(0);
  const told: string[] = [];
  const of = new Liveness({ heartbeatMs: heartbeatMs === NEVER ? undefined : heartbeatMs, everyMs, limit }, clock, (element, online) =>
    told.push(`${clock.now()} ${element} ${online ? 'lives' : 'dead'}`),
  );
  of.listening(true);
  return { clock, told, of };
}

test('a device lives when it speaks, and is dead when its last will says so', () => {
  const { told, of } = watched();
  of.heard('a', undefined);
  of.said('a', false, undefined, false);
  of.said('a', true, undefined, false);
  expect(told).toEqual(['0 a lives', '0 a dead', '0 a lives']);
});

test('a device that falls silent is dead after its heartbeat, each at its own time', () => {
  const { clock, told, of } = watched();
  of.heard('a', undefined);
  clock.advanceTo(4_000);
  of.heard('b', undefined);
  clock.advanceTo(9_000);
  of.heard('a', undefined);
  clock.advanceTo(40_000);
  expect(told).toEqual(['0 a lives', '4000 b lives', '14000 b dead', '19000 a dead']);
});

test('a device that is watched and never speaks is dead after a heartbeat', () => {
  const { clock, told, of } = watched();
  of.watch('a');
  clock.advanceTo(20_000);
  expect(told).toEqual(['10000 a dead']);
});

test('the end of an earlier life does not end this one', () => {
  const { told, of } = watched();
  of.said('a', true, 'boot-1', false);
  of.said('a', true, 'boot-2', false);
  of.said('a', false, 'boot-1', false);
  expect(told).toEqual(['0 a lives']);
  expect(of.ignored).toBe(1);
  of.said('a', false, 'boot-2', false);
  expect(told).toEqual(['0 a lives', '0 a dead']);
});

test('what a device sends says which life it is in', () => {
  const { told, of } = watched();
  of.heard('a', 'boot-2');
  of.said('a', false, 'boot-1', true);
  expect(told).toEqual(['0 a lives']);
});

test('a retained "dead" is believed after a heartbeat without a sign of life', () => {
  const { clock, told, of } = watched();
  of.said('a', false, 'boot-1', true);
  of.said('b', false, 'boot-1', true);
  clock.advanceTo(3_000);
  of.heard('a', 'boot-2');
  clock.advanceTo(10_000);
  expect(told).toEqual(['3000 a lives', '10000 b dead']);
});

test('without a heartbeat a retained "dead" is all there is', () => {
  const { told, of } = watched({ heartbeatMs: NEVER });
  of.said('a', false, 'boot-1', true);
  expect(told).toEqual(['0 a dead']);
});

test('while we hear nothing silence says nothing, and afterwards there is time to speak', () => {
  const { clock, told, of } = watched();
  of.heard('a', undefined);
  clock.advanceTo(9_000);
  of.listening(false);
  clock.advanceTo(60_000);
  of.listening(true);
  clock.advanceTo(69_999);
  expect(told).toEqual(['0 a lives']);
  clock.advanceTo(70_000);
  expect(told).toEqual(['0 a lives', '70000 a dead']);
});

test('what is known is told again at each interval, while we hear', () => {
  const { clock, told, of } = watched({ everyMs: 1_000, heartbeatMs: NEVER });
  of.heard('a', undefined);
  clock.advanceTo(2_500);
  of.listening(false);
  clock.advanceTo(9_000);
  expect(told).toEqual(['0 a lives', '1000 a lives', '2000 a lives']);
});

test('no more elements are watched than its limit', () => {
  const { told, of } = watched({ limit: 1 });
  of.heard('a', undefined);
  of.heard('b', undefined);
  expect(told).toEqual(['0 a lives']);
});
