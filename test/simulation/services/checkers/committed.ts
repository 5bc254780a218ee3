/** Nothing is done that was not committed: behind each attempt is an order that readers could see by then, and it says the same. */
import type { Command } from '../../../../src/messages.ts';
import { stepOf } from '../../checkers/stream.ts';
import type { ServicesChecker } from '../trace.ts';

const deedOf = ({ policy, element, command, resource, params, actuator }: Command): string =>
  JSON.stringify({ policy, element, command, resource, params, actuator });

export const committed: ServicesChecker = {
  name: 'committed',
  check: ({ entries, partitions }) => {
    const orders = new Map<string, { readonly deed: string; readonly seenAt: number }>();
    for (const { orders: all } of partitions)
      for (const { record, value } of all)
        if (value.kind === 'command') orders.set(value.wire.command.id, { deed: deedOf(value.wire.command), seenAt: record.seenAt });
    for (const entry of entries) {
      if (entry.kind !== 'execute') continue;
      const { id } = entry.command;
      const order = orders.get(id);
      const step = stepOf(id);
      if (order === undefined) return { step, message: `${id} was carried out, and was never committed` };
      if (order.seenAt > entry.at) return { step, message: `${id} was carried out ${order.seenAt - entry.at} ms before it was committed` };
      if (order.deed !== deedOf(entry.command))
        return { step, message: `${id} was carried out as ${deedOf(entry.command)}; committed was ${order.deed}` };
    }
    return undefined;
  },
};
