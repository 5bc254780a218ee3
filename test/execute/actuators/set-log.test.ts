import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logKind } from '../../../src/execute/actuators/log.ts';
import { setKind } from '../../../src/execute/actuators/set.ts';
import { makeRig, never, order, type Rig } from './rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = makeRig();
});
afterEach(() => rig.end());

describe('set', () => {
  test('the parameter "to" is the value of the command’s resource, any other that of its name', async () => {
    const actuator = setKind.create({}, rig.context);
    const result = await actuator.execute(order('tune', 'shop', { to: 3, mode: 'eco', quiet: true }), never);
    expect(result).toMatchObject({
      status: 'succeeded',
      detail: 'servers = 3, mode = eco, quiet = true',
      observations: [
        { element: 'shop', property: 'servers', value: 3, source: 'hand' },
        { element: 'shop', property: 'mode', value: 'eco' },
        { element: 'shop', property: 'quiet', value: true },
      ],
    });
  });

  test('without a parameter there is nothing to set, and without an outcome it never began', async () => {
    const actuator = setKind.create({}, rig.context);
    expect(await actuator.execute(order('tune', 'shop'), never)).toMatchObject({ status: 'failed' });
    expect(await actuator.inquire?.(order('tune', 'shop', { to: 3 }), never)).toBeUndefined();
  });
});

describe('log', () => {
  test('a text goes to the log, with the command it belongs to, at the level of the options or of the command', async () => {
    const actuator = logKind.create({ level: 'warn' }, rig.context);
    const given = order('notify', 'shop', { text: 'a server more did not help' });
    expect(await actuator.execute(given, never)).toEqual({ status: 'succeeded', detail: 'a server more did not help' });
    await actuator.execute(order('notify', 'shop', { level: 'error' }), never);
    await logKind.create({}, rig.context).execute(order('notify', 'shop', { level: 'silly' }), never);
    expect(rig.logged).toMatchObject([
      { level: 40, msg: 'a server more did not help', command: given.command.id, element: 'shop', policy: 'p' },
      { level: 50, msg: 'notify shop' },
      { level: 30, msg: 'notify shop' },
    ]);
  });

  test('a file gets a line of JSON for each text, and is asked after a restart', async () => {
    const actuator = logKind.create({ file: 'notes/today.jsonl' }, rig.context);
    const file = join(rig.folder, 'notes/today.jsonl');
    const [first, second] = [order('notify', 'shop', { text: 'one\ntwo' }), order('notify', 'shop')];
    expect(await actuator.inquire?.(first, never)).toBeUndefined();
    await actuator.execute(first, never);
    // A line that a full disk has torn.
    appendFileSync(file, `{"time":1,"command":"${second.command.id}","po`);
    expect(await actuator.inquire?.(second, never)).toBeUndefined();
    await actuator.execute(second, never);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(JSON.parse(lines[0]!)).toMatchObject({
      command: first.command.id,
      element: 'shop',
      text: 'one\ntwo',
      params: { text: 'one\ntwo' },
    });
    expect(JSON.parse(lines[2]!)).toMatchObject({ command: second.command.id });
    expect(await actuator.inquire?.(first, never)).toMatchObject({ status: 'succeeded' });
    expect(await actuator.inquire?.(second, never)).toMatchObject({ status: 'succeeded' });
  });

  test('a file that cannot be written is a failure', async () => {
    const actuator = logKind.create({ file: '/dev/null/x' }, rig.context);
    await expect(actuator.execute(order('notify', 'shop'), never)).rejects.toThrow('/dev/null');
    expect(rig.logged).toEqual([]);
  });
});
