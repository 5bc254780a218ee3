/** Random proposals with all that they may meet: commands in flight, budgets, elements that depend on each other. */
import fc from 'fast-check';
import { newSymptom } from '../../src/analyze/symptoms.ts';
import { compile } from '../../src/compile/index.ts';
import { commandType } from '../../src/compile/types.ts';
import type { BudgetDocument } from '../../src/documents/manager.ts';
import type { Policy } from '../../src/knowledge/blueprint.ts';
import { Derived } from '../../src/knowledge/derived.ts';
import { type CommandRow, State } from '../../src/knowledge/state.ts';
import { Turn } from '../../src/knowledge/turn.ts';
import type { ElementDocument } from '../../src/messages.ts';
import { type Proposal, pullsOf } from '../../src/plan/propose.ts';
import { START, setupOf } from '../step/world.ts';

export const ELEMENTS = ['e0', 'e1', 'e2', 'e3'];
const COMMANDS = ['c0', 'c1', 'c2', 'c3'];
const RESOURCES = ['r0', 'r1', 'r2'];
const PROPERTIES = ['p0', 'p1'];
const EFFECTS = ['rises', 'falls'] as const;
/** What every element has of what a command sets. */
export const CURRENT = 5;

const effects = fc.dictionary(fc.constantFrom(...PROPERTIES), fc.constantFrom(...EFFECTS), { maxKeys: 2 });
const opposes = fc.subarray(COMMANDS, { maxLength: 1 });

export interface Ask {
  readonly policy: string;
  readonly element: string;
  readonly action: number;
  readonly priority: number;
  readonly since: number;
  readonly command: string;
  readonly to: number;
}
interface Flying {
  readonly element: string;
  readonly resource: string;
  readonly command: string;
  readonly up: boolean;
  readonly effects: Record<string, 'rises' | 'falls'>;
  readonly opposes: string[];
  readonly priority: number;
  readonly settling: boolean;
}
export interface Meeting {
  readonly commands: Record<string, { resource: string; effects: Record<string, 'rises' | 'falls'>; opposes: string[] }>;
  readonly merges: Record<string, 'max' | 'min' | 'sum' | 'mean' | undefined>;
  readonly asks: readonly Ask[];
  readonly flying: readonly Flying[];
  readonly budgets: readonly BudgetDocument[];
  readonly below: Record<string, string[]>;
  readonly classes: Record<string, 'gold' | 'silver' | 'bronze' | undefined>;
  readonly together: readonly string[];
}

const POLICIES = ['a', 'b', 'c', 'd', 'e', 'f'];
/** Elements depend on those before them: no circle. */
const below = fc
  .tuple(...ELEMENTS.map((_, i) => fc.subarray(ELEMENTS.slice(0, i))))
  .map((lists) => Object.fromEntries(ELEMENTS.map((id, i) => [id, lists[i]!])));
const classOf = fc.option(fc.constantFrom('gold' as const, 'silver' as const, 'bronze' as const), { nil: undefined });
const how = fc.option(fc.constantFrom('max' as const, 'min' as const, 'sum' as const, 'mean' as const), { nil: undefined });

