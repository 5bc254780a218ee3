/** What a manager file says of places. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { SystemClock } from '../src/clock.ts';
import { loadConfiguration } from '../src/config.ts';
import type { ManagerDocument } from '../src/documents/manager.ts';
import { makeActuators } from '../src/make-actuators.ts';
import { chosenPlaces, placesOf } from '../src/places.ts';

const folder = mkdtempSync(join(tmpdir(), 'homeostat-places-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SERVICES = { kafka: { brokers: ['kafka:9092'] } };
const FILE = join(folder, 'homeostat.json');

const documentOf = (parts: object): ManagerDocument =>
  ({
    domain: 'shop',
    types: { farm: { commands: { restart: { actuator: 'unit' } } } },
    elements: { shop: { type: 'farm' } },
    ...parts,
  }) as ManagerDocument;

function found(parts: object) {
  writeFileSync(FILE, JSON.stringify(documentOf(parts)));
  return loadConfiguration(FILE).findings.filter(({ severity }) => severity === 'error');
}

const unit = (at?: string) => ({ unit: { kind: 'systemd', ...(at === undefined ? {} : { at }) } });
const probe = (at?: string) => ({
  name: 'load',
  kind: 'exec',
  command: ['uptime'],
  output: 'number',
  property: 'load',
  element: 'shop',
  ...(at === undefined ? {} : { at }),
});

test('a probe and an actuator of any kind may be at a place, where there are services', () => {
  expect(found({ services: SERVICES, actuators: unit('rack-3'), probes: [probe('rack-4')] })).toEqual([]);
  expect(
    found({ services: SERVICES, mqtt: { url: 'mqtt://a' }, actuators: { unit: { kind: 'mqtt', topic: 'a', ack: 'broker', at: 'x' } } }),
  ).toEqual([]);
  expect(found({ actuators: unit('default'), probes: [probe('default')] })).toEqual([]);
});

test('without services nobody works at another place, and each that is at one is told with what to do', () => {
  const told = found({ actuators: unit('rack-3'), probes: [probe(), { ...probe('rack-4'), name: 'other' }] });
  expect(told.map(({ code, file, pointer, message, remedy }) => [code, file, pointer, message, remedy])).toEqual([
    [
      'H003',
      FILE,
      '/probes/1/at',
      'nobody works at the place "rack-4": places need services',
      'add "services" to this file, or leave "at" out',
    ],
    [
      'H003',
      FILE,
      '/actuators/unit/at',
      'nobody works at the place "rack-3": places need services',
      'add "services" to this file, or leave "at" out',
    ],
  ]);
});

test('a place is a name', () => {
  expect(found({ services: SERVICES, actuators: unit('rack 3'), probes: [] })).toMatchObject([{ pointer: '/actuators/unit/at' }]);
});

test('a probe of the processes of an actuator must be where they are', () => {
  const keeper = { unit: { kind: 'process', run: ['node', 'a.js'], at: 'rack-3' } };
  const processes = { name: 'cpu', kind: 'process', actuator: 'unit', element: 'shop' };
  expect(found({ services: SERVICES, actuators: keeper, probes: [processes] })).toMatchObject([
    {
      code: 'H007',
      pointer: '/probes/0/actuator',
      message: 'probe "cpu" is at "default", and the processes of actuator "unit" are at "rack-3"',
      remedy: 'give the probe "at": "rack-3"',
    },
  ]);
  expect(found({ services: SERVICES, actuators: keeper, probes: [{ ...processes, at: 'rack-3' }] })).toEqual([]);
});

test('the places of a manager file are the default and those that something is at', () => {
  expect(placesOf(documentOf({}))).toEqual(['default']);
  expect(placesOf(documentOf({ actuators: unit('rack-4'), probes: [probe('rack-3'), probe('rack-4'), probe()] }))).toEqual([
    'default',
    'rack-3',
    'rack-4',
  ]);
});

test('a process works at the places that are named, or at the default; a place that is not there is refused with those that are', () => {
  const manager = documentOf({ services: SERVICES, actuators: unit('rack-3') });
  expect(chosenPlaces([], manager, 'a.json')).toEqual(['default']);
  expect(chosenPlaces(['rack-3', 'default', 'rack-3'], manager, 'a.json')).toEqual(['rack-3', 'default']);
  expect(() => chosenPlaces(['rack-4'], manager, 'a.json')).toThrow(
    expect.objectContaining({
      code: 'H501',
      message: 'no probe and no actuator of a.json is at a place "rack-4"; its places: default, rack-3',
    }),
  );
  expect(() => chosenPlaces(['rack-3'], documentOf({}), 'a.json')).toThrow(/places need services, and a\.json has none/);
});

test('an agent makes the actuators of its place alone; those that every manager has are at the default', async () => {
  const context = {
    clock: new SystemClock(),
    directory: folder,
    folder,
    owner: folder,
    environment: {},
    target: () => undefined,
    emit: () => {},
    log: pino({ level: 'silent' }),
    mqtt: () => {
      throw new Error('there is no MQTT here');
    },
  };
  const made = (place?: string) => makeActuators({ hand: { kind: 'exec', run: ['true'] }, ...unit('rack-3') }, context, place);
  const names = (place?: string) => [...made(place).keys()].sort();
  expect(names('default')).toEqual(['hand', 'log', 'set']);
  expect(names('rack-3')).toEqual(['unit']);
  expect(names()).toEqual(['hand', 'log', 'set', 'unit']);
});
