/** Each checker of the services is shown to fail on a run that was doctored, and to be content with the run as it was. */
import type { Witnessed } from '../../log/memory.ts';
import { SERVICES_CHECKERS, servicesViolations } from './checkers/index.ts';
import { simulateServices } from './simulation.ts';
import type { Kept, PartitionTrace, ServicesTrace } from './trace.ts';

let good: ServicesTrace;

beforeAll(async () => {
  good = await simulateServices(1);
}, 120_000);

type Part = { -readonly [K in keyof PartitionTrace]: PartitionTrace[K] extends readonly (infer E)[] ? E[] : PartitionTrace[K] };

/** The run with one partition changed; by default the first in which commands were sent. */
function doctored(change: (part: Part) => void): ServicesTrace {
  const at = good.partitions.findIndex(({ orders }) => orders.some(({ value }) => value.kind === 'command'));
  const part = structuredClone(good.partitions[at]!) as Part;
  change(part);
  return { ...good, partitions: good.partitions.map((one, i) => (i === at ? part : one)) };
}

/** What one checker says; undefined: it is content. */
const said = (checker: string, trace: ServicesTrace): string | undefined =>
  servicesViolations(
    trace,
    SERVICES_CHECKERS.filter(({ name }) => name === checker),
  )[0]?.message;

/** The same record, as another would have written it. */
const by = <T>(kept: Kept<T>, change: { client?: string; epoch?: number; number?: number }): Kept<T> => {
  const { client, transaction } = kept.record.origin;
  const { client: other = client, ...rest } = change;
  return { ...kept, record: { ...kept.record, origin: { client: other, transaction: { ...transaction!, ...rest } } } as Witnessed };
};

const commandAt = ({ orders }: PartitionTrace): number => orders.findIndex(({ value }) => value.kind === 'command');

/** An attempt, of a command that has an order in the first partition with orders. */
function executed(): { id: string; at: number } {
  const orders = new Set(
    good.partitions.flatMap(({ orders }) => orders.flatMap(({ value }) => (value.kind === 'command' ? [value.wire.command.id] : []))),
  );
  const entry = good.entries.find((one) => one.kind === 'execute' && orders.has(one.command.id));
  if (entry?.kind !== 'execute') throw new Error('nothing was carried out');
  return { id: entry.command.id, at: entry.at };
}

test('a run as it was satisfies every checker, and each has a name of its own', () => {
  expect(servicesViolations(good)).toEqual([]);
  expect(new Set(SERVICES_CHECKERS.map(({ name }) => name)).size).toBe(SERVICES_CHECKERS.length);
});

test('owners: a step that is missing, one that is there twice, and two processes under one epoch', () => {
  expect(
    said(
      'owners',
      doctored((part) => part.entries.splice(3, 1)),
    ),
  ).toBeDefined();
  expect(
    said(
      'owners',
      doctored((part) => part.entries.splice(3, 0, part.entries[3]!)),
    ),
  ).toBeDefined();
  expect(
    said(
      'owners',
      doctored((part) => {
        part.entries[4] = by(part.entries[4]!, { client: 'somebody#1' });
      }),
    ),
  ).toBeDefined();
  const late = (part: Part): void => {
    part.entries[part.entries.length - 1] = by(part.entries.at(-1)!, { epoch: 0 });
  };
  expect(said('owners', doctored(late))).toBeDefined();
});

test('whole: journal or commands that were written apart from their step, or not at all', () => {
  expect(
    said(
      'whole',
      doctored((part) => {
        part.journal[2] = by(part.journal[2]!, { number: 9_999 });
      }),
    ),
  ).toBeDefined();
  expect(
    said(
      'whole',
      doctored((part) => void part.orders.splice(commandAt(part), 1)),
    ),
  ).toBeDefined();
  const apart = (part: Part): void => {
    part.orders[commandAt(part)] = by(part.orders[commandAt(part)]!, { number: 9_999 });
  };
  expect(said('whole', doctored(apart))).toBeDefined();
});

