/**
 * Another course of events: the recorded inputs, stepped under another configuration. Nothing can act, because acting is outside. What of the inputs holds
 * in another course is decided here: observations of the world, and what people did, stay as they were; what came of a command stays where the same command is
 * given in the same step, is left out where it is not, and is modelled (outcomes.ts) where only this course gives it.
 */
import { pendingAdvice } from '../knowledge/advice.ts';
import type { Derived } from '../knowledge/derived.ts';
import { isOwn } from '../knowledge/own.ts';
import type { State } from '../knowledge/state.ts';
import type { AnsweredEvent, Command, Event, JournalEntry, OutcomeEvent, Value } from '../messages.ts';
import { type StepResult, step } from '../step.ts';
import { deedText } from './decisions.ts';
import { AT_ONCE_MS, modelled } from './outcomes.ts';
import type { Recorded, Recording } from './recording.ts';

/** A recorded step that comes so soon after a timer is due, ms, is waited for: the manager that was recorded made its steps a little late too. */
const LATE_MS = 100;

/** What could not be taken from the recording, or was left out of it. */
export interface Departures {
  /** Commands that only this course gives, whose outcome was modelled. */
  modelled: number;
  /** Outcomes of commands that this course does not give. */
  outcomes: number;
  /** Answers of people to what this course does not ask. */
  answers: number;
  /** Steps of its own, for its own timers and outcomes. */
  steps: number;
}

/** What a person was asked, whatever the id of the question. */
interface Asked {
  readonly policy: string;
  readonly element: string;
  readonly deed: string;
}

export class OtherCourse {
  readonly departures: Departures = { modelled: 0, outcomes: 0, answers: 0, steps: 0 };
  readonly #state: State;
  readonly #derived: Derived;
  readonly #documentOf: (recorded: string) => string;
  /** By the id that a command had in the recording: the one it has here. */
  readonly #ids = new Map<string, string>();
  readonly #asked = new Map<string, Asked>();
  /** `element\tproperty` of which the recording has measured values. */
  readonly #measured = new Set<string>();
  /** Modelled outcomes that are still to come, and when: all the same time after their command, and so in order. */
  #coming: { readonly at: number; readonly event: OutcomeEvent }[] = [];
  /** The configuration in force is the recorded one: what the recorded manager had no step for, this has none for either. */
  #same: boolean;
  readonly #isWhole: boolean;
  #begun = false;

  /** @param documentOf the configuration that is in force here while the given one was in force there, both as text */
  constructor({ state, derived, isWhole }: Omit<Recording, 'steps'>, documentOf: (recorded: string) => string) {
    this.#state = state;
    this.#isWhole = isWhole;
    this.#same = isWhole;
    this.#derived = derived;
    this.#documentOf = documentOf;
    for (const { key } of state.commands.rows()) this.#ids.set(key, key);
    for (const { id, policy, element, command, target, params } of state.advice.rows())
      this.#asked.set(id, { policy, element, deed: askedDeed(command, target, params) });
  }

  /** The steps up to and with a recorded one, to be given in order. */
  *follow(recorded: Recorded): IterableIterator<StepResult> {
    const isRestart = recorded.events.some(({ kind }) => kind === 'started');
    for (let at = this.#next(recorded.now, isRestart); at < recorded.now; at = this.#next(recorded.now, isRestart)) {
      this.departures.steps++;
      yield this.#step(this.#take(at), at, []);
    }
    const events = this.#here(recorded.events);
    const mine = this.#coming.length === 0 ? [] : this.#take(recorded.now);
    yield this.#step(mine.length === 0 ? events : [...mine, ...events], recorded.now, recorded.entries);
    for (const entry of recorded.entries) this.#noteAsked(entry);
  }

  /** When this course wants a step of its own before that instant; Infinity: it does not. Nobody decided while no manager ran. */
  #next(before: number, isRestart: boolean): number {
    const outcome = this.#coming[0]?.at ?? Number.POSITIVE_INFINITY;
    const due = isRestart || this.#same ? null : this.#state.nextDue();
    const timer = due === null || before - due <= LATE_MS ? Number.POSITIVE_INFINITY : Math.max(due, this.#state.position.now + 1);
    return Math.min(outcome, timer);
  }

