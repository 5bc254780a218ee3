/** The manager file of docs/mqtt.md is one that runs, and what is wrong with others is said at load. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { feedsOf } from '../../src/check/feeds.ts';
import { loadConfiguration } from '../../src/config.ts';
import type { ManagerDocument } from '../../src/documents/manager.ts';
import { MqttDocument } from '../../src/documents/mqtt.ts';

const page = readFileSync(new URL('../../docs/mqtt.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(
  ([, text]) => JSON.parse(text!.trim().startsWith('{') ? text! : `{${text!}}`) as object,
);
const whole = blocks.find((block) => 'types' in block) as Record<string, unknown>;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeostat-mqtt-'));
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(blocks.find((block) => 'policies' in block && !('types' in block))));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function findings(change: (file: Record<string, unknown>) => void) {
  const file = JSON.parse(JSON.stringify(whole)) as Record<string, unknown>;
  change(file);
  writeFileSync(join(folder, 'homeostat.json'), JSON.stringify(file));
  const { configuration, findings: found } = loadConfiguration(join(folder, 'homeostat.json'));
  return {
    configuration,
    found: found.filter(({ severity }) => severity === 'error').map(({ code, pointer, message }) => `${code} ${pointer} ${message}`),
  };
}

test('the example is loaded without a mistake', () => {
  const { configuration, found } = findings(() => {});
  expect(found).toEqual([]);
  expect(configuration?.manager.probes?.[0]?.kind).toBe('mqtt');
});

test('the other examples of the page fit as well', () => {
  for (const block of blocks.filter((one) => 'mqtt' in one && !('types' in one)))
    expect(findings((file) => Object.assign(file, block)).found).toEqual([]);
});

test('the table of keys names each key', () => {
  const section = page.split('\n## Brokers\n')[1]!.split('\n## ')[0]!;
  for (const key of Object.keys(MqttDocument.properties)) expect(section).toContain(`\`${key}\``);
});

test('check knows what its topics feed, and that it comes when it comes', () => {
  const manager = whole as unknown as ManagerDocument;
  expect(feedsOf(manager, 'lamp', 'level')).toEqual([{ name: 'lamps', everyMs: undefined }]);
  expect(feedsOf(manager, 'lamp', 'online')).toHaveLength(1);
  expect(feedsOf(manager, 'lamp', 'watts')).toEqual([]);
});

type Part = { probes: Record<string, unknown>[]; actuators: Record<string, Record<string, unknown>>; mqtt?: Record<string, unknown> };
test.each<[string, (file: Part) => void, string]>([
  ['no broker', (file) => delete file.mqtt, 'H330 /probes/0 there is no connection to an MQTT broker'],
  [
    'a connection that is not there',
    (file) => Object.assign(file.probes[0]!, { connection: 'workshp' }),
    'H330 /probes/0/connection no MQTT connection is named "workshp"',
  ],
  [
    'a wildcard without a meaning',
    (file) => Object.assign(file.probes[0]!, { topic: 'lamps/+/+' }),
    'H007 /probes/0 probe lamps: "topic" has 2 wildcards',
  ],
  ['a wildcard that is no level', (file) => Object.assign(file.probes[0]!, { topic: 'lamps/x+' }), '+ stands for a whole level'],
  ['a password in the file', (file) => Object.assign(file.mqtt!, { username: 'a', password: 'secret' }), 'H003 /mqtt/password'],
  ['a user in the url', (file) => Object.assign(file.mqtt!, { url: 'mqtt://a:b@h:1' }), 'H003 /mqtt/url'],
  [
    'certificates without TLS',
    (file) => Object.assign(file.mqtt!, { tls: { ca: 'x' } }),
    'H007 /mqtt/tls certificates are for mqtts:// only',
  ],
  [
    'a state that is not described',
    (file) => Object.assign(file.actuators.lamps!, { ack: 'state' }),
    'H007 /actuators/lamps "ack": "state" needs "state"',
  ],
  ['an ack that nobody gives', (file) => Object.assign(file.actuators.lamps!, { ack: 'broker', qos: 0 }), 'needs "qos": 1'],
  [
    'a device that names no element',
    (file) => Object.assign(file.mqtt!, { bridge: { devices: [{ name: 'a', topic: 'a', property: 'p' }] } }),
    'H007 /mqtt/bridge/devices/0',
  ],
  [
    'a misspelt key of a device',
    (file) => Object.assign(file.mqtt!, { bridge: { devices: [{ name: 'a', topic: 'a/+', propertie: 'p' }] } }),
    'H004 /mqtt/bridge/devices/0/propertie',
  ],
])('%s is told at load, with its place', (_, change, text) => {
  const { found } = findings(change as never);
  expect(found.join('\n')).toContain(text);
});
