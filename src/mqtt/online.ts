/** The topic in which a device says that it lives, and its last will that it is dead. */
import { isUtf8 } from 'node:buffer';
import { type Static, Type } from '../documents/schema.ts';
import { Duration } from '../duration.ts';
import { HomeostatError } from '../errors.ts';
import { NAME_PATTERN } from '../messages.ts';
import { at, POINTER_PATTERN } from '../monitor/probes/pointer.ts';
import { TopicMeaning, Wildcards } from './mapping.ts';

const DEFAULT_ALIVE = ['online'];
const DEFAULT_DEAD = ['offline'];

export const LifeOptions = Type.Object(
  {
    property: Type.Optional(
      Type.String({
        pattern: NAME_PATTERN,
        description: 'the property that says whether the device lives, true or false; online if not given',
      }),
    ),
    topic: Type.Optional(Type.String({ minLength: 1, description: 'where it says so, and its last will the contrary' })),
    wildcards: Type.Optional(Wildcards),
    elementPrefix: Type.Optional(Type.String({ description: 'put before what the wildcards give' })),
    stateFrom: Type.Optional(
      Type.String({ pattern: POINTER_PATTERN, description: 'JSON pointer of its word; the whole payload if not given' }),
    ),
    bootFrom: Type.Optional(
      Type.String({
        pattern: POINTER_PATTERN,
        description: 'JSON pointer of the id of its life: the end of another life is not the end of this one',
      }),
    ),
    alive: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: 'the words for alive; online if not given' })),
    dead: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: 'the words for dead; offline if not given' })),
    heartbeat: Type.Optional({
      ...Duration,
      description: 'silence after which it is held dead, for those that freeze; never if not given',
    }),
  },
  { additionalProperties: false, description: 'makes a property that says whether the device lives' },
);
export type LifeOptions = Readonly<Static<typeof LifeOptions>>;

export interface LifeSaid {
  readonly element?: string;
  /** undefined: the broker has forgotten what it had kept. */
  readonly alive?: boolean;
  readonly boot?: string;
  readonly wrong?: string;
}

export class LifeReader {
  readonly #topics: TopicMeaning | undefined;
  readonly #stateFrom: string | undefined;
  readonly #bootFrom: string | undefined;
  readonly #words: ReadonlyMap<string, boolean>;

  /** @throws HomeostatError H007 if the options contradict each other */
  constructor(what: string, options: LifeOptions) {
    const refuse = (message: string) => new HomeostatError('H007', `${what}: ${message}`);
    const { topic, wildcards, elementPrefix = '', stateFrom, bootFrom, alive = DEFAULT_ALIVE, dead = DEFAULT_DEAD, heartbeat } = options;
    if (topic === undefined && heartbeat === undefined)
      throw refuse('give "topic", "heartbeat" or both: something must tell whether it lives');
    if (topic === undefined && [stateFrom, bootFrom, wildcards, options.alive, options.dead].some((one) => one !== undefined))
      throw refuse('"stateFrom", "bootFrom", "wildcards", "alive" and "dead" are of "topic", which is missing');
    if (bootFrom !== undefined && stateFrom === undefined) throw refuse('"bootFrom" needs "stateFrom": both are in one JSON document');
    const both = alive.find((word) => dead.includes(word));
    if (both !== undefined) throw refuse(`"${both}" cannot mean alive and dead`);
    this.#topics = topic === undefined ? undefined : new TopicMeaning(what, topic, wildcards, elementPrefix);
    this.#stateFrom = stateFrom;
    this.#bootFrom = bootFrom;
    this.#words = new Map([...alive.map((word) => [word, true] as const), ...dead.map((word) => [word, false] as const)]);
  }

  read(topic: string, payload: Buffer): LifeSaid {
    const { element, wrong } = this.#topics?.of(topic) ?? { element: undefined, wrong: undefined };
    const named = element === undefined ? {} : { element };
    if (wrong !== undefined) return { wrong };
    if (payload.length === 0) return named;
    if (!isUtf8(payload)) return { ...named, wrong: 'its payload is no text in UTF-8' };
    const text = payload.toString('utf8');
    let word: unknown = text.trim();
    let boot: unknown;
    if (this.#stateFrom !== undefined) {
      try {
        const document: unknown = JSON.parse(text);
        word = at(document, this.#stateFrom);
        boot = this.#bootFrom === undefined ? undefined : at(document, this.#bootFrom);
      } catch {
        return { ...named, wrong: 'its payload is not JSON' };
      }
    }
    const alive = this.#words.get(String(word));
    if (alive === undefined) return { ...named, wrong: `what it says is none of ${[...this.#words.keys()].join(', ')}` };
    return { ...named, alive, ...((typeof boot === 'string' || typeof boot === 'number') && { boot: String(boot) }) };
  }
}
