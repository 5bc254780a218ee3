/** From what a file says of a gauge to the gauge. */
import { Errors } from 'typebox/schema';
import type { GaugeDocument } from '../../documents/manager.ts';
import { HomeostatError } from '../../errors.ts';
import { nearest } from '../../suggest.ts';
import type { Gauge, GaugeKind } from './gauge.ts';
import { GAUGE_KINDS } from './index.ts';

export { countChildren, foldChildren } from './rollup.ts';

/** @throws HomeostatError H005 for an unknown kind, H007 for options that do not fit it, H107 for a wrong expression. */
export function createGauge({ kind: name, ...options }: GaugeDocument): Gauge {
  const kind = GAUGE_KINDS.find((k) => k.kind === name);
  if (kind === undefined) {
    const kinds = GAUGE_KINDS.map((k) => k.kind);
    throw new HomeostatError('H005', `there is no gauge "${name}"${nearest(name, kinds) || `; known: ${kinds.join(', ')}`}`);
  }
  const known = Object.keys((kind.options as { properties?: object }).properties ?? {});
  const stranger = Object.keys(options).find((option) => !known.includes(option));
  if (stranger !== undefined) throw new HomeostatError('H007', `gauge "${name}" has no option "${stranger}"${nearest(stranger, known)}`);
  const [, [wrong]] = Errors(kind.options, options);
  if (wrong !== undefined) throw new HomeostatError('H007', `gauge "${name}": ${wrong.instancePath.slice(1) || 'it'} ${wrong.message}`);
  return (kind as GaugeKind<typeof options>).create(options);
}