test('rows: rows that are put in their places by one who does not know the last step', () => {
  const stale = (part: Part): void => {
    const { step, hash } = part.entries[0]!.value;
    part.settled.push({ record: part.settled.at(-1)!.record, value: { last: { step, hash } } });
  };
  expect(said('rows', doctored(stale))).toMatch(/put rows of step \d+ in their places when the last step was \d+$/);
  const other = (part: Part): void => {
    const { record, value } = part.settled[0]!;
    part.settled[0] = { record, value: { last: { ...value.last, hash: 'of another' } } };
  };
  expect(said('rows', doctored(other))).toBeDefined();
});

test('inputs: a signal that was taken in twice or not at all, and observations that were left out', () => {
  const signals = (part: Part) => part.entries.find(({ value }) => value.signals.some(({ kind }) => kind === 'outcome'))!.value.signals;
  const again = (part: Part): void => {
    const all = signals(part) as unknown[];
    all.push(signals(part).find(({ kind }) => kind === 'outcome'));
  };
  expect(said('inputs', doctored(again))).toBeDefined();
  const none = (part: Part): void => {
    (signals(part) as unknown[]).length = 0;
  };
  expect(said('inputs', doctored(none))).toBeDefined();
  const left = (part: Part): void => {
    const { telemetry } = part.entries.find(
      ({ value }) => typeof value.telemetry[0] === 'number' && value.telemetry[0] !== value.telemetry[1],
    )!.value;
    (telemetry as unknown as number[])[0]!++;
  };
  expect(said('inputs', doctored(left))).toBeDefined();
});

test('derived: a decision that its inputs do not lead to', () => {
  const other = (part: Part): void => {
    (part.steps.find(({ journal }) => journal.length > 0)!.journal[0] as { text: string }).text = 'otherwise';
  };
  expect(said('derived', doctored(other))).toBeDefined();
});

test('committed: what was carried out and never ordered, before it could be seen, or otherwise than ordered', () => {
  const { id } = executed();
  const orderOf = (part: Part) => part.orders.findIndex(({ value }) => value.kind === 'command' && value.wire.command.id === id);
  const change = (then: (part: Part, at: number) => void): string | undefined =>
    said('committed', {
      ...good,
      partitions: good.partitions
        .map((one) => structuredClone(one) as Part)
        .map((part) => {
          if (orderOf(part) >= 0) then(part, orderOf(part));
          return part;
        }),
    });
  expect(change((part, at) => part.orders.splice(at, 1))).toBeDefined();
  expect(
    change((part, at) => {
      (part.orders[at]!.record as { seenAt: number }).seenAt = Number.POSITIVE_INFINITY;
    }),
  ).toBeDefined();
  expect(
    change((part, at) => {
      const { value } = part.orders[at]!;
      if (value.kind === 'command') (value.wire.command as { params: object }).params = { to: 'the moon' };
    }),
  ).toBeDefined();
});

test('begun: an attempt that was not marked before it began, and a mark that was made twice', () => {
  const { id } = executed();
  const change = (then: (part: Part, at: number) => void): string | undefined =>
    said('begun', {
      ...good,
      partitions: good.partitions.map((one) => {
        const part = structuredClone(one) as Part;
        const at = part.attempts.findIndex(({ record, value }) => record.key?.endsWith(`\t${id}`) && value?.state === 'begun');
        if (at >= 0) then(part, at);
        return part;
      }),
    });
  expect(change((part, at) => part.attempts.splice(at, 1))).toBeDefined();
  expect(change((part, at) => part.attempts.splice(at, 0, part.attempts[at]!))).toBeDefined();
  expect(
    change((part, at) => {
      (part.attempts[at]!.record as { decidedAt: number }).decidedAt = Number.POSITIVE_INFINITY;
    }),
  ).toBeDefined();
});

test('placed: a command that another place has taken', () => {
  const { id } = executed();
  const elsewhere = {
    ...good,
    partitions: good.partitions.map((one) => {
      const part = structuredClone(one) as Part;
      for (const { value } of part.orders)
        if (value.kind === 'command' && value.wire.command.id === id) (value.wire as { at: string }).at = 'elsewhere';
      return part;
    }),
  };
  expect(said('placed', elsewhere)).toMatch(/ is for elsewhere, and was taken at /);
});

