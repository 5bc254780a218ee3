/** `homeostat status`: what is, from a running manager or from its folder. */
import type { AgentView } from '../api/served.ts';
import type { StatusView } from '../api/status.ts';
import type { HistoryHealth } from '../history/attach.ts';
import type { LmdbStore } from '../knowledge/lmdb.ts';
import { callIfRunning } from './call.ts';
import { print, printJson } from './output.ts';
import { folderOf, stateIn, withFolder } from './place.ts';
import { statusLines } from './status-text.ts';

export interface StatusOptions {
  readonly manager: string | undefined;
  readonly element: string | undefined;
  readonly limit: number;
  readonly token: string | undefined;
  readonly json: boolean;
}

/** The status with what only a running manager knows. */
export interface FullStatus extends StatusView {
  readonly running: boolean;
  readonly pid?: number;
  /** Over Kafka: the agents of the process that answers. */
  readonly agents?: readonly AgentView[];
  readonly health?: {
    readonly storeFailure: string | null;
    readonly waiting: { readonly signals: number; readonly telemetry: number };
    readonly executor: { readonly waiting: number; readonly running: number; readonly leftBehind: number };
    readonly intervalsMissed: number;
    readonly history?: HistoryHealth;
  };
}

export async function status({ manager, element, limit, token, json }: StatusOptions): Promise<number> {
  const folder = folderOf(manager);
  const query = new URLSearchParams({ limit: String(limit), ...(element === undefined ? {} : { element }) });
  const answer = await callIfRunning<Omit<FullStatus, 'running'>>(folder, `/status?${query}`, { token });
  const view: FullStatus = answer === undefined ? await fromFolder(folder, element, limit) : { running: true, ...answer };
  if (json) printJson(view);
  else for (const line of statusLines(view, folder)) print(line);
  return 0;
}

/** Only here the state is judged in this process: what that needs is loaded when it is needed. */
async function fromFolder(folder: string, element: string | undefined, limit: number): Promise<FullStatus> {
  const [{ statusOf }, { Derived }] = await Promise.all([import('../api/status.ts'), import('../knowledge/derived.ts')]);
  return withFolder(folder, (store) => {
    const state = stateIn(store, folder);
    const { now } = state.position;
    return { running: false, ...statusOf(state, new Derived(state), { now, startedAt: lastStart(store), element, limit }) };
  });
}

/** When the manager was last started, by its journal; 0: that is forgotten. */
function lastStart(store: LmdbStore): number {
  const newest = store.journal(0, -1)[0]?.seq ?? 0;
  const AT_ONCE = 1_000;
  for (let after = newest - AT_ONCE; after > -AT_ONCE; after -= AT_ONCE) {
    const started = store.journal(Math.max(0, after), AT_ONCE).findLast((entry) => entry.kind === 'started');
    if (started !== undefined) return started.time;
  }
  return 0;
}
