/**
 * GET and POST /query: as much of InfluxQL as its clients need to connect before they write. Databases are made by writing to them; nothing can be read here.
 */
import type { FeedAnswer, FeedCall } from './server.ts';

/** Names that CREATE DATABASE has given are remembered, so that a shell may USE them. */
const DATABASES = 100;
const CREATE = /^create\s+database\s+("(?:[^"\\]|\\.)+"|\S+)/i;
const NOTHING_TO_DO =
  /^(?:create\s+retention\s+policy|alter\s+retention\s+policy|drop\s+retention\s+policy|create\s+user|grant|create\s+continuous\s+query)\b/i;

export class Queries {
  readonly #databases: Set<string>;
  readonly #fixed: boolean;

  constructor(databases: readonly string[] | undefined) {
    this.#fixed = databases !== undefined;
    this.#databases = new Set(databases ?? ['homeostat']);
  }

  async answer(call: FeedCall): Promise<FeedAnswer> {
    const posted = call.method === 'POST' ? new URLSearchParams(await call.body()) : undefined;
    const text = call.query.get('q') ?? posted?.get('q') ?? '';
    if (text.trim() === '') return { status: 400, body: { error: 'missing required parameter "q"' } };
    const statements = text
      .split(';')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== '');
    return { status: 200, body: { results: statements.map((statement, i) => ({ statement_id: i, ...this.#run(statement) })) } };
  }

  #run(statement: string): object {
    const created = CREATE.exec(statement)?.[1]?.replace(/^"(.*)"$/s, '$1');
    if (created !== undefined) {
      if (this.#fixed && !this.#databases.has(created))
        return { error: `"${created}" is not among intake.influx.databases of the manager file` };
      if (this.#databases.size < DATABASES) this.#databases.add(created);
      return {};
    }
    if (NOTHING_TO_DO.test(statement)) return {};
    if (/^show\s+databases\b/i.test(statement))
      return series(
        'databases',
        ['name'],
        [...this.#databases].map((name) => [name]),
      );
    if (/^show\s+retention\s+policies\b/i.test(statement))
      return series(undefined, ['name', 'duration', 'shardGroupDuration', 'replicaN', 'default'], [['autogen', '0s', '168h0m0s', 1, true]]);
    if (/^show\s+(?:measurements|tag|field|series|users|continuous)\b/i.test(statement)) return {};
    return {
      error:
        'Homeostat takes points in and answers no queries about them: ask GET /history of its API, or the InfluxDB that keeps its history',
    };
  }
}

const series = (name: string | undefined, columns: readonly string[], values: readonly unknown[][]): object => ({
  series: [{ ...(name === undefined ? {} : { name }), columns, values }],
});
