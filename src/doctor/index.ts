/** All that doctor looks at, in order: what rests on something stands after it. */
import type { Check } from './check.ts';
import { FORMAT, SECRETS, SPACE, WRITABLE } from './folder.ts';
import { INFLUX } from './influx.ts';
import { KAFKA } from './kafka.ts';
import { CERTIFICATE, CLOCK, FILES, NODE, PORT } from './machine.ts';
import { MQTT } from './mqtt.ts';

export const CHECKS: readonly Check[] = [
  NODE,
  CLOCK,
  FILES,
  WRITABLE,
  SPACE,
  FORMAT,
  SECRETS,
  PORT,
  CERTIFICATE,
  ...KAFKA,
  ...INFLUX,
  ...MQTT,
];
