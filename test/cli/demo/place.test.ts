import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePlace } from '../../../src/cli/demo/place.ts';
import { freePorts } from '../../../src/cli/demo/ports.ts';
import { loadConfiguration } from '../../../src/config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-place-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a run gets a copy of the example with ports of its own, which is right as it is', async () => {
  const place = await makePlace(join(folder, 'a'));
  const { configuration, findings } = loadConfiguration(place.managerFile);
  expect(findings).toEqual([]);
  const text = readFileSync(place.managerFile, 'utf8');
  expect(text).not.toMatch(/\b83(00|99)\b/);
  expect(text).toContain(`http://127.0.0.1:${place.ports.balancer}/admin/servers/{port}`);
  expect(configuration!.setup.elements.web!.properties!.firstPort).toBe(place.ports.balancer);
  expect(existsSync(place.program('load'))).toBe(true);
});

test('the folder of an earlier run is emptied, and any other is left alone', async () => {
  const mine = join(folder, 'mine');
  await makePlace(mine);
  writeFileSync(join(mine, 'summary.json'), 'old');
  await makePlace(mine);
  expect(existsSync(join(mine, 'summary.json'))).toBe(false);

  writeFileSync(join(folder, 'precious.txt'), 'keep me');
  await expect(makePlace(folder)).rejects.toMatchObject({ code: 'H501' });
  expect(readFileSync(join(folder, 'precious.txt'), 'utf8')).toBe('keep me');
});

test('free ports lie in a row, and can be listened on', async () => {
  const first = await freePorts(4);
  for (let port = first; port < first + 4; port++) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => server.close(resolve));
  }
});
