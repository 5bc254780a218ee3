/** A group at the broker: who is in it, which generation they are of, and what each of them has. Rebalances are eager: everybody joins again. */
import type { Cancel, Clock } from '../../../src/clock.ts';
import type { Offsets } from '../../../src/log/log.ts';
import { NotAMember } from './link.ts';

export interface Place {
  readonly member: string;
  readonly generation: number;
  readonly partitions: readonly number[];
}

interface Seat {
  /** Of the client. */
  readonly name: string;
  readonly sessionMs: number;
  heardAt: number;
  /** Answers the request to join; absent: it has not joined the generation that is being made. */
  joining: ((place: Place) => void) | undefined;
  expiry: Cancel;
}

/** How many session timeouts a rebalance waits at most for members that do not join again. */
const PATIENCE = 3;

export class Group {
  readonly #clock: Clock;
  readonly #partitions: number;
  readonly #spread: 'share' | 'single';
  readonly #rebalanceMs: number;
  readonly #seats = new Map<string, Seat>();
  readonly #noted = new Map<number, Offsets>();
  #generation = 0;
  #joined = 0;
  #phase: 'stable' | 'rebalancing' = 'stable';
  #giveUp: Cancel = () => {};
  readonly #assigned: (name: string, partitions: readonly number[]) => void;

  /** `assigned`: told of each client that is given a place, and what it has there. */
  constructor(
    clock: Clock,
    partitions: number,
    spread: 'share' | 'single',
    rebalanceMs: number,
    assigned: (name: string, partitions: readonly number[]) => void = () => {},
  ) {
    this.#assigned = assigned;
    this.#rebalanceMs = rebalanceMs;
    this.#clock = clock;
    this.#partitions = partitions;
    this.#spread = spread;
  }

  get members(): readonly string[] {
    return [...this.#seats.keys()];
  }

  get noted(): ReadonlyMap<number, Offsets> {
    return this.#noted;
  }

  /** Answers when all members have joined, and all have a place. Returns the member's id at once. */
  join(member: string | undefined, name: string, sessionMs: number, then: (place: Place) => void): string {
    const id = member !== undefined && this.#seats.has(member) ? member : `${name}-${++this.#joined}`;
    const seat: Seat = this.#seats.get(id) ?? { name, sessionMs, heardAt: 0, joining: undefined, expiry: () => {} };
    seat.heardAt = this.#clock.now();
    seat.joining = then;
    this.#seats.set(id, seat);
    this.#rebalance();
    return id;
  }

  /** 'rebalance': join again. @throws NotAMember */
  heartbeat(member: string, generation: number): 'good' | 'rebalance' {
    const seat = this.#seats.get(member);
    if (seat === undefined) throw new NotAMember('the group does not know us any more');
    seat.heardAt = this.#clock.now();
    if (this.#phase === 'rebalancing') return 'rebalance';
    if (generation !== this.#generation) throw new NotAMember('the group has gone on without us');
    return 'good';
  }

  leave(member: string): void {
    this.#seats.get(member)?.expiry();
    if (this.#seats.delete(member)) this.#rebalance();
  }

  note(partition: number, offsets: Offsets): void {
    this.#noted.set(partition, { ...this.#noted.get(partition), ...offsets });
  }

  #rebalance(): void {
    if (this.#phase === 'stable') {
      this.#phase = 'rebalancing';
      const sessions = PATIENCE * Math.max(...[...this.#seats.values()].map((seat) => seat.sessionMs), 0);
      const patience = Math.min(this.#rebalanceMs, sessions);
      this.#giveUp = this.#clock.after(patience, () => this.#goOnWithout());
    }
    this.#completeIfAll();
  }

  #goOnWithout(): void {
    for (const [id, seat] of this.#seats) if (seat.joining === undefined) this.#forget(id, seat);
    this.#completeIfAll();
  }

  #completeIfAll(): void {
    if (this.#phase !== 'rebalancing') return;
    if ([...this.#seats.values()].some((seat) => seat.joining === undefined)) return;
    this.#giveUp();
    this.#phase = 'stable';
    this.#generation++;
    const ids = [...this.#seats.keys()].sort();
    for (const [at, id] of ids.entries()) {
      const seat = this.#seats.get(id)!;
      const then = seat.joining!;
      seat.joining = undefined;
      seat.heardAt = this.#clock.now();
      seat.expiry();
      this.#watch(id, seat, seat.sessionMs);
      const partitions = this.#share(at, ids.length);
      this.#assigned(seat.name, partitions);
      then({ member: id, generation: this.#generation, partitions });
    }
  }

  #share(at: number, of: number): number[] {
    const all = Array.from({ length: this.#partitions }, (_, n) => n);
    if (this.#spread === 'single') return at === 0 ? all : [];
    return all.filter((n) => n % of === at);
  }

  /** Looks, when the session could be over, whether it is. */
  #watch(id: string, seat: Seat, ms: number): void {
    seat.expiry = this.#clock.after(ms, () => {
      if (this.#seats.get(id) !== seat) return;
      const silent = this.#clock.now() - seat.heardAt;
      if (seat.joining !== undefined || silent < seat.sessionMs) {
        this.#watch(id, seat, seat.joining !== undefined ? seat.sessionMs : seat.sessionMs - silent);
        return;
      }
      this.#forget(id, seat);
      this.#rebalance();
    });
  }

  #forget(id: string, seat: Seat): void {
    seat.expiry();
    this.#seats.delete(id);
  }
}
