/** Holds the folder of its argument until it is killed. */
import { lockFolder } from '../../src/knowledge/lock.ts';

await lockFolder(process.argv[2]!);
setInterval(() => {}, 60_000);
process.send?.('held');
