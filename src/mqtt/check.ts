/** What a manager file says of MQTT that its schema cannot check: names of connections, and options that contradict each other. */

import { at, type Findings, type Place } from '../compile/report.ts';
import type { ManagerDocument } from '../documents/manager.ts';
import { DEFAULT_CONNECTION } from '../documents/mqtt.ts';
import { Type } from '../documents/schema.ts';
import { messageOf } from '../errors.ts';
import { complaintAbout, type MqttActuatorOptions } from '../execute/actuators/mqtt.ts';
import { Name } from '../messages.ts';
import { checkMqttProbe, type MqttProbeOptions } from '../monitor/probes/mqtt.ts';
import { validate } from '../validate.ts';
import { missing } from './connections.ts';
import { type MappingDocument, MessageReader, mappingOptions } from './mapping.ts';

const DeviceDocument = Type.Object({ name: Name, ...mappingOptions }, { additionalProperties: false });

/** Of documents that fit their schemas. */
export function checkMqtt(manager: ManagerDocument, place: Place, findings: Findings): void {
  const { mqtt, probes = [], actuators = {} } = manager;
  const names = mqtt === undefined ? [] : [DEFAULT_CONNECTION, ...Object.keys(mqtt.connections ?? {})];
  const checkName = (name: unknown, where: Place) => {
    const wanted = typeof name === 'string' ? name : DEFAULT_CONNECTION;
    if (!names.includes(wanted)) findings.error('H330', name === undefined ? where : at(where, 'connection'), missing(wanted, names));
  };
  for (const [
    i,
    { name, kind, element: _element, scope: _scope, every: _every, timeout: _timeout, jitter: _jitter, at: _at, ...options },
  ] of probes.entries()) {
    if (kind !== 'mqtt') continue;
    const here = at(place, 'probes', i);
    checkName(options.connection, here);
    try {
      checkMqttProbe(options as MqttProbeOptions, name);
    } catch (thrown) {
      findings.error('H007', here, messageOf(thrown));
    }
  }
  for (const [name, { kind, at: _at, ...options }] of Object.entries(actuators)) {
    if (kind !== 'mqtt') continue;
    const here = at(place, 'actuators', name);
    checkName(options.connection, here);
    const complaint = complaintAbout(options as MqttActuatorOptions);
    if (complaint !== undefined) findings.error('H007', here, complaint);
  }
  for (const [i, device] of (mqtt?.bridge?.devices ?? []).entries()) {
    const here = at(place, 'mqtt', 'bridge', 'devices', i);
    if (!validate(DeviceDocument, device, here, findings)) continue;
    try {
      const reader = new MessageReader(`device ${String(device.name)}`, device as MappingDocument);
      if (!reader.namesElements)
        findings.error('H007', here, 'a wildcard that is the element, or "elementFrom", must say whose the values are');
    } catch (thrown) {
      findings.error('H007', here, messageOf(thrown));
    }
  }
  if (mqtt?.bridge !== undefined) checkName(mqtt.bridge.connection, at(place, 'mqtt', 'bridge'));
  for (const [name, connection] of [['', mqtt] as const, ...Object.entries(mqtt?.connections ?? {})]) {
    if (connection === undefined) continue;
    const here = name === '' ? at(place, 'mqtt') : at(place, 'mqtt', 'connections', name);
    if (!URL.canParse(connection.url)) findings.error('H003', at(here, 'url'), `"${connection.url}" is no url; write mqtt://host:1883`);
    if (connection.tls !== undefined && !connection.url.startsWith('mqtts://'))
      findings.error('H007', at(here, 'tls'), 'certificates are for mqtts:// only', 'write mqtts:// in the url, or remove tls');
    if ((connection.tls?.cert === undefined) !== (connection.tls?.key === undefined))
      findings.error('H007', at(here, 'tls'), '"cert" and "key" need each other');
    if (connection.password !== undefined && connection.username === undefined)
      findings.error('H007', at(here, 'password'), 'a password needs a "username"');
  }
}
