/** Reads the source as a reader does, and holds what reviews would have to hold otherwise. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src/', import.meta.url));
const files = (readdirSync(src, { recursive: true }) as string[]).filter((f) => f.endsWith('.ts')).sort();
const textOf = new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]));

/** What a file imports: ours as a path below src, others by package. Types only or not. */
function importsOf(file: string): { readonly to: string; readonly typeOnly: boolean }[] {
  const found: { to: string; typeOnly: boolean }[] = [];
  for (const [, type, from] of textOf.get(file)!.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'";]*?from\s+)?'([^']+)';/gm)) {
    found.push({
      to: from!.startsWith('.') ? relative('/', normalize(join('/', dirname(file), from!))) : from!,
      typeOnly: type !== undefined,
    });
  }
  return found;
}

/** These, and all that is loaded with them. */
function reachedFrom(...roots: string[]): string[] {
  const reached = new Set(roots);
  for (const file of reached) for (const { to, typeOnly } of importsOf(file)) if (!typeOnly && textOf.has(to)) reached.add(to);
  return [...reached].sort();
}

/** Files that decide, or are called by those that do: everything that the step reaches. */
const deciding = (): string[] => reachedFrom('step.ts', 'knowledge/state.ts', 'knowledge/derived.ts');

test('what decides reads no clock, no chance, no environment, no file, no network, and waits for nothing', () => {
  const banned =
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(env|hrtime|cwd|pid)|\bsetTimeout\(|\bsetInterval\(|\bsetImmediate\(|\bperformance\.now\(|\bawait\b|\basync\b(?!:)|\bPromise\b|\blocaleCompare\(|\brandomUUID\b/;
  const wrong = deciding().flatMap((file) =>
    textOf
      .get(file)!
      .split('\n')
      .flatMap((line, i) => (banned.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
  );
  expect(wrong).toEqual([]);
  const modules = new Set(
    deciding().flatMap((file) =>
      importsOf(file)
        .filter((i) => !i.typeOnly && i.to.startsWith('node:'))
        .map((i) => `${file} ${i.to}`),
    ),
  );
  expect([...modules]).toEqual([]);
});

test('what decides makes dates in one file only, and always of an instant that is given', () => {
  const lines = deciding().flatMap((file) =>
    textOf
      .get(file)!
      .split('\n')
      .filter((line) => /\bDate\b(?!TimeFormat)/.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
      .map((line) => ({ file, line: line.trim() })),
  );
  expect([...new Set(lines.map(({ file }) => file))]).toEqual(['compile/schedule.ts']);
  expect(lines.filter(({ line }) => !/\b(new Date|Date\.parse)\([^)]/.test(line))).toEqual([]);
  // Cron is never given a job to run, which would start a timer, and never asked without an instant.
  const asked = [...textOf.get('compile/schedule.ts')!.matchAll(/\bcron\.(\w+)\(([^)]*)/g)].map(([, method, argument]) => [
    method,
    argument !== '',
  ]);
  expect(new Set(asked.map((call) => JSON.stringify(call)))).toEqual(new Set(['["nextRun",true]']));
});

test('the clock, chance and the environment are each read in one file', () => {
  const readers = (pattern: RegExp) =>
    files.filter((file) =>
      textOf
        .get(file)!
        .split('\n')
        .some((line) => pattern.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line)),
    );
  expect(readers(/\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(/)).toEqual(['clock.ts']);
  expect(readers(/\bprocess\.env\b/)).toEqual(['config.ts']);
  expect(readers(/\bMath\.random\(/)).toEqual([]);
});

test('imports point one way', () => {
  const layers: [of: RegExp, mustNotReach: RegExp][] = [
    [/^(messages|errors|clock|duration)\.ts$/, /^(?!(messages|errors|clock|duration|documents\/schema)\.ts$).*\.ts$/],
    // The language of conditions is that of patterns of events too.
    [
      /^monitor\//,
      /^(analyze\/(?!(conditions|parse|temporal)\.ts$)|plan\/|execute\/|api\/|cli\/|bus\/)|^(manager|assemble|config|step|sending)\.ts$/,
    ],
    [/^analyze\//, /^(execute|api|cli|bus)\/|^(manager|assemble|config|step|sending)\.ts$/],
    [/^plan\//, /^(execute|api|cli|bus)\/|^(manager|assemble|config|step|sending)\.ts$/],
    [/^execute\//, /^(monitor|api|cli|bus)\/|^(manager|assemble|config|step|sending)\.ts$/],
    [/^knowledge\//, /^(execute|api|cli|bus)\/|^(manager|assemble|config|step|sending)\.ts$/],
    [/^documents\/(?!publish)/, /^(?!documents\/|messages\.ts|duration\.ts).*\.ts$/],
    [
      /^(step|events|configure)\.ts$/,
      /^(api|cli|bus)\/|^(manager|assemble|config|sending)\.ts$|\/(lmdb|lock)\.ts$|^execute\/(actuators|executor)|^monitor\/(probes|schedule|sensors)/,
    ],
    [/^manager\.ts$/, /^(api|cli)\/|^(assemble|config)\.ts$|\/lmdb\.ts$|^execute\/actuators|^monitor\/probes/],
    [/^(?!cli\/)/, /^cli\//],
  ];
  const wrong = files.flatMap((file) =>
    importsOf(file).flatMap(({ to, typeOnly }) =>
      layers
        .filter(([of, no]) => !typeOnly && of.test(file) && textOf.has(to) && no.test(to))
        .map(([of]) => `${file} imports ${to}, against ${of}`),
    ),
  );
  expect(wrong).toEqual([]);
});

test('each outside library is imported in one place', () => {
  const places = new Map<string, Set<string>>();
  for (const file of files) {
    for (const { to, typeOnly } of importsOf(file)) {
      if (typeOnly || to.startsWith('node:') || textOf.has(to)) continue;
      const library = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : to.split('/')[0]!;
      if (library === 'typebox') continue; // the language that every schema is written in
      places.set(library, (places.get(library) ?? new Set()).add(file));
    }
  }
  expect([...places].filter(([, where]) => where.size > 1).map(([library, where]) => `${library}: ${[...where].join(', ')}`)).toEqual([]);
});

test('a manager that is alone starts without what only others need', () => {
  const heavy = ['typebox', 'kafkajs', 'mqtt', 'influx', '@kubernetes/client-node'];
  const loaded = reachedFrom('cli/run.ts').flatMap((file) =>
    importsOf(file).flatMap(({ to, typeOnly }) => (!typeOnly && heavy.includes(to) ? [`${file} loads ${to}`] : [])),
  );
  expect(loaded).toEqual([]);
});

test('files are short, and few are long', () => {
  const lengths = files.map((file) => [file, textOf.get(file)!.split('\n').length] as const);
  expect(lengths.filter(([, lines]) => lines > 400)).toEqual([]);
  const sorted = lengths.map(([, lines]) => lines).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(120);
});

test('nothing is left unfinished, skipped or unchecked', () => {
  const marks = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck|expect-error)|\bas any\b|: any[;,)\]>=]/;
  const wrong = files.flatMap((file) =>
    textOf
      .get(file)!
      .split('\n')
      .flatMap((line, i) => (marks.test(line) ? [`${file}:${i + 1}`] : [])),
  );
  expect(wrong).toEqual([]);
});
