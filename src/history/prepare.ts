/**
 * Makes the database and its retention policies where we may, and says what an operator must run where we may not. What is there already is
 * never changed: a shorter duration would delete data at once.
 */
import { formatMs } from '../duration.ts';
import { type Connection, InfluxError, identifier } from './connection.ts';
import type { Kept, Layout } from './layout.ts';

/** One thing that was looked at, for `doctor` and the log. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

/** @throws InfluxError of trouble `away` */
export async function prepare(connection: Connection, layout: Layout): Promise<readonly Check[]> {
  const database = identifier(connection.database);
  const policies = [layout.raw, ...layout.spans];
  const statements = [`CREATE DATABASE ${database}`, ...policies.map((policy) => creation(policy, database, policy === layout.raw))];
  try {
    const databases = (await connection.query('SHOW DATABASES')).flatMap(({ rows }) => rows.map((row) => row.name));
    if (!databases.includes(connection.database)) await connection.query(statements[0]!);
    const there = new Map(
      (await connection.query(`SHOW RETENTION POLICIES ON ${database}`)).flatMap(({ rows }) => rows.map((row) => [row.name, row] as const)),
    );
    const checks: Check[] = [];
    for (const [i, policy] of policies.entries()) {
      const row = there.get(policy.name);
      if (row === undefined) await connection.query(statements[i + 1]!);
      checks.push(
        row === undefined ? { what: `retention policy ${policy.name}`, ok: true, detail: 'made' } : judge(policy, row, i === 0, database),
      );
    }
    return [
      { what: `database ${connection.database}`, ok: true, detail: databases.includes(connection.database) ? 'there' : 'made' },
      ...checks,
    ];
  } catch (thrown) {
    if (!(thrown instanceof InfluxError) || thrown.trouble === 'away') throw thrown;
    return [
      {
        what: `database ${connection.database} and its retention policies`,
        ok: false,
        detail: `we may not see or make them: ${thrown.reason}`,
        remedy: `on 1.x an administrator runs: ${statements.join('; ')}. On 2.x and 3.x: see docs/influxdb.md#2x-and-3x`,
      },
    ];
  }
}

const creation = ({ name, keepMs }: Kept, database: string, isDefault: boolean): string =>
  `CREATE RETENTION POLICY ${identifier(name)} ON ${database} DURATION ${duration(keepMs)} REPLICATION 1${isDefault ? ' DEFAULT' : ''}`;

const duration = (ms: number): string => `${Math.round(ms / 1_000)}s`;

function judge(policy: Kept, row: Readonly<Record<string, unknown>>, isDefault: boolean, database: string): Check {
  const what = `retention policy ${policy.name}`;
  const keptMs = parse(String(row.duration));
  const alter = `ALTER RETENTION POLICY ${identifier(policy.name)} ON ${database}`;
  if (keptMs !== policy.keepMs)
    return {
      what,
      ok: false,
      detail: `it keeps data for ${keptMs === 0 ? 'ever' : formatMs(keptMs)}, the manager file says ${formatMs(policy.keepMs)}; it is left as it is`,
      remedy: `run ${alter} DURATION ${duration(policy.keepMs)}, which deletes what is older, or change the manager file`,
    };
  if (isDefault && row.default !== true)
    return {
      what,
      ok: false,
      detail: 'it is not the default of the database, so that points go elsewhere',
      remedy: `run ${alter} DEFAULT`,
    };
  return { what, ok: true, detail: 'there' };
}

/** `720h0m0s` as ms; 0 is for ever. */
function parse(text: string): number {
  const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  return [...text.matchAll(/(\d+)(ms|h|m|s)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
}
