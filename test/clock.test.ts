import { SimulatedClock, SystemClock } from '../src/clock.ts';

test('a simulated clock fires alarms in the order of their time, then of their making, those set on the way included', () => {
  const clock = new SimulatedClock(1_000);
  const fired: string[] = [];
  clock.after(20, () => fired.push('b'));
  clock.after(10, () => {
    fired.push('a');
    clock.after(5, () => fired.push(`nested at ${clock.now()}`));
  });
  clock.after(20, () => fired.push('c'));
  const cancel = clock.after(1, () => fired.push('never'));
  cancel();
  clock.advanceTo(1_020);
  expect(fired).toEqual(['a', 'nested at 1015', 'b', 'c']);
  expect(() => clock.advanceTo(1_019)).toThrow(RangeError);
});

test('the system clock starts no earlier than it is told, so that a wall clock set back cannot take it back', () => {
  const future = Date.now() + 3_600_000;
  const clock = new SystemClock(future);
  expect(clock.now()).toBeGreaterThanOrEqual(future);
  expect(clock.now()).toBeLessThan(future + 60_000);
});
