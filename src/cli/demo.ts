/** `homeostat demo`: runs an example on real processes, shows it live, and leaves a report. */
import { availableParallelism, release, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock.ts';
import { HomeostatError } from '../errors.ts';
import { Farm } from './demo/farm.ts';
import { clientsOf, replayVerifies, startsRepeated, verdictOf, whyOf, write } from './demo/finish.ts';
import { picture } from './demo/picture.ts';
import { makePlace, type Place } from './demo/place.ts';
import { promisesOf } from './demo/promises.ts';
import { decisionsOf, heldOf, type Recording } from './demo/record.ts';
import { report } from './demo/report.ts';
import { screen } from './demo/screen.ts';
import { Script } from './demo/script.ts';
import { copiesIn, type DemoServers, journalIn } from './demo/services.ts';
import { type Summary, summarize } from './demo/summary.ts';
import { openPage, type Terminal } from './demo/terminal.ts';
import type { RunView } from './demo/view.ts';
import { Watch } from './demo/watch.ts';

export interface DemoOptions {
  /** The example; `web-farm` is the one there is. */
  readonly name: string;
  readonly folder: string;
  /** A file that gets the picture of the run. */
  readonly picture?: string;
  /** Only the summary on stdout, as JSON. */
  readonly json: boolean;
  /** Tries a new version of the rules on a second farm, in the place of all else. */
  readonly canary?: boolean;
  /** Runs over these servers, with two managers; embedded if not given. */
  readonly servers?: DemoServers;
}

export interface DemoSurroundings {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  /** Aborted when a person wants it to end. */
  readonly signal: AbortSignal;
  /** What starts Homeostat; the compiled command line beside this file if not given. */
  readonly homeostat?: string;
}

export const EXAMPLE = 'web-farm';
const LIMIT_MS = 250;
const DEAD_ZONE = { low: 150, high: 250 };
/** The compiled command line. */
export const MAIN: string = fileURLToPath(new URL('./main.js', import.meta.url));

/** Runs the demo. Returns the exit status: 0 all promises kept, 1 one was broken. @throws HomeostatError when the surroundings failed. */
export async function demo(options: DemoOptions, surroundings: DemoSurroundings): Promise<number> {
  if (options.name !== EXAMPLE) throw new HomeostatError('H501', `there is no demo "${options.name}"; known: ${EXAMPLE}`);
  const { clock, environment, stdout, stderr } = surroundings;
  const place = await makePlace(options.folder, options.servers);
  const homeostat = surroundings.homeostat ?? MAIN;
  const farm = new Farm({ place, clock, environment, homeostat });
  const { recording, summary } = await run(farm, homeostat, surroundings, options.json ? stderr : stdout).finally(() => farm.end());

  const promises = promisesOf(summary);
  const view = await viewOf(place, recording);
  await write(join(place.folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  await write(join(place.folder, 'record.json'), JSON.stringify({ view, recording }));
  const where = `${type()} ${release()}, ${availableParallelism()} cores, Node ${process.version}`;
  await write(join(place.folder, 'report.html'), report({ view, summary, promises, surroundings: where }));
  if (options.picture !== undefined) await write(options.picture, picture(view, summary));
  if (options.json) stdout.write(`${JSON.stringify(summary)}\n`);
  else
    stdout.write(
      verdictOf(
        promises,
        `Look at ${join(place.folder, 'report.html')}\nCount it again from the raw logs: npm run demo:verify ${place.folder}`,
      ),
    );
  const broken = promises.filter((promise) => !promise.kept);
  if (options.json) for (const { text } of broken) stderr.write(`broken: ${text}\n`);
  return broken.length === 0 ? 0 : 1;
}

async function run(
  farm: Farm,
  homeostat: string,
  surroundings: DemoSurroundings,
  terminal: Terminal,
): Promise<{ recording: Recording; summary: Summary }> {
  const { clock, environment, signal } = surroundings;
  const { place } = farm;
  const watch = new Watch(place.state, clock);
  const lost = new AbortController();
  const script = new Script({
    farm,
    clock,
    signal: AbortSignal.any([signal, lost.signal]),
    scaling: () => watch.growing(),
    decider: () => watch.decider,
    onDeed: () => {},
    onManagerLost: (how) =>
      lost.abort(new HomeostatError('H305', `the manager has ended by itself (${how}); see ${join(place.folder, 'manager.log')}`)),
  });
  const recording = { points: watch.points, journal: watch.journal as Recording['journal'], deeds: script.deeds };
  const page = terminal.isTTY ? openPage(terminal) : undefined;
  const draw = () => {
    const size = { width: terminal.columns ?? 80, height: terminal.rows ?? 40 };
    page?.show(screen({ now: clock.now(), scene: script.scene, recording, live: watch.live, limitMs: LIMIT_MS, ...size }));
  };
  watch.start(draw);
  try {
    await script.play();
  } finally {
    await watch.stop();
    page?.close();
  }
  const load = await farm.load();
  await farm.stopManagers();
  // What a manager wrote just before it was killed is in Kafka, and may not have been seen.
  if (place.servers !== undefined) recording.journal = await journalIn(place.servers, place.servers.cluster, clock);
  const copies = place.servers === undefined ? [place.folder] : await copiesIn(place.state);
  const replayVerified = await replayVerifies(homeostat, copies, environment);
  const counted = summarize({ recording, load, toll: script.toll, limitMs: LIMIT_MS, firstPort: place.ports.balancer, replayVerified });
  return { recording, summary: { ...counted, commandsRepeated: counted.commandsRepeated + (await startsRepeated(place)) } };
}

async function viewOf(place: Place, recording: Recording): Promise<RunView> {
  const { deeds, points, journal } = recording;
  const from = deeds.find((deed) => deed.event === 'ready')?.time ?? deeds[0]!.time;
  const to = deeds.at(-1)!.time;
  const within = <T extends { readonly time: number }>(all: readonly T[]) => all.filter(({ time }) => time >= from && time <= to);
  const clients = await clientsOf(place, from, to);
  const why = await whyOf(place);
  return {
    from,
    to,
    points: within(points),
    deeds,
    decisions: within(decisionsOf(journal)),
    held: within(heldOf(journal)),
    clients,
    limitMs: LIMIT_MS,
    deadZone: DEAD_ZONE,
    why,
  };
}
