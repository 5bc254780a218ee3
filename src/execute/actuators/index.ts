/** Every kind of actuator, sorted. How to add one: docs/actuators.md. */
import type { ActuatorKind } from './actuator.ts';
import { dockerKind } from './docker.ts';
import { execKind } from './exec.ts';
import { httpKind } from './http.ts';
import { kafkaKind } from './kafka.ts';
import { kubernetesKind } from './kubernetes.ts';
import { logKind } from './log.ts';
import { mqttKind } from './mqtt.ts';
import { processKind } from './process.ts';
import { setKind } from './set.ts';
import { systemdKind } from './systemd.ts';
import { webhookKind } from './webhook.ts';

export const ACTUATOR_KINDS: readonly ActuatorKind[] = [
  dockerKind,
  execKind,
  httpKind,
  kafkaKind,
  kubernetesKind,
  logKind,
  mqttKind,
  processKind,
  setKind,
  systemdKind,
  webhookKind,
];
