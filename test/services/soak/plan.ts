/** The faults of a soak, drawn from its seed: decks that are shuffled, so that each kind has its share however long it runs. */
import { random } from '../faults/random.ts';

export const KINDS = [
  'kill a manager',
  'freeze a manager',
  'restart the broker',
  'kill the broker',
  'kill InfluxDB',
  'restart InfluxDB',
  'cut the network',
  'fill the disk',
] as const;
export type Kind = (typeof KINDS)[number];

/** How often each comes in a deck of eighteen: half an hour of one every 20 s has 20 kills of managers and 15 freezes. */
const DECK: Readonly<Record<Kind, number>> = {
  'kill a manager': 4,
  'freeze a manager': 3,
  'restart the broker': 2,
  'kill the broker': 1,
  'kill InfluxDB': 2,
  'restart InfluxDB': 1,
  'cut the network': 3,
  'fill the disk': 2,
};

export interface Fault {
  readonly kind: Kind;
  /** Whom, of several; one more than there are: who has the agent's place, and so carries out commands. */
  readonly which: number;
  /** For how long, ms. */
  readonly ms: number;
  /** Whether those who are cut off hear nothing at all, or that their connections are refused. */
  readonly silent: boolean;
}

export function planOf(seed: number, count: number, managers: number, left: readonly Kind[] = []): Fault[] {
  const chance = random(seed);
  const faults: Fault[] = [];
  while (faults.length < count) {
    const deck = KINDS.filter((kind) => !left.includes(kind)).flatMap((kind) => Array.from({ length: DECK[kind] }, () => kind));
    while (deck.length > 0 && faults.length < count) {
      const [kind] = deck.splice(Math.floor(chance() * deck.length), 1);
      const long = kind === 'freeze a manager' || kind === 'cut the network' || kind === 'fill the disk';
      const ms = Math.round(long ? 3_000 + chance() * 9_000 : 200 + chance() * 4_000);
      faults.push({ kind: kind!, which: chance() < 0.5 ? managers : Math.floor(chance() * managers), ms, silent: chance() < 0.5 });
    }
  }
  return faults;
}
