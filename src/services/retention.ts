/** How long the topics of a cluster keep their records, where the manager file says other than we would. */
import type { RetentionDocument } from '../documents/services.ts';
import { durationMs } from '../duration.ts';
import type { TopicSpec } from '../log/log.ts';
import { topicNames } from './topics.ts';

/** The topics with the retention of the document; those that keep the newest record of each key have none. */
export function withRetention(specs: readonly TopicSpec[], prefix: string, retention: RetentionDocument = {}): readonly TopicSpec[] {
  const names = topicNames(prefix) as unknown as Readonly<Record<string, string>>;
  const spans = new Map(Object.entries(retention).map(([topic, span]) => [names[topic], String(durationMs(span))]));
  return specs.map((spec) => {
    const ms = spans.get(spec.name);
    return ms === undefined ? spec : { ...spec, config: { ...spec.config, 'retention.ms': ms } };
  });
}
