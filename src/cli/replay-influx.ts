/** The recording that the InfluxDB of a manager file holds, where its folder does not reach back so far, or is elsewhere. */
import { SystemClock } from '../clock.ts';
import { environment, loadConfiguration } from '../config.ts';
import { recordingOf } from '../courses/past-recording.ts';
import type { Recording } from '../courses/recording.ts';
import { HomeostatError } from '../errors.ts';
import { Connection } from '../history/connection.ts';
import { layoutOf } from '../history/layout.ts';
import { Questions } from '../history/questions.ts';
import { pastSpan } from '../history/recorded.ts';
import { warm } from '../history/warm.ts';

/** @param file the manager file, whose configuration is taken for the one that was in force. @throws HomeostatError if it has mistakes or names no InfluxDB, and InfluxError */
export async function recordingOfInflux(file: string, from: number, to: number): Promise<Recording> {
  const { configuration, findings } = loadConfiguration(file);
  if (configuration === undefined)
    throw new HomeostatError(findings[0]?.code ?? 'H003', `${file} has mistakes, so that its InfluxDB is not asked`, { findings });
  const { manager, setup, blueprint, directory } = configuration;
  const influx = manager.history?.influx;
  if (influx === undefined)
    throw new HomeostatError('H501', `${file} names no InfluxDB under history; leave --influx out, to replay what its folder holds`);
  const connection = new Connection(influx, { clock: new SystemClock(), environment: environment(), directory });
  try {
    const elements = Object.keys(setup.elements).sort();
    const before = await warm(new Questions(connection), {
      blueprint,
      elements: setup.elements,
      batch: setup.limits.batch,
      backMs: layoutOf(influx).warmMs,
      now: from,
    });
    const span = await pastSpan(connection, elements, from, to);
    if (span.readings.length + span.observations.length === 0)
      throw new HomeostatError('H501', `${connection.place} holds nothing of that time, of the elements that ${file} names`);
    const typeOf = (element: string) => setup.elements[element]?.type;
    return recordingOf({ blueprint, typeOf, document: JSON.stringify(setup), from, to, before, span });
  } finally {
    connection.close();
  }
}
