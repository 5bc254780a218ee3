/** What the demo keeps of a run, for the summary, the screen and the report. */
import type { Value } from '../../messages.ts';
import type { NumberedEntry, StatusView } from './api.ts';
import type { Deed } from './script.ts';

/** What Homeostat saw of the farm at one instant; null: it did not know. */
export interface Point {
  readonly time: number;
  readonly load: number | null;
  readonly p95: number | null;
  readonly servers: number | null;
  readonly listed: number | null;
}

/** One command, from the decision to its effect. */
export interface Decision {
  readonly id: string;
  readonly time: number;
  readonly policy: string;
  readonly element: string;
  readonly command: string;
  readonly params: Readonly<Record<string, Value>>;
  /** The facts that decided. */
  readonly facts: Readonly<Record<string, Value>>;
  readonly outcome?: string;
  readonly outcomeTime?: number;
  /** Of the expected effect: seen, missed or unknown; absent: none was expected, or not told yet. */
  readonly effect?: string;
}

/** A symptom that one gate held back, from a step on. */
export interface Held {
  readonly time: number;
  readonly policy: string;
  readonly element: string;
  readonly gate: string;
  readonly reason: string;
}

export interface Recording {
  readonly points: readonly Point[];
  readonly journal: readonly NumberedEntry[];
  readonly deeds: readonly Deed[];
}

/** What is known now, for the screen; kept while the manager is away. */
export interface Live {
  readonly status: StatusView | undefined;
  readonly managerAway: boolean;
}

/** The commands of a journal, in order. */
export function decisionsOf(journal: readonly NumberedEntry[]): readonly Decision[] {
  const decisions = new Map<string, Decision>();
  for (const { kind, time, command: id, policy, element, data } of journal) {
    if (id === undefined) continue;
    const known = decisions.get(id);
    if (kind === 'command') {
      const { command, params, facts } = data as { command: string; params: Decision['params']; facts: Decision['facts'] };
      decisions.set(id, { id, time, policy: policy ?? '', element: element ?? '', command, params, facts });
    } else if (known && (kind === 'outcome' || kind === 'withheld')) {
      decisions.set(id, { ...known, outcome: kind === 'withheld' ? 'withheld' : String(data.status), outcomeTime: time });
    } else if (known && kind === 'effect') {
      decisions.set(id, { ...known, effect: String(data.effect) });
    }
  }
  return [...decisions.values()];
}

/** Its own cooldown holds a policy right after it has acted: that is no news. */
const JUST_ACTED_MS = 100;

export function heldOf(journal: readonly NumberedEntry[]): readonly Held[] {
  const acted = new Map<string, number>();
  const held: Held[] = [];
  for (const { kind, time, policy = '', element = '', data } of journal) {
    const key = `${policy} ${kind === 'command' ? data.origin : element}`;
    if (kind === 'command') acted.set(key, time);
    if (kind !== 'held' && kind !== 'lost') continue;
    const gate = kind === 'held' ? String(data.gate) : `lost to ${data.winner}`;
    if (gate === 'cooldown' && time - (acted.get(key) ?? 0) < JUST_ACTED_MS) continue;
    held.push({ time, policy, element, gate, reason: String(data.reason) });
  }
  return held;
}

/** A command as people say it: `scale web to 5`. */
export function wording({ command, element, params }: Pick<Decision, 'command' | 'element' | 'params'>): string {
  if (command === 'notify') return `tell: ${params.text}`;
  const rest = Object.entries(params).map(([name, value]) => ` ${name} ${value}`);
  return `${command} ${element}${rest.join('')}`;
}
