/** POST /alertmanager: the webhook of Prometheus' Alertmanager, version 4. An alert is a property of an element, with one value while it fires and one when it does not. */

import { Check } from 'typebox/schema';
import type { AlertRuleDocument } from '../../documents/intake.ts';
import { Type } from '../../documents/schema.ts';
import { isObject, shown } from '../../json.ts';
import type { ObservationEvent, Value } from '../../messages.ts';
import { instantOf } from '../../monitor/probes/instant.ts';
import { elementBy, missingIn, propertyBy, type Template, templateOf } from '../../naming.ts';
import { FeedRefusal } from './answers.ts';
import type { FeedAnswer, FeedCall } from './server.ts';
import { complaintAbout, type FeedSink, rejectionsOf } from './sink.ts';

const VERSION = '4';
const MAX_ALERTS = 10_000;
/** Complaints that the answer holds. */
const TOLD = 20;

const AlertDocument = Type.Object({
  status: Type.Union([Type.Literal('firing'), Type.Literal('resolved')]),
  labels: Type.Record(Type.String(), Type.String()),
  startsAt: Type.String(),
  endsAt: Type.Optional(Type.String()),
  fingerprint: Type.Optional(Type.String({ maxLength: 100 })),
});
interface Alert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt?: string;
  readonly fingerprint?: string;
}

interface Rule {
  readonly labels: readonly (readonly [label: string, values: readonly string[]])[];
  readonly ignore: boolean;
  readonly element: Template;
  readonly property: Template;
  readonly firing: Value;
  readonly resolved: Value;
}

interface Refused {
  readonly reason: string;
  readonly excerpt: string;
}

const ruleOf = (rule: AlertRuleDocument): Rule => ({
  labels: Object.entries(rule.labels ?? {}).map(([label, values]) => [label, typeof values === 'string' ? [values] : values] as const),
  ignore: rule.ignore === true,
  element: templateOf(rule.element ?? '{element}'),
  property: templateOf(rule.property ?? '{alertname}'),
  firing: rule.firing ?? true,
  resolved: rule.resolved ?? false,
});

export class Alerts {
  readonly #rules: readonly Rule[];

  constructor(rules: readonly AlertRuleDocument[] = [{}]) {
    this.#rules = rules.map(ruleOf);
  }

  async answer(call: FeedCall, sink: FeedSink): Promise<FeedAnswer> {
    const { alerts, truncated } = alertsIn(await call.body());
    const refused: Refused[] = [];
    const observations = this.read(alerts, sink, refused);
    if (truncated > 0) refused.push({ reason: `the Alertmanager left out ${truncated} alerts (max_alerts of its webhook)`, excerpt: '' });
    const rejections = rejectionsOf('alertmanager', refused, refused.length);
    const full = sink.full(observations.length, rejections.length);
    if (full !== undefined) throw new FeedRefusal(503, `${full}; nothing was taken, send it again later`);
    sink.take(observations, rejections);
    const body = { accepted: observations.length, refused: refused.length, complaints: refused.slice(0, TOLD).map(({ reason }) => reason) };
    // Its log names what is answered with an error, and it does not try again; alerts that were taken must not look refused.
    return { status: observations.length === 0 && refused.length > 0 ? 400 : 200, body };
  }

  /** Of several alerts that are one property, one that fires counts: it is not well before all are. */
  read(alerts: readonly unknown[], sink: FeedSink, refused: Refused[]): readonly ObservationEvent[] {
    const now = sink.now();
    const taken = new Map<string, { readonly firing: boolean; readonly observations: ObservationEvent[] }>();
    for (const alert of alerts) {
      const read = Check(AlertDocument, alert)
        ? this.#observation(alert as Alert)
        : `an alert needs status, labels, startsAt and fingerprint`;
      const complaint = typeof read === 'object' ? complaintAbout(read.observation, sink, now) : read;
      if (complaint !== undefined) {
        const reason = complaint === 'unobserved' && typeof read === 'object' ? unobserved(read.observation) : complaint;
        refused.push({ reason, excerpt: JSON.stringify(alert) ?? '' });
      } else if (typeof read === 'object') {
        const { firing, observation } = read;
        const key = `${observation.element}\t${observation.property}`;
        const others = taken.get(key);
        if (others === undefined || (firing && !others.firing)) taken.set(key, { firing, observations: [observation] });
        else if (others.firing === firing) others.observations.push(observation);
      }
    }
    return [...taken.values()].flatMap(({ observations }) => observations);
  }

  /** One alert; a text says what is wrong with it; undefined: it is to be left out. */
  #observation(alert: Alert): { readonly firing: boolean; readonly observation: ObservationEvent } | string | undefined {
    const look = (label: string) => {
      const value = Object.hasOwn(alert.labels, label) ? alert.labels[label] : undefined;
      return label === 'element' ? value?.split('/') : value;
    };
    const rule = this.#rules.find(({ labels }) => labels.every(([label, values]) => values.includes(alert.labels[label] ?? '')));
    if (rule === undefined || rule.ignore) return undefined;
    const element = elementBy(rule.element, look);
    const property = propertyBy(rule.property, look);
    if (element === undefined || property === undefined) {
      const template = element === undefined ? rule.element : rule.property;
      return `the alert has no label ${missingIn(template, look)[0]}, which "${template.text}" needs (intake.alerts.map)`;
    }
    const firing = alert.status === 'firing';
    const written = firing ? alert.startsAt : (alert.endsAt ?? '');
    const time = instantOf(written, 'iso');
    if (time === undefined) return `${firing ? 'startsAt' : 'endsAt'} is ${shown(written)}, and no time such as 2026-01-31T12:00:00Z`;
    const source = `alert:${alert.fingerprint ?? property}`;
    return { firing, observation: { kind: 'observation', element, property, value: firing ? rule.firing : rule.resolved, time, source } };
  }
}

const unobserved = ({ element, property }: ObservationEvent): string => `the type of "${element}" observes no property "${property}"`;

function alertsIn(text: string): { readonly alerts: readonly unknown[]; readonly truncated: number } {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (thrown) {
    throw new FeedRefusal(400, 'the body is not JSON, as an Alertmanager sends it', { cause: thrown });
  }
  if (!isObject(message) || !Array.isArray(message.alerts))
    throw new FeedRefusal(400, 'the body has no list "alerts", as an Alertmanager sends it');
  if (message.version !== VERSION)
    throw new FeedRefusal(400, `the message has version ${shown(message.version)}, and ${VERSION} is the only one known here`);
  if (message.alerts.length > MAX_ALERTS)
    throw new FeedRefusal(413, `the message has ${message.alerts.length} alerts, and at most ${MAX_ALERTS} are taken; set max_alerts`);
  return { alerts: message.alerts, truncated: typeof message.truncatedAlerts === 'number' ? message.truncatedAlerts : 0 };
}
