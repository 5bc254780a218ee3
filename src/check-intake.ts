/** What the schema cannot say of the intake: names that are made of what a point has not, and a door that stands open. */
import { at, type Findings, type Place } from './compile/report.ts';
import type { IntakeDocument } from './documents/intake.ts';
import { templateOf } from './naming.ts';

const HERE = ['127.0.0.1', '::1', 'localhost'];

export function checkIntake(intake: IntakeDocument | undefined, place: Place, findings: Findings): void {
  if (intake === undefined) return;
  for (const [i, { element, property, fields }] of (intake.influx?.map ?? []).entries()) {
    const here = at(place, 'influx', 'map', i);
    checkNames(element, ['measurement', 'database'], at(here, 'element'), findings);
    checkNames(property, ['measurement', 'database', 'field'], at(here, 'property'), findings);
    if (fields === undefined || Array.isArray(fields)) continue;
    for (const [field, name] of Object.entries(fields))
      checkNames(name, ['measurement', 'database', 'field'], at(here, 'fields', field), findings);
  }
  const { http } = intake;
  if (http === undefined) {
    if (intake.influx !== undefined || intake.alerts !== undefined)
      findings.error('H003', place, 'nothing listens: "http" is missing', 'add "http": { "port": 8086 }');
    return;
  }
  const { host = '127.0.0.1', tls } = http;
  if (tls === undefined && !HERE.includes(host) && !host.startsWith('127.'))
    findings.list.push({
      code: 'H341',
      severity: 'warning',
      ...at(place, 'http', 'host'),
      message: `it listens on ${host} without TLS: tokens can be read on the way`,
      remedy: 'give intake.http.tls a certificate, or listen on 127.0.0.1 behind a proxy that speaks TLS',
    });
}

function checkNames(template: string | undefined, known: readonly string[], place: Place, findings: Findings): void {
  for (const name of templateOf(template ?? '').placeholders) {
    if (known.includes(name) || /^tag:./.test(name)) continue;
    findings.error(
      'H005',
      place,
      `{${name}} is none of ${['tag:NAME', ...known].map((one) => `{${one}}`).join(', ')}`,
      `for a tag write {tag:${name}}`,
    );
  }
}