  #take(now: number): Event[] {
    const events = this.#coming.filter(({ at }) => at <= now).map(({ event }) => event);
    if (events.length > 0) this.#coming = this.#coming.filter(({ at }) => at > now);
    return events;
  }

  #step(events: readonly Event[], now: number, entries: readonly JournalEntry[]): StepResult {
    const result = step(this.#state, this.#derived, events, now);
    if (result.commands.length > 0) this.#answer(result.commands, entries);
    return result;
  }

  /** A command that was given in the recorded step too has what came of it there to come; any other what is modelled. */
  #answer(commands: readonly Command[], entries: readonly JournalEntry[]): void {
    const given = entries.filter(({ kind }) => kind === 'command');
    for (const command of commands) {
      const deed = deedText(command.command, command.params);
      const place = given.findIndex(({ element, data }) => element === command.element && deed === deedIn(data));
      const twin = place < 0 ? undefined : given.splice(place, 1)[0];
      if (twin?.command !== undefined) this.#ids.set(twin.command, command.id);
      else if (!isOwn(command)) {
        this.departures.modelled++;
        this.#coming.push({ at: command.issuedAt + AT_ONCE_MS, event: this.#model(command) });
      }
    }
  }

  #model(command: Command): OutcomeEvent {
    const type = this.#state.elements.get(command.element)?.document.type;
    const commandType = type === undefined ? undefined : this.#derived.blueprint.types.get(type)?.commands.get(command.command);
    return modelled(command, commandType, (property) => this.#measured.has(`${command.element}\t${property}`));
  }

  /** The recorded events as they come here. */
  #here(recorded: readonly Event[]): readonly Event[] {
    const events: Event[] = [];
    const before = this.#begun ? undefined : this.#state.setup.get('setup')?.document;
    this.#begun = true;
    if (before !== undefined) events.push({ kind: 'configured', document: this.#configure(before) });
    for (const event of recorded) {
      const here = this.#one(event);
      if (here !== undefined) events.push(here);
    }
    return events;
  }

  #one(event: Event): Event | undefined {
    switch (event.kind) {
      case 'observation':
        this.#measured.add(`${event.element}\t${event.property}`);
        return event;
      case 'configured':
        return { kind: 'configured', document: this.#configure(event.document) };
      case 'outcome':
      case 'withheld': {
        const command = this.#ids.get(event.command);
        if (command !== undefined) return { ...event, command };
        if (event.kind === 'outcome') this.departures.outcomes++;
        return undefined;
      }
      case 'answered':
        return this.#answered(event);
      default:
        return event;
    }
  }

  #configure(recorded: string): string {
    const document = this.#documentOf(recorded);
    this.#same = this.#isWhole && document === recorded;
    return document;
  }

  /** What people said of a question holds for the same question here, if it is open. */
  #answered(event: AnsweredEvent): AnsweredEvent | undefined {
    const asked = this.#asked.get(event.advice);
    const row =
      asked &&
      pendingAdvice(this.#state).find(
        ({ policy, element, command, target, params }) =>
          policy === asked.policy && element === asked.element && askedDeed(command, target, params) === asked.deed,
      );
    if (row !== undefined) return { ...event, advice: row.id };
    this.departures.answers++;
    return undefined;
  }

  #noteAsked({ kind, policy, element, data }: JournalEntry): void {
    if (kind !== 'advice' || data.is !== 'asked') return;
    const deed = askedDeed(String(data.command), String(data.target), data.params as Readonly<Record<string, Value>>);
    this.#asked.set(String(data.id), { policy: policy!, element: element!, deed });
  }
}

const deedIn = (data: JournalEntry['data']): string => deedText(String(data.command), data.params as Readonly<Record<string, Value>>);

const askedDeed = (command: string, target: string, params: Readonly<Record<string, Value>>): string =>
  `${deedText(command, params)} on ${target}`;
