/**
 * Whom the group has replaced begins nothing: what is carried out at a place is begun by the process to which the group has given it last. Who stood still together
 * with one clock while the other was set back cannot know it, until the group has told it its place again.
 */
import { placeOf } from '../../../../src/services/wire.ts';
import { stepOf } from '../../checkers/stream.ts';
import { CLUSTER } from '../manager-process.ts';
import type { ServicesChecker } from '../trace.ts';

export const replaced: ServicesChecker = {
  name: 'replaced',
  check: ({ entries, partitions }) => {
    const groups = new Map<string, string>();
    for (const { orders } of partitions)
      for (const { value } of orders)
        if (value.kind === 'command') groups.set(value.wire.command.id, `${CLUSTER}.agents.${placeOf(value.wire)}`);
    const owners = new Map<string, { readonly name: string; readonly at: number }>();
    const misled = new Set<string>();
    for (const entry of entries) {
      if (entry.kind === 'process' && entry.what === 'misled') misled.add(entry.name);
      if (entry.kind === 'assigned') {
        misled.delete(entry.name);
        if (entry.partitions.length > 0) owners.set(entry.group, entry);
      }
      if (entry.kind !== 'execute') continue;
      const { id } = entry.command;
      const owner = owners.get(groups.get(id) ?? '');
      if (owner !== undefined && owner.name !== entry.by && !misled.has(entry.by ?? ''))
        return {
          step: stepOf(id),
          message: `${entry.by} began ${id} ${entry.at - owner.at} ms after its place was given to ${owner.name}`,
        };
    }
    return undefined;
  },
};
