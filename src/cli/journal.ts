/** `homeostat journal`: what was seen, decided, done and learned. */
import { readAddress } from '../api/address.ts';
import { SystemClock, sleep } from '../clock.ts';
import { HomeostatError } from '../errors.ts';
import type { NumberedEntry } from '../knowledge/store.ts';
import { call, callIfRunning } from './call.ts';
import { EXIT, print, printJson } from './output.ts';
import { folderOf, withFolder } from './place.ts';
import { showTime } from './text.ts';

export interface JournalOptions {
  readonly manager: string | undefined;
  readonly follow: boolean;
  readonly limit: number;
  readonly after: number | undefined;
  readonly token: string | undefined;
  readonly json: boolean;
}

/** How long one question waits for the next entry, and how soon a manager that is away is looked for again. */
const WAIT_MS = 20_000;
const AWAY_MS = 500;

export async function journal(options: JournalOptions): Promise<number> {
  const folder = folderOf(options.manager);
  const show = options.json ? (entry: NumberedEntry) => printJson(entry) : shower(new SystemClock().wall());
  const { limit, after, token } = options;
  const query = new URLSearchParams({ limit: String(limit), ...(after === undefined ? {} : { after: String(after) }) });
  const answer =
    limit === 0 ? { entries: [] } : await callIfRunning<{ entries: readonly NumberedEntry[] }>(folder, `/journal?${query}`, { token });
  const entries =
    answer?.entries ??
    (await withFolder(folder, (store) => (after === undefined ? store.journal(0, -limit) : store.journal(after, limit))));
  for (const entry of entries) show(entry);
  if (options.follow) await follow(folder, entries.at(-1)?.seq ?? after ?? (limit === 0 ? await newest(folder) : 0), token, show);
  return EXIT.good;
}

const newest = (folder: string): Promise<number> => withFolder(folder, (store) => store.journal(0, -1)[0]?.seq ?? 0);

/** Goes on until it is told to end, over restarts of the manager. */
async function follow(folder: string, from: number, token: string | undefined, show: (entry: NumberedEntry) => void): Promise<never> {
  const clock = new SystemClock();
  let after = from;
  for (;;) {
    const address = readAddress(folder);
    try {
      if (address === undefined) throw new HomeostatError('H305', 'no manager runs');
      const { entries } = await call<{ entries: readonly NumberedEntry[] }>(
        address,
        `/journal?after=${after}&limit=1000&waitMs=${WAIT_MS}`,
        { timeoutMs: 2 * WAIT_MS, token },
      );
      for (const entry of entries) show(entry);
      after = entries.at(-1)?.seq ?? after;
    } catch (thrown) {
      if (!(thrown instanceof HomeostatError) || thrown.code !== 'H305') throw thrown;
      // It is away: stopped, killed or not up yet. What it wrote before is read when it is back.
      await sleep(clock, AWAY_MS);
    }
  }
}

/** One line an entry: its time, its kind and its words. */
function shower(now: number): (entry: NumberedEntry) => void {
  return ({ time, kind, text }) => print(`${showTime(time, now)}  ${kind.padEnd(11)} ${text}`);
}
