/** The host probe: the machine that the manager runs on. */
import { readFile, statfs } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import { NAME_PATTERN } from '../../messages.ts';
import type { ProbeKind, Sample } from './probe.ts';
import { sampler } from './sampler.ts';

const Options = Type.Object(
  {
    disks: Type.Optional(
      Type.Record(Type.String({ pattern: NAME_PATTERN }), Type.String({ minLength: 1 }), {
        additionalProperties: false,
        description: 'name → a path on the disk: { "root": "/" } publishes rootUsedShare and rootAvailableBytes',
      }),
    ),
  },
  { additionalProperties: false },
);
type Options = Static<typeof Options>;

/** CPU time since boot, in ticks. */
interface CpuTime {
  readonly busy: number;
  readonly all: number;
}

export const hostKind: ProbeKind<Options> = {
  kind: 'host',
  description: 'CPU, memory, disks and load of the machine that the manager runs on (Linux)',
  options: Options,
  create(options, context) {
    const disks = Object.entries(options.disks ?? {});
    let before: CpuTime | undefined;

    return sampler(async () => {
      const samples: Sample[] = [];
      const wrong: string[] = [];
      const [stat, meminfo] = await Promise.all([readFile('/proc/stat', 'utf8'), readFile('/proc/meminfo', 'utf8')]);

      const cpu = parseCpu(stat);
      if (before && cpu.all > before.all) {
        const share = (cpu.busy - before.busy) / (cpu.all - before.all);
        // The kernel may take back a few ticks of waiting (proc(5), iowait): what that does to the share is cut off.
        samples.push({ property: 'cpu', value: Math.min(1, Math.max(0, share)) });
      }
      before = cpu;

      const total = kilobytes(meminfo, 'MemTotal');
      const available = kilobytes(meminfo, 'MemAvailable');
      samples.push({ property: 'memoryUsedShare', value: 1 - available / total });
      samples.push({ property: 'memoryUsedBytes', value: (total - available) * 1_024 });
      samples.push({ property: 'memoryAvailableBytes', value: available * 1_024 });

      for (const [index, value] of loadavg().entries()) samples.push({ property: ['load1', 'load5', 'load15'][index]!, value });

      for (const [name, path] of disks) {
        try {
          const disk = await statfs(resolve(context.directory, path));
          const used = disk.blocks - disk.bfree;
          // As df counts it: what is kept back for the system is neither used nor to be had.
          const reachable = used + disk.bavail;
          if (reachable > 0) samples.push({ property: `${name}UsedShare`, value: used / reachable });
          samples.push({ property: `${name}AvailableBytes`, value: disk.bavail * disk.bsize });
        } catch (error) {
          wrong.push(`disk ${name}: ${messageOf(error)}`);
        }
      }
      return wrong.length === 0 ? { samples } : { samples, wrong: wrong.join('; ') };
    });
  },
};

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal; later fields are contained in user and nice (proc(5)). */
function parseCpu(stat: string): CpuTime {
  const ticks = stat.slice(0, stat.indexOf('\n')).trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, t) => sum + t, 0);
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all };
}

function kilobytes(meminfo: string, key: string): number {
  const found = new RegExp(`^${key}:\\s*(\\d+) kB$`, 'm').exec(meminfo)?.[1];
  if (found === undefined) throw new HomeostatError('H401', `/proc/meminfo does not say ${key}`);
  return Number(found);
}
