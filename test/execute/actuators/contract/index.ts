/** Every kind of actuator as the contract sees it. contract.test.ts holds that none is missing. */
import { docker } from './docker.ts';
import { kafka } from './kafka.ts';
import { kubernetes } from './kubernetes.ts';
import { exec, log, process, set } from './local.ts';
import { mqtt } from './mqtt.ts';
import type { Subject } from './subject.ts';
import { systemd } from './systemd.ts';
import { http, webhook } from './web.ts';

export const SUBJECTS: readonly Subject[] = [docker, exec, http, kafka, kubernetes, log, mqtt, process, set, systemd, webhook];