test('replaced: a command that is begun after the group has given its place to another; what is begun before may go on', () => {
  const at = good.entries.findIndex((entry) => entry.kind === 'execute' && entry.command.id === executed().id);
  const group = good.entries.flatMap((entry) => (entry.kind === 'assigned' && entry.group.includes('.agents.') ? [entry.group] : []))[0]!;
  const given = (before: number, partitions: readonly number[]): ServicesTrace => {
    const entry = { kind: 'assigned', group, name: 'somebody#1', partitions, at: good.entries[before]!.at } as const;
    return { ...good, entries: good.entries.toSpliced(before, 0, entry) };
  };
  expect(said('replaced', given(at, [0]))).toMatch(/^agent-\d#\d began .* 0 ms after its place was given to somebody#1$/);
  expect(said('replaced', given(at, []))).toBeUndefined();
  // Both of its clocks have misled it.
  const { by } = good.entries[at] as { by: string };
  const misled = { kind: 'process', name: by, what: 'misled', where: '', at: good.entries[at]!.at } as const;
  const doubted = given(at, [0]);
  expect(said('replaced', { ...doubted, entries: doubted.entries.toSpliced(at + 1, 0, misled) })).toBeUndefined();
  expect(said('replaced', given(good.entries.findLastIndex(({ kind }) => kind === 'execute') + 1, [0]))).toBeUndefined();
});

test('carried: an order that no agent ended, and an outcome that was told twice', () => {
  const lost = (part: Part): void => {
    part.attempts = part.attempts.filter(({ value }) => value?.state !== 'done');
  };
  expect(said('carried', doctored(lost))).toBeDefined();
  const twice = (part: Part): void => void part.signals.push(part.signals.find(({ value }) => value?.kind === 'outcome')!);
  expect(said('carried', doctored(twice))).toBeDefined();
});

test('told: a command that has no end in the journal', () => {
  const silent = (part: Part): void => {
    for (const step of part.steps)
      (step as unknown as { journal: unknown[] }).journal = step.journal.filter(({ kind }) => kind !== 'outcome');
  };
  expect(said('told', doctored(silent))).toBeDefined();
});

test('routed: an observation of an outsider that got lost, and a message that is no dead letter', () => {
  const lost: ServicesTrace = {
    ...good,
    partitions: good.partitions.map((part) => ({
      ...part,
      observations: part.observations.filter(({ value }) => !value?.some(({ property }) => property === 'temp')),
    })),
  };
  expect(said('routed', lost)).toBeDefined();
  const record = good.partitions[0]!.intake[0]!.record;
  const bad = (part: PartitionTrace): PartitionTrace => ({ ...part, intake: [{ record, value: 'no JSON at all' }, ...part.intake] });
  expect(said('routed', { ...good, partitions: good.partitions.map(bad) })).toBeDefined();
});

test('recovered: a new owner finds another state than that of the last step', () => {
  const recovered = good.rest.recovered.map((found) => found.replace('hash ', 'hash x'));
  expect(said('recovered', { ...good, rest: { ...good.rest, recovered } })).toBeDefined();
});

test('rested: nobody steps a partition, two do, one stands still, or the world is not well and nothing says why', () => {
  const rest = (change: object): string | undefined =>
    said('rested', {
      ...good,
      rest: { ...good.rest, partitions: good.rest.partitions.map((one, i) => (i === 0 ? { ...one, ...change } : one)) },
    });
  expect(rest({ owners: [] })).toBeDefined();
  expect(rest({ owners: ['one', 'another'] })).toBeDefined();
  expect(rest({ failure: 'the broker did not answer' })).toBeDefined();
  expect(rest({ lastStepAt: 0 })).toBeDefined();
  expect(rest({ overdue: ['x'] })).toBeDefined();
  expect(said('rested', { ...good, rest: { ...good.rest, unwell: [{ what: 'a server is dead', heldBy: null }] } })).toBeDefined();
  expect(said('rested', { ...good, rest: { ...good.rest, unhandled: ['Error: nobody looked'] } })).toBeDefined();
});

test('a run that a checker cannot look at fails', () => {
  expect(
    said(
      'derived',
      doctored((part) => {
        part.steps[2] = { ...part.steps[2]!, record: { ...part.steps[2]!.record, now: 1 } };
      }),
    ),
  ).toBeDefined();
});
