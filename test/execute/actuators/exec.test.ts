import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execKind } from '../../../src/execute/actuators/exec.ts';
import { makeRig, never, order, type Rig, until } from './rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = makeRig();
  rig.put('shop/lamp', 'lamp', { room: 'hall; rm -rf /' });
});
afterEach(() => rig.end());

const make = (options: Parameters<typeof execKind.create>[0]) => execKind.create(options, rig.context);
const sh = (script: string, ...args: string[]) => ['sh', '-c', script, 'sh', ...args];

test('an order is a program with its placeholders replaced, which no shell reads', async () => {
  const given = order('dim', 'shop/lamp', { to: 40 });
  const actuator = make({ run: ['printf', '%s|', '{id}', '{to}', '{room}', '{command}', '{{x}}'] });
  expect(await actuator.execute(given, never)).toEqual({
    status: 'succeeded',
    detail: `status 0: shop/lamp|40|hall; rm -rf /|${given.command.id}|{x}|`,
  });
});

test('it has the command in its environment, which otherwise is the manager’s without the marks of another', async () => {
  const given = order('dim', 'shop/lamp');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  const run = sh('echo "$HOMEOSTAT_COMMAND $HOMEOSTAT_TERM $HOMEOSTAT_ELEMENT $INHERITED $OWN ${{HOMEOSTAT_OWNER-none}} $PWD"');
  const result = await make({ run, env: { OWN: '{name}' }, cwd: '/' }).execute(given, never);
  expect(result.detail).toBe(`status 0: ${given.command.id} 7 shop/lamp yes lamp none /`);
});

test('another status than 0 is a failure that may pass, with the end of what it said', async () => {
  const run = sh('yes out | head -c 100000; yes err | head -c 100000 >&2; echo the last word >&2; exit 4');
  const result = await make({ run }).execute(order('on', 'shop/lamp'), never);
  expect(result).toMatchObject({ status: 'failed', retryable: true });
  expect(result.detail).toMatch(/^status 4: /);
  expect(result.detail).toMatch(/the last word$/);
  expect(result.detail.length).toBeLessThan(2_100);
});

test('a program that is ended by a signal has failed, and one that is not there has failed for good', async () => {
  expect(await make({ run: sh('kill -9 $$') }).execute(order('on', 'shop/lamp'), never)).toMatchObject({
    status: 'failed',
    detail: 'ended by SIGKILL',
    retryable: true,
  });
  const absent = await make({ run: ['/nowhere/program'] }).execute(order('on', 'shop/lamp'), never);
  expect(absent).toMatchObject({ status: 'failed', retryable: false });
});

test('an abort ends the program and all that it has started', async () => {
  const pids = join(rig.folder, 'pids');
  const run = sh('trap "" TERM; sleep 60 & echo $$ $! > "$1.new"; mv "$1.new" "$1"; wait', pids);
  const abort = new AbortController();
  const running = make({ run }).execute(order('on', 'shop/lamp'), abort.signal);
  await until(() => existsSync(pids));
  abort.abort(new Error('the deadline has passed'));
  expect(await running).toEqual({ status: 'timedOut', detail: 'the deadline has passed' });
  const gone = (pid: string) => !existsSync(`/proc/${pid}`) || /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  await until(() => readFileSync(pids, 'utf8').trim().split(' ').every(gone));
});

test('a program that leaves a helper behind, which holds its output open, has ended nevertheless', async () => {
  const run = sh('echo begun; sleep 60 & echo $! > "$1"', join(rig.folder, 'pid'));
  const result = await make({ run }).execute(order('on', 'shop/lamp'), never);
  process.kill(Number(readFileSync(join(rig.folder, 'pid'), 'utf8')), 'SIGKILL');
  expect(result).toEqual({ status: 'succeeded', detail: 'status 0: begun' });
});

test('asked after a restart: status 0 means done, 3 never begun, anything else that nobody knows', async () => {
  const ask = (status: number) => make({ run: ['true'], inquire: { run: sh(`echo "$1"; exit ${status}`, '{command}') } });
  const given = order('on', 'shop/lamp');
  expect(await ask(0).inquire?.(given, never)).toEqual({ status: 'succeeded', detail: `asked by its id: status 0: ${given.command.id}` });
  expect(await ask(3).inquire?.(given, never)).toBeUndefined();
  await expect(ask(1).inquire?.(given, never)).rejects.toThrow('status 1');
  await expect(make({ run: ['true'] }).inquire?.(given, never)).rejects.toThrow('no `inquire` program');
});

test('asked while the program of an earlier life still runs: nobody says that it never began, and its end is waited for', async () => {
  const file = join(rig.folder, 'effects');
  const inquire = { run: sh('grep -q "$1" "$2" || exit 3', '{command}', file) };
  const run = sh('while [ ! -e "$2.go" ]; do sleep 0.02; done; echo "$1" >> "$2"', '{command}', file);
  const given = order('on', 'shop/lamp');
  writeFileSync(file, '');
  const left = make({ run, inquire }).execute(given, never);
  const marks = join(rig.context.folder, 'programs');
  await until(() => existsSync(join(marks, `${given.command.id}.json`)));
  const next = make({ run, inquire });
  const impatient = new AbortController();
  const asked = next.inquire?.(given, impatient.signal);
  impatient.abort(new Error('no time left'));
  await expect(asked).rejects.toThrow('no time left');
  const answer = next.inquire?.(given, never);
  writeFileSync(`${file}.go`, '');
  expect(await answer).toMatchObject({ status: 'succeeded' });
  expect(await left).toMatchObject({ status: 'succeeded' });
  expect(readFileSync(file, 'utf8')).toBe(`${given.command.id}\n`);
  expect(readdirSync(marks)).toEqual([]);
});
