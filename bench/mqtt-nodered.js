/** Node-RED with the same rules, as its users write them: a topic, a switch, a trigger that holds off for a second, a topic. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const NODE_RED = '4.1.8';

/** Installs it into a folder. */
export function installNodeRed(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const npm = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', `node-red@${NODE_RED}`], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (npm.status !== 0) throw new Error(`Node-RED could not be installed: ${npm.stderr}`);
  return join(folder, 'node_modules', 'node-red', 'red.js');
}

export function flows(port, version, rules, threshold) {
  const broker = {
    id: 'broker',
    type: 'mqtt-broker',
    broker: '127.0.0.1',
    port: String(port),
    clientid: '',
    autoConnect: true,
    usetls: false,
    protocolVersion: version,
    keepalive: '60',
    cleansession: true,
  };
  const tab = { id: 'tab', type: 'tab', label: 'rules' };
  const rule = (i) => [
    {
      id: `in${i}`,
      type: 'mqtt in',
      z: 'tab',
      topic: `plant/d${i}/load`,
      qos: '0',
      datatype: 'auto-detect',
      broker: 'broker',
      wires: [[`switch${i}`]],
    },
    {
      id: `switch${i}`,
      type: 'switch',
      z: 'tab',
      property: 'payload',
      propertyType: 'msg',
      rules: [{ t: 'gt', v: String(threshold), vt: 'num' }],
      checkall: 'true',
      outputs: 1,
      wires: [[`trigger${i}`]],
    },
    {
      id: `trigger${i}`,
      type: 'trigger',
      z: 'tab',
      op1: 'cool',
      op1type: 'str',
      op2: '',
      op2type: 'nul',
      duration: '1',
      units: 's',
      extend: false,
      overrideDelay: false,
      bytopic: 'all',
      topic: 'topic',
      outputs: 1,
      wires: [[`out${i}`]],
    },
    { id: `out${i}`, type: 'mqtt out', z: 'tab', topic: `plant/d${i}/commands`, qos: '1', retain: 'false', broker: 'broker', wires: [] },
  ];
  return [tab, broker, ...Array.from({ length: rules }, (_, i) => rule(i)).flat()];
}

export function startNodeRed(script, folder, document, prefix) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'flows.json'), JSON.stringify(document));
  writeFileSync(
    join(folder, 'settings.js'),
    `module.exports = { flowFile: 'flows.json', uiPort: 0, uiHost: '127.0.0.1', httpAdminRoot: false, httpNodeRoot: false, credentialSecret: false, telemetry: { enabled: false }, logging: { console: { level: 'warn' } } };`,
  );
  const argv = [...prefix, process.execPath, script, '--userDir', folder, '--settings', join(folder, 'settings.js')];
  return spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] });
}
