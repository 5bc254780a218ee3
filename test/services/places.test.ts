/** Two places over a real broker: a process of managers, and on another host, which here is another folder, the agent of its own place alone. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { folderWith, homeostat, put, start, tidyUp } from '../cli/homeostat.ts';
import { describeWith, type KafkaServer, startKafka } from '../servers/index.ts';

/** The program writes down who has started it. */
const mark = (then = 'true') => ({ kind: 'exec', run: ['sh', '-c', `echo $PPID >> marks; ${then}`] });
const action = (command: string) => ({
  name: command,
  scope: { type: 'host' },
  conditions: { all: [{ fact: 'measuredBy', operator: 'greaterThan', value: 0 }] },
  actions: [{ command }],
});
const RULES = { policies: [action('mark-here'), action('mark-there')] };

const documentOf = (broker: string) => ({
  domain: 'places',
  mode: 'act',
  types: {
    host: {
      properties: { measuredBy: { stale: 'never' } },
      commands: { 'mark-here': { actuator: 'here' }, 'mark-there': { actuator: 'there' } },
    },
  },
  elements: { web: { type: 'host' } },
  probes: [
    {
      name: 'who',
      kind: 'exec',
      at: 'rack-3',
      element: 'web',
      every: '500ms',
      command: ['sh', '-c', 'echo $PPID'],
      output: 'number',
      property: 'measuredBy',
    },
  ],
  actuators: { here: mark(), there: { ...mark('while [ ! -e go ]; do sleep 0.1; done; echo over >> marks'), at: 'rack-3' } },
  policies: ['rules.json'],
  services: { name: 'places', partitions: 1, session: '6s', kafka: { brokers: [broker] } },
});

const NO_BROKER = '127.0.0.1:1';
const home = (document: object) => folderWith({ 'homeostat.json': document, 'rules.json': RULES });
const linesOf = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);

afterEach(tidyUp);

test('places that are not there, and agents without services, are refused before anything is begun', async () => {
  const folder = home(documentOf(NO_BROKER));
  for (const command of ['run', 'agent'])
    expect(await homeostat([command, '--place', 'rack-4'], folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no probe and no actuator of homeostat.json is at a place "rack-4"; its places: default, rack-3'),
    });
  expect(await homeostat(['agent'], folder)).toMatchObject({ status: 2, stderr: expect.stringContaining('--place') });
  const alone = home({ ...documentOf(NO_BROKER), services: undefined, probes: [], actuators: { here: mark(), there: mark() } });
  expect(await homeostat(['agent', '--place', 'default'], alone)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('agents need services, and homeostat.json has none'),
  });
  expect(await homeostat(['run', '--place', 'default'], alone)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('places need services'),
  });
});

describeWith('kafka', 'two places over Kafka', () => {
  let kafka: KafkaServer;
  beforeAll(async () => {
    kafka = await startKafka();
  }, 120_000);
  afterAll(() => kafka.stop());

  test('the probe and the actuator of a place run in the process of its agent, and all else where the managers are', async () => {
    const document = documentOf(`127.0.0.1:${kafka.port}`);
    const [here, there] = [home(document), home(document)];
    const manager = start(['run', '--json'], here);
    await manager.said('"url"');
    const agent = start(['agent', '--place', 'rack-3', '--json'], there);
    await agent.said('"url"');
    while (linesOf(join(here, 'marks')).length + linesOf(join(there, 'marks')).length < 2) await wait(100);
    expect(linesOf(join(here, 'marks'))).toEqual([String(manager.child.pid)]);
    expect(linesOf(join(there, 'marks'))).toEqual([String(agent.child.pid)]);

    const status = await homeostat(['status', '-m', '.homeostat/managers/1', '--json'], here);
    expect(JSON.parse(status.stdout)).toMatchObject({
      elements: [{ id: 'web', readings: { measuredBy: { value: agent.child.pid } } }],
      agents: [{ place: 'default', working: true, failure: null }],
    });
    expect((await homeostat(['status', '-m', '.homeostat/managers/1'], here)).stdout).toMatch(
      /places of this process\n {2}default +its agent works here/,
    );

    expect(readdirSync(join(there, '.homeostat'))).toContain('agents');
    const { url, token } = JSON.parse(readFileSync(join(there, '.homeostat/agents/1/api.json'), 'utf8')) as { url: string; token: string };
    const ask = (path: string) => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask('/healthz')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(200);
    expect(await (await ask('/metrics')).text()).toContain('homeostat_agent_working{place="rack-3"} 1');
    expect(await (await ask('/status')).json()).toMatchObject({ message: expect.stringContaining('has agents and no manager') });

    agent.child.kill('SIGHUP');
    await agent.said('"msg":"reloaded"');
    const audits = async () => (await homeostat(['journal', '-m', '.homeostat/managers/1', '--json', '--limit', '1000'], here)).stdout;
    while (!(await audits()).includes('signal HUP')) await wait(100);

    const reloaded = await fetch(`${url}/reload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"reason":"a new rack"}',
    });
    expect([reloaded.status, await reloaded.json()]).toMatchObject([200, { changed: false }]);
    while (!(await audits()).includes('a new rack')) await wait(100);

    // The command is under way: its end is waited for, and told.
    agent.child.kill('SIGTERM');
    await agent.said('"msg":"stopping"');
    put(there, 'go', '');
    expect(await agent.ended).toMatchObject({ status: 0 });
    expect(linesOf(join(there, 'marks'))).toEqual([String(agent.child.pid), 'over']);
    while (!(await audits()).includes('mark-there on web succeeded')) await wait(100);
    manager.child.kill('SIGTERM');
    expect(await manager.ended).toMatchObject({ status: 0 });
  }, 90_000);
});