export function meetings({ related = false, whole = false, merging = false } = {}): fc.Arbitrary<Meeting> {
  const record = <T>(keys: readonly string[], of: fc.Arbitrary<T>) =>
    fc.tuple(...keys.map(() => of)).map((list) => Object.fromEntries(keys.map((k, i) => [k, list[i]!])) as Record<string, T>);
  return fc.record({
    commands: record(COMMANDS, fc.record({ resource: fc.constantFrom(...RESOURCES), effects, opposes })),
    merges: merging ? record(RESOURCES, how) : fc.constant({} as Meeting['merges']),
    asks: fc.uniqueArray(
      fc.record({
        policy: fc.constantFrom(...(whole ? POLICIES.slice(0, 3) : POLICIES)),
        element: fc.constantFrom(...(whole ? ELEMENTS.slice(0, 3) : ELEMENTS)),
        action: fc.nat(1),
        priority: fc.integer({ min: 1, max: 3 }),
        since: fc.nat(2),
        command: fc.constantFrom(...COMMANDS),
        to: fc.integer({ min: 0, max: 9 }).filter((to) => to !== CURRENT),
      }),
      { maxLength: 14, selector: (ask) => `${ask.policy} ${ask.element} ${ask.action}` },
    ),
    flying: fc.array(
      fc.record({
        element: fc.constantFrom(...ELEMENTS),
        resource: fc.constantFrom(...RESOURCES),
        command: fc.constantFrom(...COMMANDS),
        up: fc.boolean(),
        effects,
        opposes,
        priority: fc.integer({ min: 1, max: 3 }),
        settling: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
    budgets: fc
      .array(
        fc.record(
          {
            commands: fc.nat(3),
            scope: fc.oneof(
              fc.record({ command: fc.constantFrom(...COMMANDS) }),
              fc.record({ policy: fc.constantFrom(...POLICIES) }),
              fc.constant({}),
            ),
          },
          { requiredKeys: ['commands'] },
        ),
        { maxLength: 2 },
      )
      .map((list) => list.map((budget, i) => ({ ...budget, name: `budget${i}` })) as BudgetDocument[]),
    below: related ? below : fc.constant({}),
    classes: record(ELEMENTS, classOf),
    together: whole ? fc.subarray(POLICIES) : fc.constant([]),
  });
}

const BLUEPRINT = compile(
  setupOf({
    types: { thing: { properties: { load: {} } } },
    policies: POLICIES.map((name) => ({
      name,
      scope: { type: 'thing' },
      conditions: { all: [{ fact: 'load', operator: 'lessThan', value: 0 }] },
      actions: [{ command: 'notify' }],
    })),
  }),
  'homeostat.json',
).blueprint;

/** The meeting as the step would have it. A policy has one priority, and one age on each element. */
export function arrange({ commands, merges, asks, flying, budgets, below: relations, classes, together }: Meeting): {
  turn: Turn;
  proposals: Proposal[];
} {
  const declared = Object.fromEntries(
    Object.entries(commands).map(([name, { resource, ...more }]) => [
      name,
      { resource, property: resource, min: 0, max: 9, ...more, ...(merges[resource] && { merge: merges[resource] }) },
    ]),
  );
  const state = new State();
  for (const id of ELEMENTS) {
    const document: ElementDocument = {
      type: 'thing',
      ...(classes[id] && { serviceClass: classes[id] }),
      relations: { dependsOn: relations[id] ?? [] },
    };
    state.elements.put({ key: id, document, createdAt: START, source: 'test' });
    for (const name of RESOURCES) {
      const known = { value: CURRENT, why: null, time: START, changedAt: START, staleAt: null, confidence: 1, nextAt: null, memo: null };
      state.readings.put({ key: `${id}\t${name}`, ...known });
    }
  }
  const derived = new Derived(state);
  derived.blueprint = { ...BLUEPRINT, budgets };
  for (const [i, row] of flying.entries()) {
    const command: CommandRow = {
      ...{
        key: `shop.1.${i}`,
        term: 0,
        policy: 'z',
        origin: row.element,
        element: row.element,
        command: row.command,
        resource: row.resource,
      },
      ...{ actuator: 'log', operation: '', params: {}, priority: row.priority, issuedAt: START, deadlineAt: START + 30_000 },
      phase: row.settling ? 'settling' : 'sent',
      succeededAt: row.settling ? START : null,
      effectBy: row.settling ? START + 60_000 : null,
      pulls: pullsOf(commandType('', { effects: row.effects }), row.up ? 1 : -1),
      opposes: row.opposes,
      ...{ action: 0, budgets: [], otherwise: false, before: null, while: false },
    };
    state.commands.put(command);
    derived.inFlight.add(command);
    if (row.settling) derived.inFlight.settling.add(command.key);
  }
  const turn = new Turn(state, derived, START + 1, 2);
  const first = new Map<string, Ask>();
  const proposals = asks.map((ask) => {
    const one = first.get(ask.policy) ?? ask;
    first.set(ask.policy, one);
    const policy = { ...BLUEPRINT.policies.get(ask.policy)!, priority: one.priority } as Policy;
    const command = commandType(ask.command, declared[ask.command]!);
    const weight = { gold: 3, silver: 2, bronze: 1, none: 0 }[classes[ask.element] ?? 'none'];
    return {
      candidate: {
        policy: { ...policy, arbitration: { together: together.includes(ask.policy), facts: [] } },
        symptom: { ...newSymptom(ask.policy, ask.element), truth: true, trueSince: one.since },
        action: { index: ask.action, command: ask.command, pointer: '', target: 'self', params: {}, while: false },
        target: ask.element,
        command,
        spending: { committed: [], cooldownUntil: null },
        priority: one.priority,
        otherwise: false,
        repeats: false,
        given: undefined,
        approvedBy: undefined,
      },
      params: { to: ask.to },
      pulls: pullsOf(command, ask.to > CURRENT ? 1 : -1),
      serviceWeight: weight,
    } as Proposal;
  });
  return { turn, proposals };
}
