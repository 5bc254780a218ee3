/** The system that all benchmarks share: 1,000 elements of ten properties, 100 policies of three comparisons each. A seed decides the numbers. */

import { limitsOf } from '../dist/config.js';

/** Mulberry32 (Tommy Ettinger, 2017): the same numbers in every run. */
export function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const PROPERTIES = Array.from({ length: 10 }, (_, i) => `p${i}`);

/** Policies of three comparisons, each of which holds for a share of the values: with a quarter, all three together about once in sixty. */
export function policies(count, seed = 1, share = 0.25) {
  const next = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const facts = [...PROPERTIES].sort(() => next() - 0.5).slice(0, 3);
    return {
      name: `policy-${String(i).padStart(4, '0')}`,
      scope: { type: 'server' },
      priority: 1 + (i % 10),
      conditions: {
        all: facts.map((fact) => ({
          fact,
          operator: next() < 0.5 ? 'greaterThan' : 'lessThan',
          value: Math.round(1000 * (0.5 + (next() - 0.5) * 0.98)) / 10,
        })),
      },
      cooldown: '1h',
      actions: [{ command: 'note' }],
    };
  }).map((policy) => ({
    ...policy,
    conditions: { all: policy.conditions.all.map((c) => ({ ...c, value: 100 * (c.operator === 'greaterThan' ? 1 - share : share) })) },
  }));
}

export const elementIds = (count) => Array.from({ length: count }, (_, i) => `farm/s${String(i).padStart(5, '0')}`);

/** `properties`: names of last values that never grow stale, or what each property is. */
export function managerDocument(elements, more = {}, properties = [...PROPERTIES, 'alarm']) {
  return {
    domain: 'farm',
    mode: 'act',
    types: {
      farm: {},
      server: {
        properties: Array.isArray(properties) ? Object.fromEntries(properties.map((p) => [p, { stale: 'never' }])) : properties,
        commands: {
          note: { actuator: 'sink', resource: 'note', idempotent: true },
          answer: { actuator: 'sink', resource: 'answer', idempotent: true },
        },
      },
    },
    elements: { farm: { type: 'farm' }, ...Object.fromEntries(elementIds(elements).map((id) => [id, { type: 'server' }])) },
    actuators: { sink: { kind: 'set' } },
    ...more,
  };
}

/** Measurements as machines give them: each property of each element wanders between 0 and 100 in steps of at most 1. */
export function wandering(elements, seed) {
  const next = random(seed);
  const ids = elementIds(elements);
  const values = ids.map(() => PROPERTIES.map(() => next() * 100));
  return () => {
    const [e, p] = [Math.floor(next() * elements), Math.floor(next() * PROPERTIES.length)];
    const moved = values[e][p] + (next() - 0.5) * 2;
    values[e][p] = moved < 0 ? -moved : moved > 100 ? 200 - moved : moved;
    return { element: ids[e], property: PROPERTIES[p], value: Math.round(values[e][p] * 10) / 10 };
  };
}

/** The text of a setup, as a manager is configured with. `properties` as in `managerDocument`. */
export function setupText(documents, elementCount, properties, limits = limitsOf()) {
  const { domain, mode, types, elements } = managerDocument(elementCount, {}, properties);
  const sources = documents.map((document, i) => ({
    name: document.name,
    file: 'bench',
    pointer: `/${i}`,
    version: '1',
    document,
    named: {},
  }));
  return JSON.stringify({ domain, mode, types, elements, policies: sources, budgets: [], limits });
}

export function percentile(sorted, q) {
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
}

/** The same on other properties: each policy compares all of them with values that are never reached. */
export const policiesOn = (properties, count) =>
  policies(count).map((policy) => ({
    ...policy,
    conditions: { all: properties.map((fact) => ({ fact, operator: 'greaterThan', value: 1e9 })) },
  }));
