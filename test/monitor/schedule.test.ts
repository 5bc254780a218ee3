import { type Clock, SimulatedClock } from '../../src/clock.ts';
import type { Measurement, Probe, ProbeSink } from '../../src/monitor/probes/probe.ts';
import { CLOSE_GRACE_MS, ProbeSchedule, type ProbeTold, probeTiming, type ScheduledProbe } from '../../src/monitor/schedule.ts';

/** Lets all promises that are due settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const START = 1_000_000;

function run(probes: readonly (Partial<ScheduledProbe> & { probe: Probe })[], random: () => number = () => 0) {
  const clock = new SimulatedClock(START);
  const events: ProbeTold[] = [];
  const scheduled = probes.map((p, index) => ({
    name: `probe-${index}`,
    element: 'shop/server-1',
    everyMs: 1_000,
    timeoutMs: 1_000,
    jitter: 0,
    ...p,
  }));
  const schedule = new ProbeSchedule(scheduled, { clock, random, sink: (event) => events.push(event) });
  schedule.start();
  return {
    clock,
    events,
    schedule,
    scheduled,
    /** Moves on in steps in which promises settle. */
    async advance(ms: number, stepMs = 100) {
      for (let at = clock.now(), end = clock.now() + ms; at <= end; at += stepMs) {
        clock.advanceTo(at);
        await settle();
      }
    },
    told: () =>
      events.map((e) => {
        if (e.kind === 'observation') return `${e.property}=${e.value} at ${e.time - START}`;
        return e.kind === 'probe' ? `${e.state}: ${e.reason}` : e.kind;
      }),
  };
}

/** A probe that answers at once with what the function gives, and counts how often it was asked. */
function answering(answer: (asked: number) => Measurement) {
  const probe = {
    asked: 0,
    closed: false,
    sample: async () => answer(++probe.asked),
    close: async () => {
      probe.closed = true;
    },
  };
  return probe;
}

const load = (value: number | string | boolean): Measurement => ({ samples: [{ property: 'load', value }] });

test('a probe measures at each interval, and its samples become observations of its element in its name', async () => {
  const { events, advance } = run([{ name: 'load', probe: answering((n) => load(n)) }]);
  await advance(1_500);
  expect(events).toEqual([
    { kind: 'observation', element: 'shop/server-1', property: 'load', value: 1, time: START, source: 'load', everyMs: 1_000 },
    { kind: 'observation', element: 'shop/server-1', property: 'load', value: 2, time: START + 1_000, source: 'load', everyMs: 1_000 },
  ]);
});

test('a sample may name its own element and time', async () => {
  const sample = { property: 'load', value: 1, element: 'shop/server-2', time: 5 };
  const { events, advance } = run([{ probe: answering(() => ({ samples: [sample] })) }]);
  await advance(100);
  expect(events).toMatchObject([{ element: 'shop/server-2', time: 5 }]);
});

test('an observation carries the time at which its measurement was complete', async () => {
  const { clock, told, advance } = run([
    { probe: { sample: () => new Promise((resolve) => clock.after(300, () => resolve(load(1)))), close: async () => {} } },
  ]);
  await advance(500);
  expect(told()).toEqual(['load=1 at 300']);
});

test('starts are spread by the jitter, and the grid of each probe begins at its own start', async () => {
  const randoms = [0.5, 0];
  const probes = [
    { jitter: 0.5, probe: answering(() => load(1)) },
    { jitter: 0.5, probe: answering(() => load(2)) },
  ];
  const { told, advance } = run(probes, () => randoms.shift()!);
  await advance(1_500, 50);
  expect(told()).toEqual(['load=2 at 0', 'load=1 at 250', 'load=2 at 1000', 'load=1 at 1250']);
});

test('a late timer moves no later slot, and the slots that it missed are counted and not made up for', async () => {
  const clock = new SimulatedClock(0);
  let lagMs = 0;
  const lagging: Clock = { now: () => clock.now() + lagMs, wall: () => clock.wall(), after: (ms, then) => clock.after(ms, then) };
  const times: number[] = [];
  const scheduled = { name: 'x', element: 'shop', everyMs: 1_000, timeoutMs: 1_000, jitter: 0, probe: answering(() => load(1)) };
  const sink = (event: ProbeTold) => event.kind === 'observation' && times.push(event.time);
  const schedule = new ProbeSchedule([scheduled], { clock: lagging, random: () => 0, sink });
  schedule.start();
  clock.advanceTo(0);
  await settle();
  // The manager was held up: the alarm of the slot at 1,000 fires at 3,400.
  lagMs = 2_400;
  clock.advanceTo(1_000);
  await settle();
  clock.advanceTo(1_600);
  await settle();
  expect(times).toEqual([0, 3_400, 4_000]);
  expect(schedule.status()[0]!.missed).toBe(2);
});

