/** How each kind of event changes the model. */

import { covers, scopeKey, scopeText } from './analyze/gates/paused.ts';
import { resumeOscillations } from './analyze/oscillation.ts';
import { configure } from './configure.ts';
import { closeBreaker } from './execute/breaker.ts';
import { settleOutcome, withhold } from './execute/commands.ts';
import { appear, vanish } from './knowledge/elements.ts';
import { type PauseRow, symptomKey } from './knowledge/state.ts';
import type { Turn } from './knowledge/turn.ts';
import { broughtIn } from './knowledge/versions.ts';
import {
  type AuditEvent,
  type Event,
  isEverything,
  type Observation,
  type OutcomeEvent,
  type PauseEvent,
  type ProbeEvent,
  type ResumeEvent,
} from './messages.ts';
import { observe } from './monitor/intake.ts';
import { answer } from './plan/advice.ts';

/** Dead letters of one step: the first are recorded, all are counted. */
export class DeadLetters {
  #recorded = 0;
  readonly #turn: Turn;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  add(reason: string, about: { element?: string }, letter: unknown): void {
    this.#turn.state.count('deadLetters');
    if (this.#recorded++ < this.#turn.blueprint.setup.limits.deadLetters) this.#turn.note('deadLetter', reason, about, { letter });
  }
}

export function apply(turn: Turn, event: Event, deadLetters: DeadLetters): void {
  switch (event.kind) {
    case 'observation':
      return take(turn, event, deadLetters);
    case 'configured':
      return configure(turn, event.document);
    case 'started':
      return started(turn, event.wall);
    case 'clockJumped':
      return turn.note(
        'clockJumped',
        `the wall clock jumped by ${event.jumpMs} ms; decisions go on by the manager's own time`,
        {},
        { jumpMs: event.jumpMs, wall: event.wall },
      );
    case 'appeared': {
      const wrong = appear(turn, event.element, event.document, event.source);
      return wrong === undefined ? undefined : deadLetters.add(wrong, { element: event.element }, event);
    }
    case 'vanished': {
      const wrong = vanish(turn, event.element, event.source);
      return wrong === undefined ? undefined : deadLetters.add(wrong, { element: event.element }, event);
    }
    case 'probe':
      return probe(turn, event);
    case 'outcome':
      return outcome(turn, event, deadLetters);
    case 'withheld':
      turn.derived.raised.wakeAll();
      return withhold(turn, event);
    case 'pause':
      return pause(turn, event);
    case 'resume':
      return resume(turn, event);
    case 'answered':
      return answer(turn, event);
    case 'audit':
      return audit(turn, event);
    case 'rejected':
      return deadLetters.add(event.reason, {}, { source: event.source, excerpt: event.excerpt });
    case 'dropped':
      turn.state.count('observations.dropped', event.observations);
      return turn.note(
        'dropped',
        `${event.observations} observations were dropped: ${event.reason}`,
        {},
        { observations: event.observations },
      );
  }
}

function take(turn: Turn, observation: Observation, deadLetters: DeadLetters): void {
  const wrong = observe(turn, observation);
  if (wrong === undefined) return;
  // In one order of its fields, whoever made it: a replay tells of the same letter by the same text.
  const { element, property, value, time, source, everyMs, coalesced } = observation;
  deadLetters.add(wrong, { element }, { element, property, value, time, source, everyMs, coalesced });
}

/** A manager has started: its term fences those before it, and gauges that tell silence forgive the time it was away. */
function started(turn: Turn, wall: number): void {
  const meta = turn.state.position;
  meta.term++;
  turn.restarted = true;
  turn.state.meta.touch(meta);
  for (const element of turn.state.elements.rows()) {
    for (const property of turn.typeOf(element)?.properties.values() ?? []) {
      const gauge = property.source.kind === 'gauge' && property.source.gauge.over === 'series' ? property.source.gauge : undefined;
      const row = gauge?.restarted === undefined ? undefined : turn.reading(element.key, property.name);
      if (row === undefined || row.memo === null) continue;
      gauge!.restarted!(row.memo, turn.now);
      turn.state.readings.touch(row);
      turn.stir(turn.member(element.key)!, property);
    }
  }
  turn.note('started', `a manager started, term ${meta.term}`, {}, { term: meta.term, wall });
}

