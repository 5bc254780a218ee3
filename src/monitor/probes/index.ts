/** All kinds of probe there are. How to add one: docs/probes.md. */
import { execKind } from './exec.ts';
import { fileKind } from './file.ts';
import { hostKind } from './host.ts';
import { httpKind } from './http.ts';
import { influxKind } from './influx.ts';
import { kafkaKind } from './kafka.ts';
import { mqttKind } from './mqtt.ts';
import type { ProbeKind } from './probe.ts';
import { processKind } from './process.ts';
import { prometheusKind } from './prometheus.ts';
import { pushKind } from './push.ts';

/** Sorted by name. */
export const PROBE_KINDS: readonly ProbeKind[] = [
  execKind,
  fileKind,
  hostKind,
  httpKind,
  influxKind,
  kafkaKind,
  mqttKind,
  processKind,
  prometheusKind,
  pushKind,
];