test('a probe is never measured twice at once: slots in which it still runs are missed and counted', async () => {
  let finish: ((measurement: Measurement) => void) | undefined;
  let asked = 0;
  const sample = () => {
    asked += 1;
    return new Promise<Measurement>((resolve) => {
      finish = resolve;
    });
  };
  const { advance, schedule, told } = run([{ everyMs: 100, timeoutMs: 100, probe: { sample, close: async () => {} } }]);
  await advance(350, 50);
  expect(asked).toBe(1);
  expect(schedule.status()[0]).toMatchObject({ missed: 3, state: 'failing', reason: 'no answer within 100 ms', lastAt: null });
  finish!(load(1));
  await advance(50, 50);
  expect(asked).toBe(2);
  finish!(load(2));
  await settle();
  // What came too late is not published.
  expect(told()).toEqual(['failing: no answer within 100 ms', 'load=2 at 400', 'working: it measures again']);
});

test('a probe that hangs is told once, and holds up no other', async () => {
  const hung: Probe = { sample: () => new Promise(() => {}), close: async () => {} };
  const well = answering((n) => load(n));
  const { events, advance } = run([
    { name: 'hung', probe: hung },
    { name: 'well', probe: well },
  ]);
  await advance(5_000);
  expect(events.filter((e) => e.kind === 'probe')).toEqual([
    { kind: 'probe', probe: 'hung', element: 'shop/server-1', state: 'failing', reason: 'no answer within 1 s' },
  ]);
  expect(well.asked).toBe(6);
});

test('a probe that heeds the signal is measured again at the next slot', async () => {
  let asked = 0;
  const sample = (signal: AbortSignal) => {
    asked += 1;
    return new Promise<Measurement>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const { advance, schedule } = run([{ timeoutMs: 500, probe: { sample, close: async () => {} } }]);
  await advance(2_900);
  expect(asked).toBe(3);
  expect(schedule.status()[0]!.missed).toBe(0);
});

test('the timeout is never longer than the interval', async () => {
  const { advance, told } = run([
    { everyMs: 200, timeoutMs: 9_000, probe: { sample: () => new Promise(() => {}), close: async () => {} } },
  ]);
  await advance(200);
  expect(told()).toEqual(['failing: no answer within 200 ms']);
});

test('only a change between failing and working is told, with its reason, and a failing probe publishes nothing', async () => {
  const probe = answering((n) => {
    if (n >= 2 && n <= 4) throw new Error(`broken ${n}`);
    return load(n);
  });
  const { advance, told } = run([{ probe }]);
  await advance(5_500);
  expect(told()).toEqual(['load=1 at 0', 'failing: broken 2', 'load=5 at 4000', 'working: it measures again', 'load=6 at 5000']);
});

test('a probe that throws at once fails like one that rejects', async () => {
  const sample = () => {
    throw new Error('not even begun');
  };
  const { advance, told } = run([{ probe: { sample, close: async () => {} } }]);
  await advance(100);
  expect(told()).toEqual(['failing: not even begun']);
});

test('numbers that are not finite are not published and are a failure; the other values are published', async () => {
  const samples = [
    { property: 'load', value: Number.NaN },
    { property: 'pending', value: 3 },
    { property: 'rate', value: Number.POSITIVE_INFINITY },
  ];
  const { advance, told } = run([{ probe: answering(() => ({ samples })) }]);
  await advance(100);
  expect(told()).toEqual(['pending=3 at 0', 'failing: load is not a finite number']);
});

test('a probe that measured only a part is failing, and the part holds', async () => {
  const { advance, told } = run([{ probe: answering(() => ({ ...load(1), wrong: 'nothing at /pending' })) }]);
  await advance(100);
  expect(told()).toEqual(['load=1 at 0', 'failing: nothing at /pending']);
});

test('a probe that was failing before the manager was started again is told to work when it does', async () => {
  const { advance, told } = run([{ state: 'failing', probe: answering(() => load(1)) }]);
  await advance(100);
  expect(told()).toEqual(['load=1 at 0', 'working: it measures again']);
});

test('a probe that tells by itself is heard when it speaks, and its next good word ends a failure', async () => {
  let sink: ProbeSink | undefined;
  const probe: Probe = {
    follow: (s) => {
      sink = s;
    },
    close: async () => {},
  };
  const { advance, told, schedule } = run([{ probe }]);
  await advance(300);
  sink!.measured(load(1));
  sink!.failed('gone');
  sink!.failed('still gone');
  sink!.measured({ samples: [] });
  expect(told()).toEqual(['load=1 at 300', 'failing: gone', 'working: it measures again']);
  expect(schedule.status()).toEqual([
    { name: 'probe-0', element: 'shop/server-1', state: 'working', reason: '', missed: 0, lastAt: START + 300 },
  ]);
  await schedule.close();
  sink!.measured(load(2));
  expect(told()).toHaveLength(3);
});

test('a probe that cannot begin to follow is failing, and the others start', async () => {
  const follow = () => {
    throw new Error('no such file');
  };
  const { advance, told } = run([{ probe: { follow, close: async () => {} } }, { probe: answering(() => load(1)) }]);
  await advance(100);
  expect(told()).toEqual(['failing: no such file', 'load=1 at 0']);
});

test('closing stops all timers, aborts what runs, closes each probe, and then is silent', async () => {
  let aborted: unknown;
  const slow: Probe = {
    sample: (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          aborted = signal.reason;
          reject(signal.reason);
        }),
      ),
    close: async () => {},
  };
  const quick = answering(() => load(1));
  const { advance, clock, schedule, events } = run([{ probe: slow }, { probe: quick }]);
  await advance(100);
  const before = events.length;
  await schedule.close();
  expect(aborted).toMatchObject({ message: 'the schedule is closing' });
  expect(quick.closed).toBe(true);
  await advance(5_000);
  expect(events).toHaveLength(before);
  expect(clock.nextAlarm()).toBeUndefined();
});

