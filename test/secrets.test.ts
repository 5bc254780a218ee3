import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Findings } from '../src/compile/report.ts';
import { Secret } from '../src/documents/secret.ts';
import { HomeostatError } from '../src/errors.ts';
import { placeOf, readSecret } from '../src/secrets.ts';
import { validate } from '../src/validate.ts';

const directory = mkdtempSync(join(tmpdir(), 'homeostat-secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));
const source = { environment: { PASSWORD: 'hunter 2', NOTHING: '' }, directory };

/** The message and code of what reading throws. */
function refusal(secret: Secret): { code: string; message: string } {
  try {
    readSecret(secret, source, 'mqtt.password');
  } catch (thrown) {
    if (thrown instanceof HomeostatError) return { code: thrown.code, message: thrown.message };
  }
  throw new Error('nothing was refused');
}

test('a secret is read from the environment that is given, spaces and all', () => {
  expect(readSecret({ env: 'PASSWORD' }, source, 'mqtt.password')).toBe('hunter 2');
});

test('a secret is read from a file beside the manager file, without the line break at its end, and afresh each time', () => {
  writeFileSync(join(directory, 'secret'), 'first\n');
  expect(readSecret({ file: 'secret' }, source, 'mqtt.password')).toBe('first');
  writeFileSync(join(directory, 'secret'), ' second \r\n');
  expect(readSecret({ file: 'secret' }, source, 'mqtt.password')).toBe(' second ');
});

test('what is not there, empty or too large is refused with who needs it, its place and the remedy', () => {
  expect(refusal({ env: 'MISSING' })).toEqual({
    code: 'H008',
    message: 'mqtt.password: there is no environment variable MISSING; set it, or name a file: {"file": "path"}',
  });
  expect(refusal({ env: 'toString' }).code).toBe('H008');
  expect(refusal({ env: 'NOTHING' }).message).toBe('mqtt.password: environment variable NOTHING is empty');
  expect(refusal({ file: 'none' }).message).toMatch(/^mqtt\.password: .*\/none cannot be read: .*ENOENT/);
  writeFileSync(join(directory, 'large'), 'x'.repeat(65_537));
  expect(refusal({ file: 'large' }).message).toMatch(/more than 65536 bytes/);
  expect(placeOf({ file: 'large' })).toBe('file large');
});

test('a document cannot hold the secret itself', () => {
  const wrong = (document: unknown) => {
    const findings = new Findings();
    return validate(Secret, document, { file: 'homeostat.json', pointer: '/x' }, findings) ? [] : findings.list;
  };
  expect(wrong({ env: 'A_B' })).toEqual([]);
  expect(wrong({ file: 'a/b' })).toEqual([]);
  expect(wrong('hunter2').length).toBeGreaterThan(0);
  expect(wrong({ value: 'hunter2' }).length).toBeGreaterThan(0);
  expect(wrong({ env: 'A', file: 'b' }).length).toBeGreaterThan(0);
});
