/** The limits of a container that an update may set, in the units of people and in those of the engine. */
import type { Value } from '../../messages.ts';
import type { Order, Result } from './actuator.ts';
import { refused } from './results.ts';

interface Limits {
  readonly HostConfig: { readonly Memory?: number; readonly MemorySwap?: number };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1_024, m: 1_024 ** 2, g: 1_024 ** 3 };

/** Bytes: a number, or a text such as 512m. NaN: neither. */
function bytesOf(value: Value): number {
  if (typeof value === 'number') return value;
  const [, number, unit] = /^([0-9]+(?:\.[0-9]+)?)([bkmg]?)b?$/i.exec(String(value)) ?? [];
  return number === undefined ? Number.NaN : Math.round(Number(number) * UNITS[unit!.toLowerCase()]!);
}

const asWhole = (value: Value): number => (typeof value === 'number' && Number.isInteger(value) ? value : Number.NaN);

/** By parameter: the name in the engine, and the value there. */
const KNOWN: Readonly<Record<string, readonly [name: string, of: (value: Value) => number]>> = {
  cpus: ['NanoCpus', (value) => (typeof value === 'number' && value >= 0 ? Math.round(value * 1e9) : Number.NaN)],
  cpuShares: ['CpuShares', asWhole],
  memory: ['Memory', bytesOf],
  memorySwap: ['MemorySwap', bytesOf],
  pidsLimit: ['PidsLimit', asWhole],
};

const refusal = (detail: string) => ({ refusal: refused(detail) });

/** What an update asks for; the parameter `to` is the limit that the command's resource names. Refusal: it asks for what is no limit. */
export function limitsAsked(
  { command }: Order,
  { HostConfig }: Limits,
): { readonly limits: Readonly<Record<string, number>> } | { readonly refusal: Result } {
  const limits: Record<string, number> = {};
  for (const [param, value] of Object.entries(command.params)) {
    const name = param === 'to' ? command.resource : param;
    const known = KNOWN[name];
    if (!known) return refusal(`update knows no limit "${name}"; known: ${Object.keys(KNOWN).join(', ')}`);
    limits[known[0]] = known[1](value);
    if (Number.isNaN(limits[known[0]])) return refusal(`${name} cannot be ${JSON.stringify(value)}`);
  }
  if (Object.keys(limits).length === 0) return refusal(`update needs a limit: ${Object.keys(KNOWN).join(', ')}`);
  // The engine takes no more memory than the sum of memory and swap that was set before, be that none: so both are sent. What may be swapped stays as
  // large as it was; where nothing was limited it becomes as large as the memory, as it does for a new container.
  const { Memory = 0, MemorySwap = 0 } = HostConfig;
  if (limits.Memory !== undefined && limits.MemorySwap === undefined)
    limits.MemorySwap = MemorySwap < 0 ? -1 : limits.Memory + (MemorySwap > 0 ? Math.max(0, MemorySwap - Memory) : limits.Memory);
  return { limits };
}
