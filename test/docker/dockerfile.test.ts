/** The Dockerfile, read by rules that each name a mistake. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** Instructions with their continued lines joined; comments are left out. */
function instructionsOf(text: string): readonly Instruction[] {
  const joined = text.replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, ' ');
  return joined.split('\n').flatMap((line) => {
    const [, word, rest] = /^([A-Z]+)\s+(.+)$/.exec(line.trim()) ?? [];
    return word === undefined ? [] : [{ word, rest: rest! }];
  });
}

/** What is wrong, by rule. */
function lint(text: string): string[] {
  const all = instructionsOf(text);
  const of = (word: string) => all.filter((one) => one.word === word).map(({ rest }) => rest);
  const last = all.slice(all.map(({ word }) => word).lastIndexOf('FROM'));
  const inLast = (word: string) => last.filter((one) => one.word === word).map(({ rest }) => rest);
  const wrong: string[] = [];
  const rule = (holds: boolean, name: string) => {
    if (!holds) wrong.push(name);
  };
  rule(
    of('FROM').every((from) => /^[a-z0-9/.-]+:\d+\.\d+\.\d+[a-z0-9.-]*( AS [a-z]+)?$/.test(from)),
    'a base is pinned to one version',
  );
  rule(of('FROM').length >= 2, 'what builds is not what runs');
  rule(
    inLast('USER').length > 0 && /^[1-9]\d*:[1-9]\d*$/.test(inLast('USER').at(-1)!),
    'it does not run as root, and Kubernetes can see so by the number',
  );
  rule(
    last.findIndex(({ word }) => word === 'USER') > last.map(({ word }) => word).lastIndexOf('RUN'),
    'nothing is done after the user is another',
  );
  rule(inLast('HEALTHCHECK').length === 1, 'it can be asked whether it is well');
  rule(
    ['ENTRYPOINT', 'CMD'].every((word) => inLast(word).every((rest) => rest.startsWith('['))) && inLast('ENTRYPOINT').length === 1,
    'signals reach the program, and no shell before it',
  );
  rule(of('ADD').length === 0, 'nothing is fetched or unpacked by ADD');
  rule(
    of('RUN').every((run) => !/\bnpm (install|i)\b/.test(run)),
    'packages are those of the lock file',
  );
  rule(
    of('RUN').every((run) => !/\bnpm ci\b/.test(run) || run.includes('--ignore-scripts')),
    'no package runs a script',
  );
  rule(
    of('RUN').every((run) => !/curl|wget/.test(run)),
    'nothing is fetched that nobody has checked',
  );
  rule(
    [...of('ARG'), ...of('ENV')].every((rest) => !/PASS|TOKEN|SECRET|KEY/i.test(rest)),
    'no secret is in a layer',
  );
  rule(
    of('COPY').every((rest) => rest.startsWith('--from=') || !/^\.(\/)?\s/.test(rest)),
    'only what is named is copied',
  );
  rule(inLast('STOPSIGNAL').join() === 'SIGTERM', 'it is told to stop by the signal that it knows');
  return wrong;
}

const text = readFileSync(join(root, 'docker/Dockerfile'), 'utf8');

test('the Dockerfile keeps the rules', () => {
  expect(lint(text)).toEqual([]);
});

test.each([
  [(good: string) => good.replaceAll('node:20.20.2-bookworm-slim', 'node:latest'), 'a base is pinned to one version'],
  [(good: string) => good.replace(/^USER .*$/m, 'USER root'), 'it does not run as root, and Kubernetes can see so by the number'],
  [(good: string) => good.replace(/^ENTRYPOINT .*$/m, 'ENTRYPOINT node main.js'), 'signals reach the program, and no shell before it'],
  [(good: string) => good.replace('npm ci --ignore-scripts', 'npm install'), 'packages are those of the lock file'],
  [(good: string) => good.replace('ENV NODE_ENV=production', 'ENV API_TOKEN=abc'), 'no secret is in a layer'],
  [(good: string) => good.replace('COPY src ./src', 'COPY . .'), 'only what is named is copied'],
])('a Dockerfile that breaks a rule is told so', (spoil, rule) => {
  expect(lint(spoil(text))).toContain(rule);
});

test('what is copied from the project is there, and goes to the builder', () => {
  const sent = readFileSync(join(root, 'docker/Dockerfile.dockerignore'), 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const copied = instructionsOf(text)
    .filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from='))
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
  for (const path of copied) expect([path, existsSync(join(root, path)), sent]).toEqual([path, true, expect.arrayContaining([path])]);
});
