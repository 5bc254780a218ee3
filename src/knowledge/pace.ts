/** How often and how fast a policy may act, as the step reads it. */

/** The way a proposal moves the property of its command. Without a number to compare it is `up`. */
export type Direction = 'up' | 'down';

export interface Allowance {
  /** As a number, or in percent of the value at the beginning of the period. */
  readonly by: number | null;
  readonly percent: number | null;
  readonly perMs: number;
}

/** When a policy may act: a pure function of the instant. */
export interface Schedule {
  /** Whether it is open at an instant; if not, when it opens next, null: never. Not sure: it does not open before, and is to be asked again then. */
  readonly at: (now: number) => { readonly open: boolean; readonly next: number | null; readonly sure: boolean };
  readonly text: string;
}

export interface Pace {
  /** A cooldown by direction or target; a plain one is the policy's `cooldownMs`. */
  readonly cooldown: { readonly upMs: number; readonly downMs: number; readonly per: 'policy' | 'target' } | undefined;
  readonly stabilise: Readonly<Partial<Record<Direction, { readonly overMs: number; readonly take: 'min' | 'max' }>>> | undefined;
  readonly rate: (Readonly<Partial<Record<Direction, readonly Allowance[]>>> & { readonly select: 'max' | 'min' }) | undefined;
  readonly schedule: Schedule | undefined;
  /** How long a breaker is open before one command is let through; null: until a person resumes it. */
  readonly probeAfterMs: number | null;
  /** Whether people are told when the breaker opens. */
  readonly notify: boolean;
}

/** The longest that a move of a target is asked for: by a cooldown per target, or by a rate. 0: never. */
export const targetMemoryMs = ({ cooldown, rate }: Pace): number =>
  Math.max(
    0,
    ...(cooldown?.per === 'target' ? [cooldown.upMs, cooldown.downMs] : []),
    ...[...(rate?.up ?? []), ...(rate?.down ?? [])].map((allowance) => allowance.perMs),
  );

/** The longest that a proposal is remembered. */
export const proposalMemoryMs = ({ stabilise }: Pace): number => Math.max(stabilise?.up?.overMs ?? 0, stabilise?.down?.overMs ?? 0);
