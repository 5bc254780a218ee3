/** Elements that make themselves known by what they send. */

import type { Clock } from '../../clock.ts';
import { type Static, Type } from '../../documents/schema.ts';
import { type ElementDocument, Name, Value } from '../../messages.ts';

const DEFAULT_MAX = 1_000;
/** One that was told and is not in the model by then is told again. */
const AGAIN_MS = 10_000;

export const AppearOptions = Type.Object(
  {
    type: { ...Name, description: 'the type of elements that appear' },
    labels: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'of each that appears' })),
    properties: Type.Optional(Type.Record(Type.String(), Value, { description: 'of each that appears' })),
    max: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: `how many may appear by this probe in one life of the manager; ${DEFAULT_MAX} if not given`,
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'elements that are named by a message and not in the model are made, of this type; refused if not given',
  },
);
export type AppearOptions = Readonly<Static<typeof AppearOptions>>;

export interface AppearingPorts {
  readonly clock: Clock;
  readonly known: (element: string) => boolean;
  readonly tell: (element: string, document: ElementDocument) => void;
}

export class Appearing {
  readonly #options: AppearOptions | undefined;
  readonly #ports: AppearingPorts;
  /** When each was told. */
  readonly #told = new Map<string, number>();

  constructor(options: AppearOptions | undefined, ports: AppearingPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Whether the model has the element, or will have it before it sees what is told next. */
  has(element: string): boolean {
    const { clock, known, tell } = this.#ports;
    if (known(element)) return true;
    if (this.#options === undefined) return false;
    const { type, labels, properties, max = DEFAULT_MAX } = this.#options;
    const told = this.#told.get(element);
    if (told === undefined && this.#told.size >= max) return false;
    if (told !== undefined && clock.now() - told < AGAIN_MS) return true;
    this.#told.set(element, clock.now());
    tell(element, { type, ...(labels && { labels }), ...(properties && { properties }) });
    return true;
  }

  /** Why an element is refused. */
  complaint(element: string): string {
    const { max = DEFAULT_MAX } = this.#options ?? {};
    return this.#options === undefined
      ? `no element is named "${element}"; declare it, or let such elements "appear"`
      : `"${element}" is not let in: ${max} elements have appeared already ("appear": { "max" })`;
  }
}
