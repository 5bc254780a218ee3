/** The folder of the canary's run: two farms of the example under one manager, and a new version of the rules that is to be tried on one of them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePlace, type Place, PORTS_OF_A_FARM } from './place.ts';

export const OLD = 'rules/scaling.json';
export const NEW = 'rules/eager.json';
/** On the first the old version stays, on the second the new one is tried. */
export const FARMS = { stays: 'web', tried: 'mill' } as const;
/** What must not be: answers this slow, for this long. */
export const HARM = { p95: 400, for: '2s' } as const;
/** How long it would have to do without. */
const TRIED_FOR = '60s';

export interface TwoPlaces {
  readonly stays: Place;
  readonly tried: Place;
}

/** @throws HomeostatError as `makePlace` does */
export async function makeTwoPlaces(folder: string): Promise<TwoPlaces> {
  const place = await makePlace(folder, undefined, 2);
  const stays = { ...place, site: `-${FARMS.stays}` };
  const ports = { balancer: place.ports.balancer + PORTS_OF_A_FARM, load: place.ports.load + PORTS_OF_A_FARM };
  const tried = { ...place, site: `-${FARMS.tried}`, ports };
  const text = (await readFile(place.managerFile, 'utf8')).replaceAll(
    `:${place.ports.balancer}/admin/servers/`,
    ':{balancer}/admin/servers/',
  );
  await write(place, withTwo(JSON.parse(text) as Document, ports.balancer));
  return { stays, tried };
}

/** Names the new version in the manager file, to be tried on one of the farms. */
export async function tryNew(place: Place): Promise<void> {
  const document = JSON.parse(await readFile(place.managerFile, 'utf8')) as Document;
  const withdraw = { conditions: { all: [{ fact: 'p95', operator: 'greaterThan', value: HARM.p95 }] }, for: HARM.for };
  const canary = { elements: [FARMS.tried], for: TRIED_FOR, withdraw };
  await write(place, { ...document, policies: [...document.policies, { file: NEW, of: OLD, canary }] });
}

const write = (place: Place, document: Document): Promise<void> =>
  writeFile(join(place.folder, 'homeostat.json'), `${JSON.stringify(document, null, 2)}\n`);

type Json = Readonly<Record<string, unknown>>;
interface Document {
  readonly types: {
    readonly farm: { readonly commands: { readonly scale: Json } };
    readonly server: { readonly properties: Json };
  };
  readonly elements: Readonly<Record<string, { readonly properties: Json }>>;
  readonly probes: readonly ({ readonly name: string; readonly element?: string } & Json)[];
  readonly actuators: Readonly<Record<string, Json>>;
  readonly policies: readonly unknown[];
}

/** Every probe and actuator for both farms. The bound of `scale`, which would keep the new version from doing harm, is loosened for it. */
function withTwo(document: Document, firstPort: number): Document {
  const { farm, server } = document.types;
  const { servers } = document.actuators;
  const { pool } = servers as { readonly pool: { readonly properties: Json } };
  const { web } = document.elements;
  return {
    ...document,
    types: {
      ...document.types,
      farm: { ...farm, commands: { ...farm.commands, scale: { ...farm.commands.scale, min: 1 } } },
      server: { ...server, properties: { ...server.properties, balancer: { description: 'the port of its balancer' } } },
    },
    elements: { [FARMS.stays]: web!, [FARMS.tried]: { ...web!, properties: { ...web!.properties, firstPort } } },
    probes: document.probes.map(({ element, ...probe }) => ({
      ...probe,
      ...(element === undefined ? {} : { scope: { type: 'farm' } }),
      ...(probe.name === 'response-times' ? { path: 'raw/balancer-{id}.jsonl' } : {}),
      ...(probe.name === 'balancer' ? { url: 'http://127.0.0.1:{firstPort}/admin/stats' } : {}),
    })),
    actuators: {
      ...document.actuators,
      servers: { ...servers, pool: { ...pool, properties: { ...pool.properties, balancer: { base: 'firstPort', step: 0 } } } },
    },
  };
}
