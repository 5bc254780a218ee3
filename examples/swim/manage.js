/** What a manager sees of the site and does to it, by the names of `homeostat.json`: the same over TCP as in the same process. */

/** All that the probe measures. @param {import('./site.js').Site} site */
export function measured(site) {
  const [basic, optional] = [site.answered('basic'), site.answered('optional')];
  let utilization = 0;
  for (let i = 1; i <= site.activeServers; i++) utilization += site.utilization(`server${i}`) ?? 0;
  return {
    servers: site.servers,
    activeServers: site.activeServers,
    maxServers: site.maxServers,
    dimmer: site.dimmer,
    arrivalRate: site.arrivalRate(),
    basicTime: basic.time,
    basicThroughput: basic.throughput,
    optionalTime: optional.time,
    optionalThroughput: optional.throughput,
    utilization,
  };
}

/**
 * Carries a command out, if the site would survive it: `scale` adds or removes one server, `dim` sets the dimmer.
 * @param {import('./site.js').Site} site @param {string} command @param {number} to
 */
export function carryOut(site, command, to) {
  if (command === 'dim') {
    site.setDimmer(to);
    return { status: 'succeeded', detail: `the dimmer is ${to}` };
  }
  if (site.servers !== site.activeServers) return { status: 'failed', detail: 'a server boots or drains' };
  if (Math.abs(to - site.servers) !== 1) return { status: 'failed', detail: `${to} is not one more or one less than ${site.servers}` };
  if (to > site.servers) site.addServer();
  else site.removeServer();
  return { status: 'succeeded', detail: `there are to be ${to} servers` };
}