test('closing leaves a probe behind that does not end within the grace time', async () => {
  const hung: Probe = { sample: () => new Promise(() => {}), close: () => new Promise(() => {}) };
  const { advance, schedule } = run([{ probe: hung }]);
  await advance(100);
  let closed = false;
  const closing = schedule.close().then(() => {
    closed = true;
  });
  await advance(CLOSE_GRACE_MS - 100);
  expect(closed).toBe(false);
  await advance(100);
  expect(closed).toBe(true);
  await closing;
});

test('probes come and go with their elements while the schedule runs', async () => {
  const old = answering(() => load(1));
  const { schedule, scheduled, advance, told, clock } = run([{ probe: old }]);
  await advance(500);
  schedule.add({ ...scheduled[0]!, name: 'other', element: 'shop/server-2', probe: answering(() => load(2)) });
  await schedule.remove('shop/server-1');
  expect(old.closed).toBe(true);
  await advance(1_000);
  expect(told()).toEqual(['load=1 at 0', 'load=2 at 500', 'load=2 at 1500']);
  expect(schedule.status().map((s) => s.name)).toEqual(['other']);
  expect(clock.now()).toBe(START + 1_500);
});

test('closing also waits for a probe that was taken away and has not stopped yet', async () => {
  let freed: (() => void) | undefined;
  const slow: Probe = {
    sample: async () => load(1),
    close: () =>
      new Promise((resolve) => {
        freed = resolve;
      }),
  };
  const { advance, schedule } = run([{ probe: slow }]);
  await advance(100);
  const order: string[] = [];
  const removing = schedule.remove('shop/server-1').then(() => order.push('removed'));
  const closing = schedule.close().then(() => order.push('closed'));
  await settle();
  expect(order).toEqual([]);
  freed!();
  await Promise.all([removing, closing]);
  expect(order.sort()).toEqual(['closed', 'removed']);
});

test('a document that is silent is measured each second', () => {
  expect(probeTiming({ name: 'x' })).toEqual({ everyMs: 1_000, timeoutMs: 1_000, jitter: 0.1 });
  expect(probeTiming({ name: 'x', every: '5s', timeout: '300ms', jitter: 0 })).toEqual({ everyMs: 5_000, timeoutMs: 300, jitter: 0 });
});

test.each([
  [{ name: 'x', every: '1s', timeout: '2s' }, 'probe x: "timeout" (2 s) is longer than the interval (1 s)'],
  [{ name: 'x', every: '0ms' }, 'probe x: "every" is 0ms; give at least 1ms'],
  [{ name: 'x', timeout: '0ms' }, 'probe x: "timeout" is 0ms; give at least 1ms'],
])('the timing %j is refused', (document, message) => {
  expect(() => probeTiming(document)).toThrow(message);
});
