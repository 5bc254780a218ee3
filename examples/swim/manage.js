/**
 * What a manager sees of the site and does to it, by the names of `homeostat.json`. It speaks the protocol through `ask`, which takes lines and gives their answers:
 * over TCP in `ask.js` and `tell.js`, and in the same process in the benchmark.
 *
 * @typedef {(lines: readonly string[]) => Promise<readonly string[]>} Ask
 */

const LINES = {
  servers: 'get_servers',
  activeServers: 'get_active_servers',
  maxServers: 'get_max_servers',
  dimmer: 'get_dimmer',
  arrivalRate: 'get_arrival_rate',
  basicTime: 'get_basic_rt',
  basicThroughput: 'get_basic_throughput',
  optionalTime: 'get_opt_rt',
  optionalThroughput: 'get_opt_throughput',
};

/** All that the probe measures. What the site has no number for is left out: missing is not zero. @param {Ask} ask */
export async function measured(ask) {
  const answers = (await ask(Object.values(LINES))).map(numberOf);
  const values = Object.fromEntries(Object.keys(LINES).map((name, i) => [name, answers[i]]));
  const names = Array.from({ length: values.activeServers ?? 0 }, (_, i) => `get_utilization server${i + 1}`);
  const busy = (await ask(names)).map(numberOf);
  if (!busy.includes(undefined)) values.utilization = busy.reduce((sum, one) => sum + one, 0);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

const numberOf = (text) => (text.startsWith('error:') || text.trim() === '' || !Number.isFinite(Number(text)) ? undefined : Number(text));

/**
 * Carries a command out, if the site survives it: `scale` adds or removes one server, `dim` sets the dimmer.
 * @param {Ask} ask @param {string} command @param {number} to
 */
export async function carryOut(ask, command, to) {
  if (command === 'dim') return outcomeOf(await ask([`set_dimmer ${to}`]));
  if (command !== 'scale') return failed(`there is no command ${command}`);
  const [servers, active, most] = (await ask(['get_servers', 'get_active_servers', 'get_max_servers'])).map(numberOf);
  if (to === servers) return { status: 'succeeded', detail: `there are ${to} servers already` };
  if (servers !== active) return failed('a server boots or drains');
  if (Math.abs(to - servers) !== 1 || to < 1 || to > most)
    return failed(`from ${servers} servers of at most ${most}, ${to} is not one step`);
  return outcomeOf(await ask([to > servers ? 'add_server' : 'remove_server']));
}

const failed = (detail) => ({ status: 'failed', detail });
const outcomeOf = ([said]) => (said === 'OK' ? { status: 'succeeded', detail: 'OK' } : failed(said));