function probe(turn: Turn, event: ProbeEvent): void {
  turn.state.probes.put({ key: `${event.probe}\t${event.element}`, state: event.state, reason: event.reason, since: turn.now });
  const text =
    event.state === 'failing'
      ? `probe ${event.probe} fails on ${event.element}: ${event.reason}`
      : `probe ${event.probe} works again on ${event.element}`;
  turn.note('probe', text, { element: event.element }, { probe: event.probe, state: event.state, reason: event.reason });
}

/** An outcome, and in the same step all that the actuator read back. */
function outcome(turn: Turn, event: OutcomeEvent, deadLetters: DeadLetters): void {
  for (const { element, document } of event.appeared ?? []) {
    const wrong = appear(turn, element, document, event.command);
    if (wrong !== undefined) deadLetters.add(wrong, { element }, { element, document });
  }
  for (const id of event.vanished ?? []) vanish(turn, id, event.command);
  for (const observation of event.observations ?? []) take(turn, observation, deadLetters);
  settleOutcome(turn, event);
}

function pause(turn: Turn, event: PauseEvent): void {
  turn.state.pauses.put({
    key: event.name,
    scope: event.scope,
    reason: event.reason,
    author: event.author,
    since: turn.now,
    until: event.until,
  });
  turn.note(
    'pause',
    `${event.author} paused ${scopeText(event.scope)}: ${event.reason}`,
    {},
    { name: event.name, scope: event.scope, until: event.until },
  );
}

function resume(turn: Turn, event: ResumeEvent): void {
  const same = scopeKey(event.scope);
  const ended = [...turn.state.pauses.rows()].filter((row) => isEverything(event.scope) || scopeKey(row.scope) === same);
  for (const { key } of ended) turn.state.pauses.delete(key);
  const closed: string[] = [];
  const isIn = (element: string, name: string): boolean => {
    const { type, labels } = turn.state.elements.get(element)?.document ?? {};
    const policy = turn.policy(name, element);
    const family = policy?.raising.family?.name;
    // A breaker stops a policy in both directions, and so does a freeze: who resumes one of them has not said that it may act again.
    return (
      event.scope.direction === undefined &&
      covers(event.scope, { elements: [element], type, policy: name, family, labels, concern: policy?.concern })
    );
  };
  for (const symptom of turn.state.symptoms.rows()) {
    if (!symptom.broken || !isIn(symptom.element, symptom.policy)) continue;
    symptom.misses = 0;
    closeBreaker(turn, symptom);
    closed.push(symptomKey(symptom.policy, symptom.element).replace('\t', ' on '));
  }
  turn.note(
    'resume',
    `${event.author} resumed ${scopeText(event.scope)}: ${event.reason}${heldText(ended)}`,
    {},
    {
      scope: event.scope,
      pauses: ended.map((row) => row.key),
      breakers: closed,
      oscillations: resumeOscillations(turn, isIn),
      held: heldBy(ended),
    },
  );
}

/** Changes nothing but the name at what a reload brought in: the event beside it does. */
function audit(turn: Turn, { kind: _kind, ...data }: AuditEvent): void {
  const { action, what, author, token, from, reason } = data;
  const why = reason === '' ? '' : `: ${reason}`;
  if (action === 'reload') broughtIn(turn, author);
  turn.note('audit', `${author}, with token "${token}" from ${from}: ${action} ${what}${why}`, {}, data);
}

/** Pauses that have run out end by themselves. */
export function endPauses(turn: Turn): void {
  for (const row of turn.state.pauses.takeDue(turn.now)) {
    turn.state.pauses.delete(row.key);
    turn.note(
      'resume',
      `the pause of ${scopeText(row.scope)} has run out${heldText([row])}`,
      {},
      { scope: row.scope, pauses: [row.key], breakers: [], oscillations: [], held: heldBy([row]) },
    );
  }
}

/** What pauses held back, all together. */
const heldBy = (rows: readonly PauseRow[]): number => rows.reduce((sum, row) => sum + (row.held ?? 0), 0);
const heldText = (rows: readonly PauseRow[]): string => (rows.length === 0 ? '' : `; it held back ${heldBy(rows)}`);
