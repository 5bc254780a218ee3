import { rmSync } from 'node:fs';

export default function end() {
  // A server that is still ending may write into it.
  rmSync(process.env.TMPDIR, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
