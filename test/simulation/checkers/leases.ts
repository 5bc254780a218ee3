/** At most one command is in flight for one resource of one element. */
import type { Checker } from '../trace.ts';
import { Flight } from './flight.ts';
import { moments } from './stream.ts';

export const leases: Checker = {
  name: 'leases',
  check: ({ steps }) => {
    const flight = new Flight();
    for (const moment of moments(steps)) {
      flight.land(moment);
      for (const row of moment.issued) {
        for (const other of flight.sent()) {
          if (other.element === row.element && other.resource === row.resource) {
            return {
              step: moment.step,
              message: `${row.key} (${row.policy}) sets ${row.resource} of ${row.element}, which ${other.key} (${other.policy}) still holds`,
            };
          }
        }
        flight.launch(row);
      }
    }
    return undefined;
  },
};
