/** The site over TCP, on a clock of the test's own: every command, and every error. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { loadConfiguration } from '../../../src/config.ts';
import { arrivalsOf, Site } from './modules.ts';

type Ask = (lines: readonly string[]) => Promise<readonly string[]>;
const load = (name: string) => import(new URL(`../../../examples/swim/${name}.js`, import.meta.url).href);
const { serve } = (await load('serve')) as {
  serve(options: { site: Site; live: () => void; aborted: (error: Error) => void }): Server;
};
const { connected } = (await load('client')) as { connected(port: number): Promise<{ ask: Ask; close: () => void }> };
const { measured, carryOut } = (await load('manage')) as {
  measured(ask: Ask): Promise<Record<string, number>>;
  carryOut(ask: Ask, command: string, to: number): Promise<{ readonly status: string; readonly detail: string }>;
};

let close: (() => void)[] = [];
afterEach(() => {
  for (const one of close) one();
  close = [];
});

/** Ten requests a second for as long as anybody looks, at 100 s of the site. */
async function served(options: { servers?: number } = {}) {
  const arrivals = arrivalsOf(Array.from({ length: 10_000 }, () => 0.1));
  const site = new Site({ arrivals, seed: 1, bootS: 60, initialServers: options.servers ?? 3 });
  const clock = { now: 100 };
  const aborts: string[] = [];
  const server = serve({ site, live: () => site.advance(clock.now), aborted: ({ message }) => aborts.push(message) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const client = async () => {
    const one = await connected(port);
    close.push(one.close);
    return one;
  };
  return { site, clock, aborts, port, client, ...(await client()) };
}

test('each probe is answered by its number, in the order of the lines', async () => {
  const { ask } = await served();
  expect(await ask(['get_dimmer', 'get_servers', 'get_active_servers', 'get_max_servers'])).toEqual(['0.9', '3', '3', '3']);
  const names = ['get_basic_rt', 'get_basic_throughput', 'get_opt_rt', 'get_opt_throughput', 'get_arrival_rate', 'get_utilization server1'];
  const [basicTime, basic, optionalTime, optional, rate, busy] = (await ask(names)).map(Number);
  expect(Math.abs(rate! - 10)).toBeLessThan(0.1);
  expect(Math.abs(basic! + optional! - 10)).toBeLessThan(0.2);
  expect(optional! / basic!).toBeGreaterThan(4);
  expect(basicTime!).toBeLessThan(0.01);
  expect(optionalTime!).toBeGreaterThan(0.03);
  expect(busy!).toBeGreaterThan(0.1);
});

test('servers come and go, and the dimmer is set', async () => {
  const { ask, clock } = await served();
  expect(await ask(['remove_server', 'set_dimmer 0.5', 'get_dimmer'])).toEqual(['OK', 'OK', '0.5']);
  clock.now = 110;
  expect(await ask(['get_servers', 'add_server', 'get_servers', 'get_active_servers'])).toEqual(['2', 'OK', '3', '2']);
  clock.now = 170;
  expect(await ask(['get_active_servers'])).toEqual(['3']);
});

test('what is wrong is an error, and the connection goes on', async () => {
  const { ask, clock } = await served();
  await ask(['remove_server']);
  clock.now = 110;
  const wrong = [
    'get_weather',
    '',
    'toString',
    'get_dimmer 1',
    'add_server 2',
    'get_utilization',
    'get_utilization server9',
    'set_dimmer',
    'set_dimmer dark',
    'set_dimmer 1.1',
    'set_dimmer -0.1',
  ];
  expect((await ask(wrong)).every((line) => line.startsWith('error:'))).toBe(true);
  expect(await ask(['add_server', 'get_utilization server3', 'get_dimmer'])).toEqual([
    'OK',
    expect.stringMatching(/^error: .*boots/),
    '0.9',
  ]);
});

test.each([
  ['add_server at the maximum', 3, ['add_server'], 'as many servers'],
  ['remove_server at one', 1, ['remove_server'], 'one server only'],
  ['remove_server while another boots', 2, ['add_server', 'remove_server'], 'a server is booting'],
])('%s aborts the simulator', async (_name, servers, lines, reason) => {
  const { ask, aborts } = await served({ servers });
  await expect(ask([...lines, 'get_dimmer'])).rejects.toThrow('closed');
  expect(aborts).toEqual([expect.stringContaining(reason)]);
});

test('a second client waits until the first has gone', async () => {
  const { ask, close: leave, client } = await served();
  await ask(['get_dimmer']);
  const second = await client();
  let answered = false;
  const answer = second.ask(['get_servers']).then((lines) => {
    answered = true;
    return lines;
  });
  await ask(['set_dimmer 1']);
  expect(answered).toBe(false);
  leave();
  expect(await answer).toEqual(['3']);
});

test('a line in pieces is one line, and one without an end is cut off', async () => {
  const { port, close: leave } = await served();
  leave();
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  close.push(() => socket.destroy());
  socket.write('get_ser');
  socket.write('vers\r\n');
  expect((await once(socket, 'data'))[0]).toBe('3\n');
  socket.write('x'.repeat(300));
  expect((await once(socket, 'data'))[0]).toMatch(/^error: .*too long/);
});

test('the probe measures what the types of homeostat.json know, and leaves out what has no number', async () => {
  const { ask, clock } = await served();
  const { configuration } = loadConfiguration(fileURLToPath(new URL('../../../examples/swim/homeostat.json', import.meta.url)));
  const known = Object.keys(configuration!.setup.types.site!.properties!);
  const names = Object.keys(await measured(ask));
  expect(names).toHaveLength(10);
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
  clock.now = 0;
  const silent: Ask = async (lines) => lines.map((line) => (line.startsWith('get_utilization') ? 'error: it boots' : '1'));
  expect(Object.keys(await measured(silent))).not.toContain('utilization');
});

test('the actuator looks before it acts, and never aborts the simulator', async () => {
  const { ask, aborts, clock } = await served({ servers: 2 });
  const status = async (command: string, to: number) => (await carryOut(ask, command, to)).status;
  expect(await status('scale', 2)).toBe('succeeded');
  expect(await status('scale', 4)).toBe('failed');
  expect(await status('scale', 0)).toBe('failed');
  expect(await status('scale', 3)).toBe('succeeded');
  expect(await status('scale', 2)).toBe('failed');
  clock.now = 170;
  expect(await status('scale', 4)).toBe('failed');
  expect(await status('scale', 2)).toBe('succeeded');
  expect(await status('dim', 0.5)).toBe('succeeded');
  expect(await status('dim', 2)).toBe('failed');
  expect(await status('dance', 1)).toBe('failed');
  expect(aborts).toEqual([]);
});
