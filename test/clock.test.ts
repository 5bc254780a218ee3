import { byWall, catchingUp, following, SimulatedClock, SystemClock, since } from '../src/clock.ts';

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

test('a clock that is ahead of the wall clock never goes back, runs slowly until it is not ahead any more, and its alarms ring by its own time', () => {
  const machine = new SimulatedClock(1_000_000);
  const clock = catchingUp(machine, 1_009_000);
  expect(clock.now()).toBe(1_009_000);
  const rung: number[] = [];
  clock.after(500, () => rung.push(machine.now(), clock.now()));
  clock.after(600, () => rung.push(-1))();
  machine.advanceTo(1_005_000);
  expect(clock.now()).toBe(1_009_500);
  expect(rung).toEqual([1_005_000, 1_009_500]);
  machine.advanceTo(1_010_000);
  expect(clock.now()).toBe(1_010_000);
  machine.advanceTo(1_020_000);
  expect(clock.now()).toBe(1_020_000);
  expect(rung.length).toBe(2);
});

test('a clock that need not catch up is the wall clock as it began, whatever that does later', () => {
  const machine = new SimulatedClock(1_000_000);
  const clock = catchingUp(machine, 5);
  machine.jumpWall(60_000);
  machine.advanceTo(1_000_700);
  expect([clock.now(), clock.wall()]).toEqual([1_000_700, 1_060_700]);
});

test('a clock that follows the wall clock goes forward with it, waits for it where that is set back a little, and goes back where it was far ahead', () => {
  const machine = new SimulatedClock(1_000_000);
  const clock = following(machine, 5_000);
  expect(clock.now()).toBe(1_000_000);
  machine.jumpWall(60_000);
  expect(clock.now()).toBe(1_060_000);
  machine.jumpWall(-1_800);
  machine.advanceTo(1_001_000);
  expect(clock.now()).toBe(1_060_100);
  machine.advanceTo(1_002_000);
  expect(clock.now()).toBe(1_060_200);
  machine.advanceTo(1_005_000);
  expect([clock.now(), clock.wall()]).toEqual([1_063_200, 1_063_200]);
  machine.jumpWall(-58_200);
  machine.advanceTo(1_005_500);
  expect(clock.now()).toBe(1_005_500);
});

test('a clock by the wall goes where that is set, and its spans do not', () => {
  const machine = new SimulatedClock(1_000_000);
  const clock = byWall(machine);
  const rung: number[] = [];
  clock.after(500, () => rung.push(clock.now()));
  machine.jumpWall(-60_000);
  expect([clock.now(), clock.wall()]).toEqual([940_000, 940_000]);
  machine.advanceTo(1_000_500);
  expect(rung).toEqual([940_500]);
});

test('what is to be done at once waits for no timer, and can be taken back', async () => {
  const clock = new SystemClock();
  const called: string[] = [];
  clock.after(0, () => called.push('never'))();
  const timer = new Promise<void>((resolve) =>
    clock.after(1, () => {
      called.push('timer');
      resolve();
    }),
  );
  // Longer than the timer: both are due when the loop goes on.
  for (const until = performance.now() + 5; performance.now() < until; );
  const atOnce = new Promise<void>((resolve) =>
    clock.after(0, () => {
      called.push('at once');
      resolve();
    }),
  );
  await Promise.all([timer, atOnce]);
  expect(called).toContain('at once');
  expect(called).not.toContain('never');
});

test('how long ago something was is told by the clock that has counted more, and never less than before', () => {
  const clock = new SimulatedClock(1_000);
  const ago = since(clock);
  clock.advanceTo(1_700);
  expect(ago()).toBe(700);
  // The machine was suspended: its monotonic clock stood still.
  clock.jumpWall(9_000);
  expect(ago()).toBe(9_700);
  clock.jumpWall(-20_000);
  expect(ago()).toBe(9_700);
  clock.advanceTo(20_000);
  expect(ago()).toBe(19_000);
});
