/** `homeostat demo --canary`: a new version of the rules that makes things worse is tried on one of two farms, and withdrawn by itself. */
import { join } from 'node:path';
import { HomeostatError } from '../errors.ts';
import { FARMS, makeTwoPlaces } from './demo/canary-place.ts';
import { type CanaryRecording, CanaryScript } from './demo/canary-script.ts';
import { canaryPromises, summarizeCanary } from './demo/canary-summary.ts';
import { Farm } from './demo/farm.ts';
import { replayVerifies, verdictOf, write } from './demo/finish.ts';
import { type DemoOptions, type DemoSurroundings, EXAMPLE, MAIN } from './demo.ts';
import { showTime } from './text.ts';

/** Returns the exit status: 0 all promises kept, 1 one was broken. @throws HomeostatError when the surroundings failed */
export async function demoCanary({ name, folder, json, picture, servers }: DemoOptions, surroundings: DemoSurroundings): Promise<number> {
  if (name !== EXAMPLE) throw new HomeostatError('H501', `there is no demo "${name}"; known: ${EXAMPLE}`);
  if (picture !== undefined || servers !== undefined)
    throw new HomeostatError('H501', 'the canary runs embedded and draws no picture: leave out --picture, --kafka, --influx and --mqtt');
  const { clock, environment, stdout, stderr, signal, homeostat = MAIN } = surroundings;
  const places = await makeTwoPlaces(folder);
  const farmOf = (place: (typeof places)['stays']) => new Farm({ place, clock, environment, homeostat });
  const [stays, tried] = [farmOf(places.stays), farmOf(places.tried)];
  const out = json ? stderr : stdout;
  const lost = new AbortController();
  const script = new CanaryScript({
    stays,
    tried,
    clock,
    signal: AbortSignal.any([signal, lost.signal]),
    onDeed: ({ event, time }) => out.write(`${showTime(time, time)}  ${SAID[event] ?? event}\n`),
    onManagerLost: (how) =>
      lost.abort(new HomeostatError('H305', `the manager has ended by itself (${how}); see ${join(places.stays.folder, 'manager.log')}`)),
  });
  let recording: CanaryRecording;
  let replayed: boolean;
  try {
    recording = await script.play();
    await stays.stopManagers();
    replayed = await replayVerifies(homeostat, [places.stays.folder], environment);
  } finally {
    // The manager first, which would replace the servers of both.
    await stays.end();
    await tried.end();
  }
  const summary = summarizeCanary(recording, replayed);
  const promises = canaryPromises(summary);
  await write(join(places.stays.folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  if (json) stdout.write(`${JSON.stringify(summary)}\n`);
  else {
    stdout.write(`\nWhat the journal tells of it:\n${storyOf(recording).join('\n')}\n`);
    stdout.write(
      verdictOf(promises, `Count it again from the raw logs: node ${join(places.stays.folder, 'verify-canary.js')} ${places.stays.folder}`),
    );
  }
  const broken = promises.filter(({ kept }) => !kept);
  if (json) for (const { text } of broken) stderr.write(`broken: ${text}\n`);
  return broken.length === 0 ? 0 : 1;
}

const SAID: Readonly<Record<string, string>> = {
  managerStarted: 'the manager is started',
  ready: 'two farms of three servers each serve 45 requests a second each',
  tried: 'a new version of the rules is named in the manager file, to be tried on one of them, and the file is read again',
  managerKilled: 'the new version has acted; the manager is killed',
  seenWithdrawn: 'the new version has been withdrawn, by Homeostat itself',
  well: 'the farm has its servers back and answers as before',
  over: 'the end',
};

/** The entries about the farm on which the new version was tried, from then on. */
export function storyOf({ journal, deeds }: Pick<CanaryRecording, 'journal' | 'deeds'>): string[] {
  const from = deeds.find(({ event }) => event === 'tried')?.time ?? 0;
  const told = journal.filter(
    ({ kind, time, element, policy = '' }) =>
      time >= from &&
      (kind === 'canary' || (element === FARMS.tried && (kind === 'command' || (kind === 'symptom' && policy.startsWith('canary'))))),
  );
  return told.map(
    ({ kind, time, text, data }) => `  ${showTime(time, time)}  ${kind.padEnd(8)} ${text}${kind === 'command' ? `, by ${data.set}` : ''}`,
  );
}
