/** Reads the store in the folder of its argument over and over while another process writes it, until it is told to stop; then tells what it saw. */
import { verify } from '../../src/replay.ts';
import { openStore } from './kept.ts';

const store = openStore(process.argv[2]!, { readOnly: true });
let stopped = false;
process.once('message', () => {
  stopped = true;
});
const seen = new Set<number>();
let differences = 0;
while (!stopped) {
  const state = store.load(); // throws unless the state has the hash of its last step
  seen.add(state.position.step);
  differences += verify(store).differences;
  store.journal(0, -50);
  process.send?.(state.position.step);
  await new Promise((resolve) => setImmediate(resolve));
}
await store.close();
process.send?.({ states: seen.size, differences }, () => process.disconnect());
