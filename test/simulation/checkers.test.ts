/** Each checker is shown to fail on a run that was doctored, and to be content with the run as it was. */
import type { CommandRow } from '../../src/knowledge/state.ts';
import type { JournalEntry } from '../../src/messages.ts';
import { budgets } from './checkers/budgets.ts';
import { confirmed } from './checkers/confirmed.ts';
import { cooldowns } from './checkers/cooldowns.ts';
import { derived } from './checkers/derived.ts';
import { durable } from './checkers/durable.ts';
import { CHECKERS, violations } from './checkers/index.ts';
import { truthOf } from './checkers/kleene.ts';
import { knowing } from './checkers/knowing.ts';
import { leases } from './checkers/leases.ts';
import { once } from './checkers/once.ts';
import { onwards } from './checkers/onwards.ts';
import { recovered } from './checkers/recovered.ts';
import { settled } from './checkers/settled.ts';
import { moments } from './checkers/stream.ts';
import { simulate } from './simulation.ts';
import type { StoredStep, Timed, Trace } from './trace.ts';

/** A copy that may be written to. */
type Doctored<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? Doctored<E>[] : T[K] extends object ? Doctored<T[K]> : T[K];
};

let good: Trace;

beforeAll(async () => {
  good = await simulate(1);
}, 120_000);

const copy = (): Doctored<Trace> => structuredClone(good) as Doctored<Trace>;
const entry = <K extends Timed['kind']>(trace: Doctored<Trace>, kind: K, wanted: (e: Timed & { kind: K }) => boolean = () => true) =>
  trace.entries.find((e) => e.kind === kind && wanted(e as Timed & { kind: K })) as Doctored<Timed & { kind: K }>;
const issued = (): CommandRow[] => [...moments(good.steps)].flatMap((moment) => moment.issued);

/** Puts copies of a command into a later step, as if that had issued them. */
function issueAgain(
  trace: Doctored<Trace>,
  row: CommandRow,
  after: number,
  change: (n: number) => Partial<CommandRow> = () => ({}),
  times = 1,
): void {
  const step = (trace.steps as StoredStep[]).find(({ record }) => record.now > row.issuedAt + after)!;
  for (let n = 0; n < times; n++) {
    const again = { ...row, key: `shop.${step.record.step}.9${n}`, issuedAt: step.record.now, ...change(n) };
    (step.changes as { key: string; text: string }[]).push({ key: `commands\t${again.key}`, text: JSON.stringify(again) });
  }
}

/** Changes the first entry of a command that is not an `otherwise`. */
function doctorFacts(trace: Doctored<Trace>, policy: string, change: (facts: Record<string, unknown>) => void): void {
  const entries = (trace.steps as StoredStep[]).flatMap(({ journal }) => journal);
  const found = entries.find((e) => e.kind === 'command' && e.policy === policy && e.data.otherwise !== true) as JournalEntry;
  change(found.data.facts as Record<string, unknown>);
}

test('a run as it was satisfies every checker', () => {
  expect(violations(good)).toEqual([]);
  expect(new Set(CHECKERS.map(({ name }) => name)).size).toBe(CHECKERS.length);
});

describe('recovered fails', () => {
  test('on a life that begins with another state than the last that survived', () => {
    const trace = copy();
    entry(trace, 'life', (e) => e.step > 0).hash = 'another';
    expect(recovered.check(trace)?.message).toContain('began with');
  });
  test('on a state whose rows are not what was stored', () => {
    const trace = copy();
    entry(trace, 'life', (e) => e.step > 0).contents = 'another';
    expect(recovered.check(trace)?.message).toContain('rows');
  });
  test('on a step that is missing', () => {
    const trace = copy();
    trace.entries.splice(trace.entries.indexOf(entry(trace, 'committed', (e) => e.step === 5)), 1);
    expect(recovered.check(trace)).toMatchObject({ step: 6 });
  });
});

describe('once fails', () => {
  test('on a second attempt of what is not idempotent', () => {
    const trace = copy();
    trace.entries.push(entry(trace, 'attempt', (e) => !e.idempotent));
    expect(once.check(trace)?.message).toContain('a second time');
  });
  test('on a second attempt with another value', () => {
    const trace = copy();
    const again = structuredClone(entry(trace, 'attempt', (e) => e.idempotent && e.command.params.to !== undefined));
    again.command.params = { to: 99 };
    trace.entries.push(again);
    expect(once.check(trace)?.message).toContain('and then as');
  });
});

describe('durable fails', () => {
  test('on a command that was sent before its step was on disk', () => {
    const trace = copy();
    const sent = entry(trace, 'execute');
    sent.flushed = Number(sent.command.id.split('.')[1]) - 1;
    expect(durable.check(trace)?.message).toContain('on disk');
  });
  test('on a command that no surviving step holds', () => {
    const trace = copy();
    entry(trace, 'execute').command.params = { to: 77 };
    expect(durable.check(trace)?.message).toContain('survived');
  });
});

