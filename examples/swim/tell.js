/** The actuator: `node tell.js scale 3` or `node tell.js dim 0.5`. Ends with 1, and the reason, if it was not done. */
import { connected } from './client.js';
import { carryOut } from './manage.js';

const [command, to] = process.argv.slice(2);
const { ask, close } = await connected();
const { status, detail } = await carryOut(ask, command, Number(to));
console.log(detail);
close();
process.exitCode = status === 'succeeded' ? 0 : 1;
