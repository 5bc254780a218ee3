/** The stream of surviving steps as checkers read it: what was issued, what ended, and by which configuration. */
import type { PolicyDocument } from '../../../src/documents/policy.ts';
import type { Setup } from '../../../src/knowledge/blueprint.ts';
import type { CommandRow } from '../../../src/knowledge/state.ts';
import type { Event } from '../../../src/messages.ts';
import type { StoredStep } from '../trace.ts';

export interface Moment {
  readonly step: number;
  readonly now: number;
  readonly events: readonly Event[];
  readonly journal: StoredStep['journal'];
  /** Commands that this step made, as their rows were stored. */
  readonly issued: readonly CommandRow[];
  /** The configuration in force when the step decided. */
  readonly setup: Setup;
  readonly policies: ReadonlyMap<string, PolicyDocument>;
}

const ROW = 'commands\t';

export function* moments(steps: readonly StoredStep[]): IterableIterator<Moment> {
  const seen = new Set<string>();
  let text = '';
  let setup: Setup | undefined;
  let policies: ReadonlyMap<string, PolicyDocument> = new Map();
  for (const { record, changes, journal } of steps) {
    for (const event of record.events) {
      if (event.kind !== 'configured' || event.document === text) continue;
      text = event.document;
      setup = JSON.parse(text) as Setup;
      policies = new Map(setup.policies.flatMap((source) => [...partsOf(source.name, source.document)]));
    }
    const issued: CommandRow[] = [];
    for (const change of changes) {
      if (!change.key.startsWith(ROW) || change.text === null || seen.has(change.key)) continue;
      seen.add(change.key);
      issued.push(JSON.parse(change.text) as CommandRow);
    }
    if (setup !== undefined) yield { step: record.step, now: record.now, events: record.events, journal, issued, setup, policies };
  }
}

/** What a document stands for: a policy, or each of its levels, and its fail-safe. The simulated policies with a fail-safe read the heat alone. */
function* partsOf(name: string, { levels, missing, ...document }: PolicyDocument): IterableIterator<[string, PolicyDocument]> {
  if (levels === undefined) yield [name, { ...document, ...(missing === undefined ? {} : { missing }) }];
  for (const { level, ...own } of levels ?? []) yield [`${name}:${level}`, { ...document, ...own }];
  if (typeof missing !== 'object' || missing.after === undefined) return;
  const { cooldown: _cooldown, ...rest } = document;
  yield [`${name}:missing`, { ...rest, conditions: { any: [{ fact: 'heat', operator: 'unknown', value: true }] }, for: missing.after }];
}

/** The step that a command's id says it is of. */
export const stepOf = (command: string): number => Number(command.split('.')[1]);
