/** Who is told of which message. Several may ask for one filter: the broker is asked once. */
import type { Subscription } from './connection.ts';
import { isPattern, matches } from './filters.ts';
import type { Arrived } from './frames.ts';

/** The number of all subscriptions without wildcards: they are told apart by their topic. */
export const EXACT = 1;
/** Numbers that MQTT has for subscriptions. */
const LAST_NUMBER = 268_435_455;
/** Topics whose routes are remembered. */
const REMEMBERED = 50_000;

/** One filter, as the broker is asked for it. */
export class Route {
  readonly filter: string;
  readonly number: number;
  readonly takers: Subscription[] = [];
  /** Itself: nearly every message is for one route. */
  readonly alone: readonly Route[] = [this];
  qos: 0 | 1 = 0;
  /** Whether some taker acknowledges by itself. */
  later = false;
  /** What the broker has said in this connection; undefined: nothing yet. */
  granted: boolean | undefined;
  /** Topics that are known to fit the filter. */
  readonly #fitting = new Set<string>();

  constructor(filter: string, number: number) {
    this.filter = filter;
    this.number = number;
  }

  fits(topic: string): boolean {
    if (this.#fitting.has(topic)) return true;
    if (!matches(this.filter, topic)) return false;
    if (this.#fitting.size >= REMEMBERED) this.#fitting.clear();
    this.#fitting.add(topic);
    return true;
  }

  weigh(): void {
    this.qos = this.takers.some((taker) => taker.qos === 1) ? 1 : 0;
    this.later = this.takers.some((taker) => taker.acknowledged === 'later');
  }
}

const NOBODY: readonly Route[] = [];

export class Routes {
  readonly #byFilter = new Map<string, Route>();
  readonly #patterns = new Map<number, Route>();
  #next = EXACT + 1;
  /** By topic, where the broker does not say for whom a message is. */
  #remembered = new Map<string, readonly Route[]>();

  add(subscription: Subscription): Route {
    const { filter } = subscription;
    let route = this.#byFilter.get(filter);
    if (route === undefined) {
      const pattern = isPattern(filter);
      route = new Route(filter, pattern ? this.#number() : EXACT);
      this.#byFilter.set(filter, route);
      if (pattern) this.#patterns.set(route.number, route);
      this.#remembered.clear();
    }
    route.takers.push(subscription);
    route.weigh();
    return route;
  }

  /** True: nobody asks for the filter any more. */
  remove(subscription: Subscription): boolean {
    const route = this.#byFilter.get(subscription.filter);
    const at = route?.takers.indexOf(subscription) ?? -1;
    if (route === undefined || at < 0) return false;
    route.takers.splice(at, 1);
    route.weigh();
    if (route.takers.length > 0) return false;
    this.#byFilter.delete(route.filter);
    this.#patterns.delete(route.number);
    this.#remembered.clear();
    return true;
  }

  all(): readonly Route[] {
    return [...this.#byFilter.values()];
  }

  /** Those whom a message is for. */
  of({ topic, subscriptions }: Arrived): readonly Route[] {
    if (subscriptions.length === 1) {
      // A number that we do not know is of an earlier life, whose session we have taken up.
      const route = subscriptions[0] === EXACT ? this.#byFilter.get(topic) : this.#patterns.get(subscriptions[0]!);
      if (route !== undefined && (route.number === EXACT || route.fits(topic))) return route.alone;
    }
    let routes = this.#remembered.get(topic);
    if (routes === undefined) {
      const exact = this.#byFilter.get(topic);
      const found = [...this.#patterns.values()].filter((route) => matches(route.filter, topic));
      routes = exact === undefined ? (found.length === 0 ? NOBODY : found) : [exact, ...found];
      if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
      this.#remembered.set(topic, routes);
    }
    if (subscriptions.length < 2) return routes;
    const meant = routes.filter((route) => subscriptions.includes(route.number));
    return meant.length > 0 ? meant : routes;
  }

  #number(): number {
    while (this.#patterns.has(this.#next) || this.#next <= EXACT) this.#next = this.#next >= LAST_NUMBER ? EXACT + 1 : this.#next + 1;
    return this.#next++;
  }
}
