/** What a run is worth: the utility of SEAMS 2017 A, for each period. */

export const PERIOD_S = 60;
/** What comes before is not scored: the site warms up. */
export const SCORED_FROM_S = 900;
export const LIMIT_S = 0.75;
/** What one server takes at full dimmer, requests/s. */
const SERVER_RATE = 1 / 0.04452713;
/** What a server less is worth in a period, as long as all answers are whole. */
const SERVER_WORTH = 10;

/** @typedef {{ end: number, arrivalRate: number, servers: number, active: number, dimmer: number, responseTime: number, utility: number, late: boolean }} Period */

/**
 * The period that ends now. Servers and dimmer are means by time, so a dimmer that was down for part of it is not whole.
 * @param {import('./site.js').Site} site @returns {Period}
 */
export function periodOf(site) {
  const [from, end] = [site.now - PERIOD_S, site.now];
  const arrivalRate = site.arrivalRate(from, end);
  const responseTime = responseTimeOf(site, from, end);
  const [servers, active, dimmer] = [site.counts, site.actives, site.dimmers].map((level) => level.mean(from, end));
  const late = responseTime > LIMIT_S;
  const whole = dimmer > 1 - 1e-9;
  const utility = late
    ? 1.5 * Math.min(0, arrivalRate - site.maxServers * SERVER_RATE)
    : arrivalRate * (1 + 0.5 * dimmer) + (whole ? SERVER_WORTH * (site.maxServers - servers) : 0);
  return { end, arrivalRate, servers, active, dimmer, responseTime, utility, late };
}

/** Basic and optional times, weighted by how many there were; 0 if none were. */
export function responseTimeOf(site, from, to) {
  const [basic, optional] = [site.answered('basic', from, to), site.answered('optional', from, to)];
  const throughput = basic.throughput + optional.throughput;
  return throughput === 0 ? 0 : (basic.time * basic.throughput + optional.time * optional.throughput) / throughput;
}

/** @param {readonly Period[]} periods */
export function scoreOf(periods) {
  const scored = periods.filter(({ end }) => end > SCORED_FROM_S);
  return { score: scored.reduce((sum, { utility }) => sum + utility, 0), late: scored.filter(({ late }) => late).length };
}

/** A site with its periods, which are taken as it passes their ends. */
export class Scored {
  periods = [];
  #site;

  /** @param {import('./site.js').Site} site */
  constructor(site) {
    this.#site = site;
  }

  /** @param {number} until s */
  advance(until) {
    for (let end = PERIOD_S * (this.periods.length + 1); end <= until; end += PERIOD_S) {
      this.#site.advance(end);
      this.periods.push(periodOf(this.#site));
    }
    this.#site.advance(until);
  }

  get result() {
    return scoreOf(this.periods);
  }
}
