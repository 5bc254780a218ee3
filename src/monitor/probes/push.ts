/**
 * The push probe: its values come from outside, POSTed to the manager's API. It exists so that an element and an interval are declared for them:
 * without one, silence could not be told from a value that still holds.
 */
import { type Static, Type } from '../../documents/schema.ts';
import type { ProbeKind } from './probe.ts';

const Options = Type.Object({}, { additionalProperties: false });
type Options = Static<typeof Options>;

export const pushKind: ProbeKind<Options> = {
  kind: 'push',
  description: 'values that others POST to the API of the manager, in the name of this probe',
  options: Options,
  create: () => ({ follow() {}, close: async () => {} }),
};