describe('knowing fails', () => {
  test('on a command whose fact was not known', () => {
    const trace = copy();
    doctorFacts(trace, 'cool-hot', (facts) => delete facts.temp);
    expect(knowing.check(trace)?.message).toContain('unknown');
  });
  test('on a fact that was another, even where the conditions hold on it', () => {
    const trace = copy();
    doctorFacts(trace, 'cool-hot', (facts) => {
      facts.temp = 99;
    });
    expect(knowing.check(trace)?.message).toContain('took it for 99');
  });
  test('unknown is neither true nor false, and so is its opposite', () => {
    const known = (name: string) => ({ a: 1 })[name];
    const test = { fact: 'b', operator: 'lessThan', value: 2 };
    expect(truthOf({ not: test }, {}, known)).toBe('unknown');
    expect(truthOf({ all: [test, { fact: 'a', operator: 'greaterThan', value: 2 }] }, {}, known)).toBe('false');
    expect(truthOf({ any: [test, { fact: 'a', operator: 'lessThan', value: 2 }] }, {}, known)).toBe('true');
  });
});

test('confirmed fails on a disagreement that nobody made, and on a withheld command that was sent', () => {
  const trace = copy();
  const { command } = entry(trace, 'execute');
  trace.steps[0]!.record.withheld = [{ command: command.id, detail: 'not so' }];
  expect(confirmed.check(trace)?.message).toContain('disagree');
  trace.entries.push({ kind: 'disagreed', commands: [command.id], at: 0 } as never);
  expect(confirmed.check(trace)?.message).toContain('sent though');
});

test('leases fails on two commands in flight for one resource', () => {
  const trace = copy();
  issueAgain(trace, issued()[0]!, -1, (n) => ({ policy: `other-${n}` }));
  expect(leases.check(trace)?.message).toContain('still holds');
});

test('cooldowns fails on a second command before the cooldown is over', () => {
  const trace = copy();
  const row = issued().find((r) => r.policy === 'cool-hot')!;
  issueAgain(trace, row, 1_000);
  expect(cooldowns.check(trace)?.message).toContain('acted on');
});

test('cooldowns fails on an action that a raise had done once', () => {
  const trace = copy();
  const row = issued().find((r) => r.policy === 'clear-cache' || r.policy === 'tell-of-a')!;
  issueAgain(trace, row, 0);
  expect(cooldowns.check(trace)?.message).toContain('once a raise');
});

test('budgets fails on more commands in a window than it allows', () => {
  const trace = copy();
  const row = issued().find((r) => r.command === 'scale')!;
  issueAgain(trace, row, 0, (n) => ({ policy: `other-${n}`, element: `shop/${n}` }), 4);
  expect(budgets.check(trace)?.message).toContain('scaling: ');
});

test('budgets fails on more elements at once than its share', () => {
  const trace = copy();
  const row = issued().find((r) => r.policy === 'cool-hot')!;
  issueAgain(trace, row, 0, (n) => ({ policy: 'restart-silent', element: ['shop/a/s1', 'shop/a/s2', 'shop/b/s1', 'shop/b/s2'][n]! }), 4);
  expect(budgets.check(trace)?.message).toContain('at once');
});

test('onwards fails on time, and on terms, that go back', () => {
  const backwards = copy();
  backwards.steps[20]!.record.now = backwards.steps[19]!.record.now - 1;
  expect(onwards.check(backwards)?.message).toContain('went back');
  const fenced = copy();
  const sent = fenced.entries.filter((e) => e.kind === 'execute') as Doctored<Timed & { kind: 'execute' }>[];
  sent.at(-1)!.command.term = 0;
  expect(onwards.check(fenced)?.message).toContain('under term 0');
});

test('onwards fails on two lives with one term', () => {
  const trace = copy();
  const sent = trace.entries.filter((e) => e.kind === 'execute') as Doctored<Timed & { kind: 'execute' }>[];
  const last = sent.at(-1)!;
  trace.entries.push({ ...last, life: last.life + 1 });
  expect(onwards.check(trace)?.message).toContain('neither fences');
});

test('derived fails on a step whose state, or whose journal, cannot be derived again', () => {
  const state = copy();
  state.steps[10]!.record.hash = 'another';
  expect(derived.check(state)).toMatchObject({ step: 11 });
  const journal = copy();
  journal.steps.find((s) => s.journal.length > 0)!.journal[0]!.text = 'something else';
  expect(derived.check(journal)?.message).toContain('journal entry 0');
});

describe('settled fails', () => {
  const cases: readonly (readonly [string, Partial<Trace['rest']>])[] = [
    ['nobody looked', { unhandled: ['Error'] }],
    ['does not step', { storeFailure: 'full' }],
    ['the last step was', { lastStepAt: 0 }],
    ['without outcome', { overdue: ['shop.1.0'] }],
    ['nothing holds', { unwell: [{ what: 'a server is dead', heldBy: null }] }],
  ];
  test.each(cases)('and says: %s', (said, rest) => {
    expect(settled.check({ ...good, rest: { ...good.rest, ...rest } })?.message).toContain(said);
  });
  test('on a command that never ended', () => {
    const trace = copy();
    issueAgain(trace, issued()[0]!, 0);
    expect(settled.check(trace)?.message).toContain('never ended');
  });
  test('and not where a policy says what holds it', () => {
    const unwell = [{ what: 'a server is dead', heldBy: 'restart-silent: cooldown' }];
    expect(settled.check({ ...good, rest: { ...good.rest, unwell } })).toBeUndefined();
  });
});
