/** The part of the API that only looks. */
import { explain } from '../analyze/explain.ts';
import { messageOf } from '../errors.ts';

import { neededTextIn, numberIn, textIn } from './answers.ts';
import { unready } from './figures.ts';
import { answerJournal } from './journal.ts';
import { pastOf } from './past.ts';
import type { Answer, ApiContext, Call, Route, RouteContext } from './server.ts';
import { statusOf } from './status.ts';
import { versionOf, versionViews } from './versions.ts';

const ELEMENTS_LISTED = 10_000;
const POINTS_LISTED = 100_000;
/** The end of time, for instants in queries. */
const LATEST = 8_640_000_000_000_000;

function status({ query }: Call, { assembly, startedAt }: ApiContext): Answer {
  const { manager, clock, executor, bus, sensors, agents } = assembly;
  const view = statusOf(manager.state, manager.derived, {
    now: clock.now(),
    startedAt,
    element: textIn(query, 'element'),
    limit: numberIn(query, 'limit', ELEMENTS_LISTED, 0, ELEMENTS_LISTED),
  });
  const missed = sensors.status().reduce((sum, probe) => sum + probe.missed, 0);
  return {
    body: {
      ...view,
      startedAt,
      pid: process.pid,
      ...(agents === undefined ? {} : { agents: agents() }),
      health: { ...manager.health, waiting: bus.waiting, executor: executor.counts(), intervalsMissed: missed, ...historyHealth(assembly) },
    },
  };
}

function explained({ query }: Call, { assembly }: ApiContext): Answer {
  const { manager, store, clock } = assembly;
  const element = neededTextIn(query, 'element');
  const policy = textIn(query, 'policy');
  return { body: { explanations: explain(manager.state, manager.derived, element, policy, clock.now(), pastOf(store, element, policy)) } };
}

const historyHealth = ({ history }: ApiContext['assembly']) => (history === undefined ? {} : { history: history.health() });

/** What the folder has forgotten comes from InfluxDB, where there is one; if that is away, the answer says that there may be more. */
async function history({ query }: Call, { assembly }: ApiContext): Promise<Answer> {
  const now = assembly.clock.now();
  const from = numberIn(query, 'from', 0, 0, LATEST);
  const to = Math.min(now, numberIn(query, 'to', now, 0, LATEST));
  const [element, property] = [neededTextIn(query, 'element'), neededTextIn(query, 'property')];
  const near = () => assembly.store.history(element, property, from, to);
  let missing: string | undefined;
  const points =
    assembly.history === undefined
      ? near()
      : await assembly.history.reader.history(element, property, from, to).catch((thrown: unknown) => {
          missing = messageOf(thrown);
          return near();
        });
  return {
    body: { points: points.slice(0, POINTS_LISTED), more: points.length > POINTS_LISTED, ...(missing === undefined ? {} : { missing }) },
  };
}

/** All versions that are kept, or what one of them says. */
const versions = (_call: Call, { assembly }: ApiContext): Answer => ({
  body: { now: assembly.clock.now(), versions: versionViews(assembly.manager.state) },
});
const version = ({ params, query }: Call, { assembly }: ApiContext): Answer => ({
  body: versionOf(assembly.manager.state, params.version!, textIn(query, 'file')),
});

function readyz(_call: Call, { figures }: RouteContext): Answer {
  const [first, ...others] = unready(figures());
  if (first === undefined) return { body: { ready: true } };
  return { status: 503, body: { ready: false, reason: first.reason, unready: [first, ...others] } };
}

export const READING: readonly Route[] = [
  { method: 'GET', path: '/status', answer: status },
  { method: 'GET', path: '/journal', answer: answerJournal },
  { method: 'GET', path: '/history', answer: history },
  { method: 'GET', path: '/explain', answer: explained },
  { method: 'GET', path: '/policies', answer: versions },
  { method: 'GET', path: '/policies/:version', answer: version },
  { method: 'GET', path: '/healthz', open: true, answer: () => ({ body: { ok: true } }) },
  { method: 'GET', path: '/readyz', open: true, answer: readyz },
];
