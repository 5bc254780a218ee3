/** What the site says and does when it is spoken to: a line in, a line out. */

const PROBES = {
  get_dimmer: (site) => site.dimmer,
  get_servers: (site) => site.servers,
  get_active_servers: (site) => site.activeServers,
  get_max_servers: (site) => site.maxServers,
  get_basic_rt: (site) => site.answered('basic').time,
  get_basic_throughput: (site) => site.answered('basic').throughput,
  get_opt_rt: (site) => site.answered('optional').time,
  get_opt_throughput: (site) => site.answered('optional').throughput,
  get_arrival_rate: (site) => site.arrivalRate(),
};

const OK = 'OK';

/**
 * @param {import('./site.js').Site} site
 * @param {string} line
 * @returns {string} a number, OK, or what begins with `error:`
 * @throws Aborted for what the simulator does not survive
 */
export function answer(site, line) {
  const [command = '', ...given] = line.trim().split(/\s+/);
  if (command === 'get_utilization') return utilization(site, given);
  if (command === 'set_dimmer') return setDimmer(site, given);
  const probe = Object.hasOwn(PROBES, command) ? PROBES[command] : undefined;
  if (probe === undefined && command !== 'add_server' && command !== 'remove_server') return `error: unknown command ${command}`;
  if (given.length > 0) return `error: ${command} takes no argument`;
  if (probe !== undefined) return String(probe(site));
  if (command === 'add_server') site.addServer();
  else site.removeServer();
  return OK;
}

function utilization(site, given) {
  if (given.length !== 1) return 'error: get_utilization takes the name of a server';
  const value = site.utilization(given[0]);
  return value === undefined ? `error: server ${given[0]} is not there, or boots` : String(value);
}

function setDimmer(site, given) {
  const value = Number(given[0]);
  if (given.length !== 1 || !(value >= 0 && value <= 1)) return 'error: set_dimmer takes a number from 0 to 1';
  site.setDimmer(value);
  return OK;
}
