/** The API of a running manager, as far as the demo reads it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HomeostatError } from '../../errors.ts';
import type { JournalEntry, Value } from '../../messages.ts';
import { callJson } from './call.ts';

export interface ReadingView {
  readonly value: Value | null;
  readonly ageMs?: number;
  readonly why?: string;
}

export interface ElementView {
  readonly id: string;
  readonly type: string;
  readonly readings: Readonly<Record<string, ReadingView>>;
}

export interface SymptomView {
  readonly policy: string;
  readonly element: string;
  readonly since: number;
  readonly heldBy: string | null;
  readonly reason: string | null;
}

export interface CommandView {
  readonly id: string;
  readonly policy: string;
  readonly element: string;
  readonly command: string;
  readonly params: Readonly<Record<string, Value>>;
  readonly state: string;
}

export interface StatusView {
  readonly now: number;
  readonly step: number;
  readonly mode: string;
  readonly elements: readonly ElementView[];
  readonly symptoms: readonly SymptomView[];
  readonly commands: readonly CommandView[];
}

export interface NumberedEntry extends JournalEntry {
  readonly seq: number;
}

export interface Api {
  readonly pid: number;
  readonly status: () => Promise<StatusView>;
  /** Entries after the given one, oldest first. */
  readonly journal: (after: number) => Promise<readonly NumberedEntry[]>;
  readonly history: (element: string, property: string, from: number, to: number) => Promise<readonly (readonly [number, Value | null])[]>;
}

const ENTRIES_AT_ONCE = 1_000;

/** The API of the manager that runs on a folder. @throws HomeostatError H305 if none does. */
export async function connectToApi(folder: string): Promise<Api> {
  const address = await readFile(join(folder, 'api.json'), 'utf8').catch((error: unknown) => {
    throw new HomeostatError('H305', `no manager runs on ${folder}`, { cause: error });
  });
  const { url, token, pid } = JSON.parse(address) as { url: string; token: string; pid: number };
  const get = <T>(path: string) => callJson<T>(`${url.replace(/\/$/, '')}${path}`, { token });
  return {
    pid,
    status: () => get('/status'),
    journal: async (after) =>
      (await get<{ entries: readonly NumberedEntry[] }>(`/journal?after=${after}&limit=${ENTRIES_AT_ONCE}`)).entries,
    history: async (element, property, from, to) => {
      const query = new URLSearchParams({ element, property, from: String(from), to: String(to) });
      return (await get<{ points: readonly (readonly [number, Value | null])[] }>(`/history?${query}`)).points;
    },
  };
}

/** A number that the model holds of an element; null: it is not known. */
export function numberOf(status: StatusView | undefined, element: string, property: string): number | null {
  const value = status?.elements.find((e) => e.id === element)?.readings[property]?.value;
  return typeof value === 'number' ? value : null;
}
