/** How a configuration comes into force, at the first start and at each reload, without forgetting what must not be forgotten. */
import { renewOscillations } from './analyze/oscillation.ts';
import { type PolicyBefore, renewRaising, renewSymptoms } from './analyze/renew.ts';
import { renewTrials } from './analyze/trials.ts';
import { compile } from './compile/index.ts';
import { forgetTunings } from './execute/own.ts';
import type { Blueprint, Property, Setup } from './knowledge/blueprint.ts';
import { cycleIn, dependsOn } from './knowledge/dependencies.ts';
import { appear, equip, vanish } from './knowledge/elements.ts';
import { policyNamed, policyOn, standingNow } from './knowledge/trials.ts';
import type { Turn } from './knowledge/turn.ts';
import { keepVersions } from './knowledge/versions.ts';

/** The elements that the configuration itself makes. */
const CONFIGURATION = 'configuration';

export function configure(turn: Turn, document: string): void {
  const { state, derived } = turn;
  if (state.setup.get('setup')?.document === document) return;
  const before = derived.blueprint;
  const stood = standingNow(state);
  const was: PolicyBefore = (name, element) => policyOn(stood, before, name, element);
  state.setup.put({ key: 'setup', document });
  derived.blueprint = compile(JSON.parse(document) as Setup, 'setup', derived.words, before).blueprint;
  derived.raised.wakeAll();
  renewReadings(turn, before);
  renewTrials(turn);
  renewSymptoms(turn, was);
  forgetRemedies(turn);
  renewRaising(turn, was);
  renewOscillations(turn, before, was);
  forgetTunings(turn);
  keepVersions(turn);
  const { elements, sets } = derived.blueprint.setup;
  for (const row of [...state.elements.rows()]) {
    const gone = row.source === CONFIGURATION && elements[row.key] === undefined;
    if (gone || !derived.blueprint.types.has(row.document.type)) vanish(turn, row.key, CONFIGURATION);
    else equip(turn, row);
  }
  const ids = Object.keys(elements).sort();
  // The file has no circle in itself, but it may close one with elements that came at run time.
  const circles = cycleIn(ids, (id) => dependsOn(elements[id] ?? state.elements.get(id)?.document)) !== undefined;
  for (const id of ids) {
    const wrong = appear(turn, id, elements[id]!, CONFIGURATION, circles);
    if (wrong === undefined) continue;
    state.count('deadLetters');
    turn.note('deadLetter', wrong, { element: id }, { letter: elements[id]! });
  }
  turn.note(
    'configured',
    `configured: ${counted(derived.blueprint.policies.size, 'policy', 'policies')}, ${counted(Object.keys(elements).length, 'element', 'elements')}`,
    {},
    { policies: derived.blueprint.policies.size, ...(sets && { sets: Object.fromEntries(sets.map((set) => [set.called, set.version])) }) },
  );
}

const counted = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;

/** A property whose definition changed starts anew; one that is gone is forgotten. */
function renewReadings(turn: Turn, before: Blueprint): void {
  const changed = new Map([...before.types.keys()].map((type) => [type, changedIn(type, before, turn.blueprint)]));
  for (const row of turn.state.elements.rows())
    for (const name of changed.get(row.document.type) ?? []) turn.dropReading(turn.member(row.key)!, name);
}

/** The properties of a type that it had before otherwise, or has no more. */
function changedIn(type: string, before: Blueprint, after: Blueprint): readonly string[] {
  const now = after.types.get(type)?.properties;
  return [...(before.types.get(type)?.properties.values() ?? [])].flatMap((property) => {
    const is = now?.get(property.name);
    return is !== undefined && definition(before, type, property) === definition(after, type, is) ? [] : [property.name];
  });
}

/** The answer to a question about a property rests on how that is defined. */
const definition = (blueprint: Blueprint, type: string, { name, source }: Property): string =>
  JSON.stringify(blueprint.setup.types[type]?.properties?.[source.kind === 'question' ? source.of : name] ?? null);

/** How often a remedy worked stays, as a breaker does, until the remedy is gone. */
function forgetRemedies(turn: Turn): void {
  for (const key of [...turn.state.remedies.keys()]) {
    const [policy, , remedy] = key.split('\t');
    const remedies = policyNamed(turn.blueprint, policy!)?.means.remedies ?? [];
    if (!remedies.some(({ name }) => name === remedy)) turn.state.remedies.delete(key);
  }
}
