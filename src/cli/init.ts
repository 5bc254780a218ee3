/** `homeostat init`: a small manager file, a policy and its scenario that run as they are, on this machine alone. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from '../config.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import { EXIT, print, printJson } from './output.ts';
import { DEFAULT_FILE } from './place.ts';
import { table } from './text.ts';

const SCHEMAS = fileURLToPath(new URL('../../schemas/', import.meta.url));
const RULES = 'rules/host.json';
const SCENARIO = 'scenarios/cpu-is-busy.json';

export function init(directory: string, { json }: { readonly json: boolean }): number {
  const files = new Map<string, object>([
    [DEFAULT_FILE, managerFile],
    [RULES, rulesFile],
    [SCENARIO, scenarioFile],
  ]);
  const there = [...files.keys()].filter((name) => existsSync(join(directory, name)));
  if (there.length > 0)
    throw new HomeostatError(
      'H501',
      `${there.map((name) => join(directory, name)).join(', ')} ${there.length === 1 ? 'is' : 'are'} there already, and nothing was written; give another folder: homeostat init DIR`,
    );
  for (const [name, document] of files) write(join(directory, name), name, document);
  if (json) printJson({ directory, files: [...files.keys()] });
  else for (const line of next(directory)) print(line);
  return EXIT.good;
}

function write(path: string, name: string, document: object): void {
  const schema = `${name === DEFAULT_FILE ? 'manager' : name === RULES ? 'policies' : 'scenario'}.schema.json`;
  const $schema = relative(dirname(resolve(path)), join(SCHEMAS, schema));
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify({ $schema, ...document }, null, 2)}\n`, { flag: 'wx' });
  } catch (thrown) {
    throw new HomeostatError('H302', `${path} cannot be written: ${messageOf(thrown)}; give a folder that can`, { cause: thrown });
  }
}

function* next(directory: string): IterableIterator<string> {
  const homeostat = environment().npm_command === 'exec' ? 'npx homeostat' : 'homeostat';
  yield `Written to ${directory}:`;
  yield* table([
    [DEFAULT_FILE, 'what is watched: this machine. Its mode is observe: nothing is done'],
    [RULES, 'one policy: cpu-is-busy'],
    [SCENARIO, 'its test, on a virtual clock'],
  ]);
  yield '';
  yield 'Type next:';
  yield* table([
    ...(resolve(directory) === resolve('.') ? [] : [[`cd ${directory}`, '']]),
    [`${homeostat} test`, 'plays the scenario'],
    [`${homeostat} run`, 'watches this machine until Ctrl-C'],
  ]);
  yield 'and meanwhile, in another terminal, there:';
  yield* table([
    [`${homeostat} status`, 'what is'],
    [`${homeostat} explain this-host`, 'why it would do something, or not'],
    [`${homeostat} journal --follow`, 'what happens'],
  ]);
}

const share = (description: string) => ({ description: `${description}, 0 to 1` });

const managerFile = {
  mode: 'observe',
  types: {
    host: {
      description: 'The machine that the manager runs on.',
      properties: {
        cpu: { ...share('share of all cores that is busy, mean over 10 s'), gauge: { kind: 'mean', window: '10s' } },
        load1: { description: 'processes that run or want to, mean over a minute' },
        load5: {},
        load15: {},
        memoryUsedShare: share('share of the memory that is in use'),
        memoryUsedBytes: { unit: 'bytes' },
        memoryAvailableBytes: { unit: 'bytes' },
      },
    },
  },
  elements: { 'this-host': { type: 'host' } },
  probes: [{ name: 'machine', kind: 'host', element: 'this-host', every: '1s' }],
  policies: [RULES],
};

const rulesFile = {
  policies: [
    {
      name: 'cpu-is-busy',
      why: 'A machine that is busy on all cores has no room for what comes next.',
      scope: { type: 'host' },
      conditions: { all: [{ fact: 'cpu', operator: 'greaterThan', value: 0.8 }] },
      for: '30s',
      cooldown: '10m',
      actions: [{ command: 'notify', params: { text: 'all cores have been busy for half a minute', cpu: { fact: 'cpu' } } }],
    },
  ],
};

const scenarioFile = {
  description: 'Busy for a moment is no news. Busy for half a minute is told, once in ten minutes.',
  manager: '../homeostat.json',
  mode: 'act',
  every: '10s',
  series: { 'this-host/cpu': '0.2x3 0.9x6 0.2x3' },
  expect: [
    { at: '40s', policy: 'cpu-is-busy', element: 'this-host', heldBy: 'for' },
    { from: '50s', to: '70s', command: { element: 'this-host', command: 'notify' } },
    { at: '70s', policy: 'cpu-is-busy', element: 'this-host', heldBy: 'cooldown' },
    { at: '100s', policy: 'cpu-is-busy', element: 'this-host', symptom: 'clear' },
  ],
};
