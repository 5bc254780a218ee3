/** The fail points of a manager's life, and what a life tells its test: read by both processes. */

/** Moments at which a life may end itself, in the order in which a command passes them. */
export const POINTS = [
  'beforeCommit',
  'afterCommit',
  'beforeFlush',
  'afterFlush',
  'beforeDispatch',
  'beforeSpawn',
  'afterSpawn',
  'afterDispatch',
  'beforeOutcome',
  'afterOutcome',
  'beforeInquiry',
  'afterInquiry',
] as const;
export type Point = (typeof POINTS)[number];

/** What the process of a life is told by its argument, as JSON. */
export interface Life {
  /** The manager file. */
  readonly file: string;
  /** Where it notes, by itself and at once, which steps it began and finished to commit. */
  readonly commits: string;
  /** At which passing of which point it ends: the first is 1. Null: it lives until it is stopped. */
  readonly dieAt: { readonly point: Point; readonly time: number } | null;
}

/** What a life tells after each step. */
export interface Told {
  readonly step: number;
  readonly wanted: number | null;
  readonly beat: number | null;
  readonly members: readonly { readonly element: string; readonly state: string | null; readonly pid: number | null }[];
  /** Commands without outcome, or whose effect is awaited. */
  readonly inFlight: number;
}
