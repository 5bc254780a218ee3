/** What was written to a partition is taken in once, in order: signals all, observations but for those that were dropped by the rule and counted. */
import type { Signal } from '../../../../src/messages.ts';
import type { PartitionTrace, ServicesChecker } from '../trace.ts';

/** They come from the log alone; all others a manager also tells itself. */
const FROM_THE_LOG: ReadonlySet<Signal['kind']> = new Set(['outcome', 'appeared', 'vanished', 'pause', 'resume', 'answered', 'probe']);

export const inputs: ServicesChecker = {
  name: 'inputs',
  check: ({ partitions, names }) => {
    for (const partition of partitions) {
      const found = signalsOf(partition, names.signals) ?? telemetryOf(partition, names.observations);
      if (found !== undefined) return { ...found, message: `partition ${partition.partition}: ${found.message}` };
    }
    return undefined;
  },
};

function signalsOf({ entries, signals }: PartitionTrace, topic: string) {
  let [from, at] = [0, 0];
  for (const { value } of entries) {
    const to = value.next[topic] ?? from;
    if (to < from) return { step: value.step, message: `reading of signals went back from ${from} to ${to}` };
    const written: string[] = [];
    for (; at < signals.length && signals[at]!.record.offset < to; at++) {
      const signal = signals[at]!.value;
      if (signal !== undefined && FROM_THE_LOG.has(signal.kind)) written.push(JSON.stringify(signal));
    }
    const taken = value.signals.filter(({ kind }) => FROM_THE_LOG.has(kind)).map((signal) => JSON.stringify(signal));
    const other = written.findIndex((text, i) => text !== taken[i]);
    if (other >= 0 || written.length !== taken.length) {
      const i = other >= 0 ? other : written.length;
      return {
        step: value.step,
        message: `signal ${i} between ${from} and ${to} was ${written[i] ?? 'none'}; taken in was ${taken[i] ?? 'none'}`,
      };
    }
    from = to;
  }
  return undefined;
}

function telemetryOf({ entries, observations }: PartitionTrace, topic: string) {
  let from = 0;
  for (const { value } of entries) {
    const to = value.next[topic] ?? from;
    const [first, last] = value.telemetry;
    if (typeof first === 'number' && (first !== from || last !== to))
      return {
        step: value.step,
        message: `observations from ${first} to ${String(last)} were taken in; reading stood at ${from} and went on at ${to}`,
      };
    if (typeof first === 'object') {
      // What is listed was written there, and is not more than that.
      const within = observations.filter(({ record }) => record.offset >= from && record.offset < to).flatMap((one) => one.value ?? []);
      const there = new Set(within.map(({ element, property, time, source }) => JSON.stringify([element, property, time, source])));
      for (const one of value.telemetry as readonly (typeof within)[number][]) {
        const { element, property, time, source } = one;
        if (!there.has(JSON.stringify([element, property, time, source])))
          return { step: value.step, message: `${element} ${property} of ${time} was taken in, and is not between ${from} and ${to}` };
      }
    }
    from = to;
  }
  return undefined;
}
