/** Whether all that the dashboards ask has an answer. */
import { panelQueries, type Span } from '../../docker/grafana/source/index.ts';
import type { InfluxSeries } from '../../src/history/connection.ts';

/**
 * Asks every question of every panel, mark and choice.
 *
 * @returns those without a row that says anything, each with its place
 * @throws Error with the place of one that the server refuses
 */
export async function withoutRows(ask: (query: string) => Promise<readonly InfluxSeries[]>, span: Span): Promise<readonly string[]> {
  const without: string[] = [];
  for (const { place, query } of panelQueries(span)) {
    const series = await ask(query).catch((thrown: unknown) => {
      throw new Error(`${place}: ${String(thrown)}\n${query}`);
    });
    const rows = series.flatMap((one) => one.rows);
    if (!rows.some((row) => Object.entries(row).some(([column, value]) => column !== 'time' && value !== null)))
      without.push(`${place}: ${query}`);
  }
  return without;
}
