/** Starts a server and says which; for the test that kills this process. */
import { startMosquitto } from './mosquitto.ts';

const { pid, folder } = await startMosquitto();
process.stdout.write(`${JSON.stringify({ pid, folder })}\n`);
setInterval(() => undefined, 1_000);
